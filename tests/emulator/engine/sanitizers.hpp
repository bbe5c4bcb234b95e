#pragma once

// The annotations that let AddressSanitizer and ThreadSanitizer follow fibers. Without the
// sanitizers they are empty. ThreadSanitizer is announced by a macro of the build, because the
// files that switch fibers are themselves compiled without it.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define POLYAK_EMULATOR_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POLYAK_EMULATOR_ADDRESS_SANITIZER 1
#endif
#endif

#if defined(POLYAK_EMULATOR_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if defined(POLYAK_EMULATOR_THREAD_SANITIZER)
extern "C" {
void* __tsan_get_current_fiber();
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
#endif

namespace polyak::emulator {

#if defined(POLYAK_EMULATOR_ADDRESS_SANITIZER)
inline constexpr bool kAddressSanitizer = true;
inline void poison(void* start, std::size_t bytes) { __asan_poison_memory_region(start, bytes); }
inline void unpoison(void* start, std::size_t bytes) {
  __asan_unpoison_memory_region(start, bytes);
}
/// Announces a switch of stacks; a null `fake_stack` says that the present one ends for good.
inline void announce_stack_switch(void** fake_stack, const void* bottom, std::size_t bytes) {
  __sanitizer_start_switch_fiber(fake_stack, bottom, bytes);
}
/// Confirms a switch on its new stack and tells where the old one lay.
inline void confirm_stack_switch(void* fake_stack, const void** old_bottom,
                                 std::size_t* old_bytes) {
  __sanitizer_finish_switch_fiber(fake_stack, old_bottom, old_bytes);
}
#else
inline constexpr bool kAddressSanitizer = false;
inline void poison(void*, std::size_t) {}
inline void unpoison(void*, std::size_t) {}
inline void announce_stack_switch(void**, const void*, std::size_t) {}
inline void confirm_stack_switch(void*, const void**, std::size_t*) {}
#endif

#if defined(POLYAK_EMULATOR_THREAD_SANITIZER)
inline constexpr bool kThreadSanitizer = true;
/// Orders what the present fiber did before everything after a later `acquire` of `address`.
inline void release(void* address) { __tsan_release(address); }
inline void acquire(void* address) { __tsan_acquire(address); }
inline void* current_race_fiber() { return __tsan_get_current_fiber(); }
inline void* create_race_fiber() { return __tsan_create_fiber(0); }
inline void destroy_race_fiber(void* fiber) { __tsan_destroy_fiber(fiber); }
/// Flag 1: the switch itself orders nothing, or no race could ever be seen.
inline void switch_race_fiber(void* fiber) { __tsan_switch_to_fiber(fiber, 1); }
#else
inline constexpr bool kThreadSanitizer = false;
inline void release(void*) {}
inline void acquire(void*) {}
inline void* current_race_fiber() { return nullptr; }
inline void* create_race_fiber() { return nullptr; }
inline void destroy_race_fiber(void*) {}
inline void switch_race_fiber(void*) {}
#endif

/// Lets ThreadSanitizer take what the host does in this scope for the doing of `fiber`.
class RaceIdentity {
 public:
  explicit RaceIdentity(void* fiber) : own_(current_race_fiber()) { switch_race_fiber(fiber); }
  ~RaceIdentity() { switch_race_fiber(own_); }
  RaceIdentity(const RaceIdentity&) = delete;
  RaceIdentity& operator=(const RaceIdentity&) = delete;

 private:
  void* own_;
};

}  // namespace polyak::emulator
