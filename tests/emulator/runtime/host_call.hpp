#pragma once

#include <mutex>

namespace polyak::emulator {

/// While it lives, no other thread of the host is in a call of the runtime: a host may have several
/// threads, one per device. Calls may make calls, and so may the kernels that a call runs, whose
/// threads are fibers of the host's thread: only its outermost call locks.
class HostCall {
 public:
  HostCall() {
    if (depth()++ == 0) mutex().lock();
  }
  ~HostCall() {
    if (--depth() == 0) mutex().unlock();
  }
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;

 private:
  static int& depth() {
    thread_local int depth = 0;
    return depth;
  }
  static std::mutex& mutex() {
    static std::mutex mutex;
    return mutex;
  }
};

}  // namespace polyak::emulator
