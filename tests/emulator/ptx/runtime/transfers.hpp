#pragma once

// mbarrier objects that count arrivals and the bytes of asynchronous stores, in phases (PTX ISA,
// "mbarrier"). Fibers give way only where they say so, so each function is one step.

#include "emulator/engine/yielding.hpp"
#include "emulator/ptx/runtime/address_spaces.hpp"

namespace polyak::emulator::ptx {

/// The eight bytes of an mbarrier.
struct TransferState {
  s32 bytes = 0;  // expected, less those that have arrived
  std::uint16_t arrivals = 0, pending_arrivals = 0;

  static constexpr std::uint16_t odd_phase = 0x8000;  // in `arrivals`, which are far fewer

  void complete_if_all_arrived() {
    if (bytes != 0 || pending_arrivals != 0) return;
    arrivals ^= odd_phase;
    pending_arrivals = arrivals & ~odd_phase;
  }
};
static_assert(sizeof(TransferState) == 8);

inline void initialise_transfers(u64 barrier, u32 arrivals) {
  const auto count = static_cast<std::uint16_t>(arrivals);
  store(barrier, TransferState{0, count, count});
}

/// mbarrier.arrive.expect_tx
inline void expect_transfer(u64 barrier, u32 bytes) {
  memory_fence();
  auto state = load<TransferState>(barrier);
  state.bytes += static_cast<s32>(bytes);
  --state.pending_arrivals;
  state.complete_if_all_arrived();
  store(barrier, state);
}

/// mbarrier.complete_tx: what an asynchronous store does after it.
inline void complete_transfer(u64 barrier, u32 bytes) {
  memory_fence();
  auto state = load<TransferState>(barrier);
  state.bytes -= static_cast<s32>(bytes);
  state.complete_if_all_arrived();
  store(barrier, state);
}

/// mbarrier.try_wait.parity: whether the phase of this parity is over; lets others run if not.
inline bool transfers_arrived(u64 barrier, u32 parity) {
  const u32 running = load<TransferState>(barrier).arrivals >> 15;
  if (running == parity) {
    spin_pause();
    return false;
  }
  memory_fence();
  return true;
}

}  // namespace polyak::emulator::ptx
