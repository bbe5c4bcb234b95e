#pragma once

// Atomic operations under CUDA's names. They are relaxed, as CUDA's are.

#include <atomic>

#include "emulator/engine/yielding.hpp"

namespace polyak::emulator {

/// Replaces `*address` by `update(*address)` in one step and returns the old value.
template <class T, class Update>
T update_atomically(T* address, Update update) {
  before_atomic();
  std::atomic_ref<T> reference(*address);
  T old = reference.load(std::memory_order_relaxed);
  while (!reference.compare_exchange_weak(old, update(old), std::memory_order_relaxed)) {
  }
  return old;
}

}  // namespace polyak::emulator

template <class T, class U>
T atomicAdd(T* address, U value) {
  return polyak::emulator::update_atomically(
      address, [value](T old) { return static_cast<T>(old + static_cast<T>(value)); });
}

template <class T, class U>
T atomicSub(T* address, U value) {
  return polyak::emulator::update_atomically(
      address, [value](T old) { return static_cast<T>(old - static_cast<T>(value)); });
}

template <class T, class U>
T atomicMax(T* address, U value) {
  return polyak::emulator::update_atomically(address, [value](T old) {
    const T candidate = static_cast<T>(value);
    return old < candidate ? candidate : old;
  });
}

template <class T, class U>
T atomicMin(T* address, U value) {
  return polyak::emulator::update_atomically(address, [value](T old) {
    const T candidate = static_cast<T>(value);
    return candidate < old ? candidate : old;
  });
}

template <class T, class U>
T atomicExch(T* address, U value) {
  return polyak::emulator::update_atomically(address, [value](T) { return static_cast<T>(value); });
}

template <class T, class U>
T atomicOr(T* address, U value) {
  return polyak::emulator::update_atomically(
      address, [value](T old) { return static_cast<T>(old | static_cast<T>(value)); });
}

template <class T, class U>
T atomicAnd(T* address, U value) {
  return polyak::emulator::update_atomically(
      address, [value](T old) { return static_cast<T>(old & static_cast<T>(value)); });
}

template <class T, class U, class V>
T atomicCAS(T* address, U expected, V desired) {
  return polyak::emulator::update_atomically(address, [expected, desired](T old) {
    return old == static_cast<T>(expected) ? static_cast<T>(desired) : old;
  });
}

inline unsigned atomicInc(unsigned* address, unsigned limit) {
  return polyak::emulator::update_atomically(
      address, [limit](unsigned old) { return old >= limit ? 0u : old + 1u; });
}
