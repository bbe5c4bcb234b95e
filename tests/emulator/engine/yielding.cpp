#include "emulator/engine/yielding.hpp"

#include "emulator/engine/diagnostics.hpp"
#include "emulator/engine/engine.hpp"
#include "emulator/engine/sanitizers.hpp"
#include "emulator/options.hpp"

namespace polyak::emulator {
namespace {

/// No kernel does so many atomics in a row for any other reason than to wait.
constexpr unsigned kAtomicsBeforeYield = 10'000;

std::uint64_t waits = 0;

void yield_sometimes(Engine& engine) {
  if (options().yield_at_atomics && engine.random() % 4 == 0) spin_pause();
}

}  // namespace

void spin_pause() {
  wait_in(running_engine("POLYAK_SPIN_PAUSE"), ThreadState::spinning, {"a spin loop", {}});
}

void before_atomic() {
  Engine& engine = running_engine("an atomic operation");
  if (++engine.current->atomics_since_switch > kAtomicsBeforeYield) spin_pause();
  yield_sometimes(engine);
}

void memory_fence() {
  Engine& engine = running_engine("__threadfence");
  acquire(&engine.fence_sync_object);
  release(&engine.fence_sync_object);
  yield_sometimes(engine);
}

void wait_for_previous_kernel() { ++waits; }

std::uint64_t waits_for_previous_kernels() { return waits; }

void fail_in_kernel(const char* reason, Site site) {
  Engine& engine = running_engine(site.operation);
  record_error(engine,
               std::string(reason) + ", by " + describe(*engine.current) + " at " + describe(site));
  abandon_thread(engine);
}

}  // namespace polyak::emulator
