#include "emulator/engine/engine.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "emulator/engine/diagnostics.hpp"
#include "emulator/engine/sanitizers.hpp"
#include "emulator/options.hpp"

namespace polyak::emulator {

constinit thread_local const ThreadContext* current_thread_context = nullptr;
Engine* active_engine = nullptr;

namespace {

std::uint64_t switches = 0;

/// Deeper frames when the compiler does not optimise or checks every access.
constexpr std::size_t kDefaultStackBytes = kAddressSanitizer ? 128 << 10 : 64 << 10;

/// A kernel has no business throwing, but host code that it calls by mistake may.
void run_body(Engine& engine) {
  try {
    (*engine.body)();
  } catch (const std::exception& exception) {
    record_error(engine, std::string("exception in a kernel: ") + exception.what());
  }
}

/// The bottom frame of every CUDA thread.
void thread_entry() {
  Engine& engine = *active_engine;
  engine.host.entered();
  acquire(&engine.launch_sync_object);
  run_body(engine);
  release(&engine.end_sync_object);
  account_for_exit(engine, *engine.current);
  engine.host.finish(engine.current->fiber);
}

void resume(Engine& engine, Thread& thread) {
  engine.current = &thread;
  current_thread_context = &thread;
  thread.state = ThreadState::ready;
  thread.atomics_since_switch = 0;
  ++switches;
  set_builtin_indices(thread.thread_index, thread.block_index);
  engine.host.resume(thread.fiber);
  current_thread_context = nullptr;
  if (thread.fiber.stack_overflowed()) {
    record_error(engine, "stack overflow in " + describe(thread) +
                             "; raise Options::stack_bytes or use less local memory");
  }
}

/// Runs a thread until it waits, if it can run. Returns whether it could.
bool run_if_ready(Engine& engine, Thread& thread) {
  const bool ready = thread.state == ThreadState::ready || thread.state == ThreadState::spinning;
  if (!ready || !engine.error.empty()) return false;
  resume(engine, thread);
  if (switches > engine.switch_budget) {
    record_error(engine,
                 "livelock: the switch budget is used up; does a loop wait for a flag that nobody "
                 "sets?");
  }
  return true;
}

/// Runs every thread that can run until it waits. Returns whether there was one.
bool run_ready_threads(Engine& engine, const std::vector<unsigned>& order) {
  bool any = false;
  for (unsigned index : order) any |= run_if_ready(engine, engine.threads[index]);
  return any;
}

/// Runs the warp whose first thread is `first` until all its threads wait for other warps; one that
/// spins may do so, and gets one turn. Returns whether a thread could run.
bool run_warp_ahead(Engine& engine, unsigned first) {
  bool any = false;
  for (bool more = true; more;) {
    more = false;
    for (unsigned i = first; i < engine.threads.size(); ++i) {
      Thread& lane = engine.threads[i];
      if (i > first && lane.lane == 0) break;
      if (any && lane.state == ThreadState::spinning) continue;
      more |= run_if_ready(engine, lane);
    }
    any |= more;
  }
  return any;
}

/// The numbers of the warps' first threads.
std::vector<unsigned> first_threads_of_warps(const Engine& engine) {
  std::vector<unsigned> result;
  for (const Thread& thread : engine.threads) {
    if (thread.lane == 0) result.push_back(thread.index);
  }
  return result;
}

/// Runs one warp after the other, each as far as it gets. Returns whether a thread could run.
bool run_warps_ahead(Engine& engine, std::vector<unsigned>& warps) {
  std::shuffle(warps.begin(), warps.end(), engine.random);
  bool any = false;
  for (unsigned first : warps) any |= run_warp_ahead(engine, first);
  return any;
}

void run_gang(Engine& engine, unsigned first_block, unsigned block_count) {
  set_up_gang(engine, first_block, block_count, thread_entry);
  const bool ahead = options().order == Order::run_ahead;
  std::vector<unsigned> order =
      ahead ? first_threads_of_warps(engine)
            : running_order(static_cast<unsigned>(engine.threads.size()), engine.random);
  while (engine.live_threads > 0 && engine.error.empty()) {
    if (options().order == Order::random) std::shuffle(order.begin(), order.end(), engine.random);
    const bool any = ahead ? run_warps_ahead(engine, order) : run_ready_threads(engine, order);
    if (!any) record_error(engine, describe_deadlock(engine));
  }
  tear_down_gang(engine);
}

void start_launch(Engine& engine, const Launch& launch, const std::function<void()>& body) {
  const Options& current = options();
  engine.launch = &launch;
  engine.body = &body;
  engine.error.clear();
  engine.random.seed(current.seed);
  engine.switch_budget = switches + current.maximum_switches;
  engine.stacks.begin_launch(current.stack_bytes > 0 ? current.stack_bytes : kDefaultStackBytes);
  engine.static_variables.clear();
  engine.static_variables.reserve(kStaticVariables);
  engine.static_top = 0;
  engine.static_bytes = 0;
  set_builtin_dimensions(launch.block, launch.grid);
  engine.host.begin();
  if (engine.janitor == nullptr) engine.janitor = create_race_fiber();
}

/// Marks the engine as active for a scope.
class Activation {
 public:
  explicit Activation(Engine& engine) {
    if (active_engine != nullptr) throw Error("a kernel was launched while another one runs");
    active_engine = &engine;
  }
  ~Activation() { active_engine = nullptr; }
  Activation(const Activation&) = delete;
  Activation& operator=(const Activation&) = delete;
};

}  // namespace

std::size_t run_kernel(const Launch& launch, const std::function<void()>& body) {
  static const std::unique_ptr<Engine> engine = std::make_unique<Engine>();
  const Activation activation(*engine);
  start_launch(*engine, launch, body);
  const unsigned block_count = volume(launch.grid);
  const unsigned gang_blocks = launch.cooperative ? block_count : volume(launch.cluster);
  for (unsigned gang : running_order(block_count / gang_blocks, engine->random)) {
    run_gang(*engine, gang * gang_blocks, gang_blocks);
    if (!engine->error.empty()) break;
  }
  acquire(&engine->end_sync_object);
  if (!engine->error.empty()) throw Error(launch.name + ": " + engine->error);
  return engine->static_bytes;
}

std::uint64_t switch_count() { return switches; }

void fail_outside_kernels(const char* operation) {
  throw Error(std::string(operation) + " was called outside a kernel");
}

void record_error(Engine& engine, std::string message) {
  if (engine.error.empty()) engine.error = std::move(message);
}

void abandon_thread(Engine& engine) { engine.host.finish(engine.current->fiber); }

void wait_in(Engine& engine, ThreadState state, Site site) {
  engine.current->state = state;
  engine.current->waiting_at = site;
  Thread& thread = *engine.current;
  const unsigned at_warp_operation = state == ThreadState::at_warp_operation ? 1 : 0;
  thread.block->at_warp_operations += at_warp_operation;
  engine.host.suspend(thread.fiber);
  thread.block->at_warp_operations -= at_warp_operation;
}

std::vector<unsigned> running_order(unsigned count, std::mt19937_64& random) {
  std::vector<unsigned> order(count);
  for (unsigned i = 0; i < count; ++i) {
    order[i] = options().order == Order::reverse ? count - 1 - i : i;
  }
  if (is_drawn_by_lot(options().order)) std::shuffle(order.begin(), order.end(), random);
  return order;
}

}  // namespace polyak::emulator
