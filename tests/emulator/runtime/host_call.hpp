#pragma once

#include <mutex>

namespace polyak::emulator {

/// While it lives, no other thread of the host is in a call of the runtime: a host may have several
/// threads, one per device. Calls may make calls.
class HostCall {
 public:
  HostCall() : lock_(mutex()) {}

 private:
  static std::recursive_mutex& mutex() {
    static std::recursive_mutex mutex;
    return mutex;
  }
  std::lock_guard<std::recursive_mutex> lock_;
};

}  // namespace polyak::emulator
