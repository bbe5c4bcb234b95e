#include "emulator/engine/barriers.hpp"

#include <cstring>

#include "emulator/engine/diagnostics.hpp"
#include "emulator/engine/engine.hpp"
#include "emulator/engine/sanitizers.hpp"
#include "emulator/engine/yielding.hpp"
#include "emulator/options.hpp"

namespace polyak::emulator {
namespace {

bool same_place(const SourceLocation& a, const SourceLocation& b) {
  return a.line == b.line && a.column == b.column &&
         (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

/// Records an error if this arrival breaks a rule.
void check_arrival(Engine& engine, const BarrierGroup& group, Site site) {
  const Thread& thread = *engine.current;
  if (group.barrier->arrived > 0 && !same_place(group.barrier->site.location, site.location)) {
    record_error(engine, "barrier divergence: " + describe(thread) + " arrived at " +
                             describe(site) + " while others of its group wait at " +
                             describe(group.barrier->site));
  }
  if (group.live_threads != group.size() && options().strict_exit) {
    record_error(engine, "barrier divergence: " + describe(thread) + " arrives at " +
                             describe(site) + " after " +
                             std::to_string(group.size() - group.live_threads) +
                             " threads of its group left the kernel");
  }
}

/// Counts the current thread in. Returns whether it was the last.
bool arrive(Engine& engine, const BarrierGroup& group, Site site, bool predicate) {
  check_arrival(engine, group, site);
  if (!engine.error.empty()) abandon_thread(engine);
  Barrier& barrier = *group.barrier;
  barrier.site = site;
  release(barrier.sync_object(barrier.phase));
  ++barrier.arrived;
  if (predicate) ++barrier.in_favour;
  if (barrier.arrived < group.live_threads) return false;
  complete_phase(engine, group);
  return true;
}

}  // namespace

BarrierGroup barrier_group(Engine& engine, Scope scope, const Thread& thread) {
  const unsigned block_threads = volume(engine.launch->block);
  Block& block = *thread.block;
  if (scope == Scope::block) {
    return {&block.barrier, ThreadState::at_block_barrier, block.live_threads, block.first_thread,
            block.first_thread + block_threads};
  }
  if (scope == Scope::cluster) {
    Cluster& cluster = engine.clusters[block.cluster];
    const unsigned first = cluster.first_block * block_threads;
    return {&cluster.barrier, ThreadState::at_cluster_barrier, cluster.live_threads, first,
            first + block_threads * volume(engine.launch->cluster)};
  }
  return {&engine.grid_barrier, ThreadState::at_grid_barrier, engine.live_threads, 0,
          static_cast<unsigned>(engine.threads.size())};
}

void complete_phase(Engine& engine, const BarrierGroup& group) {
  Barrier& barrier = *group.barrier;
  barrier.last_result = {barrier.in_favour, barrier.arrived};
  barrier.arrived = 0;
  barrier.in_favour = 0;
  ++barrier.phase;
  for (unsigned i = group.first_thread; i < group.end_thread; ++i) {
    Thread& thread = engine.threads[i];
    if (thread.state == group.waiting_state) thread.state = ThreadState::ready;
  }
}

Votes barrier(Scope scope, Site site, bool predicate) {
  Engine& engine = running_engine(site.operation);
  if (scope == Scope::grid && !engine.launch->cooperative) {
    record_error(engine,
                 "grid synchronisation in a launch that is not cooperative: " + describe(site));
    abandon_thread(engine);
  }
  const BarrierGroup group = barrier_group(engine, scope, *engine.current);
  const unsigned phase = group.barrier->phase;
  if (!arrive(engine, group, site, predicate)) wait_in(engine, group.waiting_state, site);
  acquire(group.barrier->sync_object(phase));
  return group.barrier->last_result;
}

void arrive_at_cluster_barrier(Site site) {
  Engine& engine = running_engine(site.operation);
  Thread& thread = *engine.current;
  if (thread.arrived_at_cluster) fail_in_kernel("arrived twice without a wait", site);
  const BarrierGroup group = barrier_group(engine, Scope::cluster, thread);
  thread.cluster_phase = group.barrier->phase;
  thread.arrived_at_cluster = true;
  arrive(engine, group, site, false);
}

void wait_at_cluster_barrier(Site site) {
  Engine& engine = running_engine(site.operation);
  Thread& thread = *engine.current;
  if (!thread.arrived_at_cluster) fail_in_kernel("waited without having arrived", site);
  const BarrierGroup group = barrier_group(engine, Scope::cluster, thread);
  thread.arrived_at_cluster = false;
  if (group.barrier->phase == thread.cluster_phase) wait_in(engine, group.waiting_state, site);
  acquire(group.barrier->sync_object(thread.cluster_phase));
}

}  // namespace polyak::emulator
