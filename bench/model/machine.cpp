#include "model/machine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace polyak::model {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr int no_barrier = 7;

/// What cannot be bound is an error only where it is executed: slow paths for rare values and for
/// diverged warps are in every kernel.
Operation bind_or_refuse(const Instruction& instruction) {
  try {
    return bind(instruction);
  } catch (const ModelError& error) {
    return {Pipe::none, [what = std::string(error.what())](Execution&) { throw ModelError(what); },
            0, false};
  }
}

/// Clocks for which an instruction of a warp occupies its pipe.
double busy_clocks(const Operation& operation) {
  switch (operation.pipe) {
    case Pipe::special_functions:
      return operation.is_wide ? 16 : 8;
    case Pipe::tensor:
      return 8;
    case Pipe::none:
      return 0;
    default:
      return 2;
  }
}

}  // namespace

Machine::Machine(const Program& program, const Launch& launch, Memory& memory, const Clocks& clocks)
    : program_(program),
      launch_(launch),
      memory_(memory),
      clocks_(clocks),
      profile_(launch.clusters * launch.blocks * launch.threads / warp_lanes, find_stages(program)),
      clusters_(static_cast<std::size_t>(launch.clusters)) {
  for (const Instruction& instruction : program.instructions) {
    operations_.push_back(bind_or_refuse(instruction));
  }
  const int warps = launch.threads / warp_lanes;
  for (int i = 0; i < launch.clusters * launch.blocks; ++i) {
    const int cluster = i / launch.blocks, block = i % launch.blocks;
    Multiprocessor& multiprocessor =
        multiprocessors_.emplace_back(clocks_, block, launch.shared_bytes);
    multiprocessor.running = warps;
    multiprocessor.cluster = cluster;
    clusters_[static_cast<std::size_t>(cluster)].running += warps;
    for (int number = 0; number < warps; ++number) {
      auto issuer =
          std::make_unique<Issuer>(block, number, launch_.constants, cluster * launch.blocks);
      issuer->index = running_++;
      multiprocessor.partitions[static_cast<std::size_t>(number) % 4].issuers.push_back(
          std::move(issuer));
    }
  }
}

double Machine::run() {
  double now = 0.0;
  while (running_ > 0) {
    double next = never;
    for (Multiprocessor& multiprocessor : multiprocessors_) {
      for (Partition& partition : multiprocessor.partitions) {
        if (partition.next_try <= now) try_issue(multiprocessor, partition, now);
      }
    }
    complete_barriers();
    for (const Multiprocessor& multiprocessor : multiprocessors_) {
      for (const Partition& partition : multiprocessor.partitions) {
        next = std::min(next, partition.next_try);
      }
    }
    if (running_ == 0) break;
    if (next == never) throw ModelError("all warps wait for each other");
    now = std::max(now + 1.0, std::ceil(next));
  }
  return now;
}

double Machine::earliest(const Multiprocessor& multiprocessor, const Partition& partition,
                         const Issuer& issuer) const {
  double when = issuer.ready;
  const Control& control = program_.instructions[issuer.warp.current].control;
  for (std::size_t i = 0; i < scoreboards; ++i) {
    if ((control.waits_for >> i & 1) != 0) when = std::max(when, issuer.scoreboard_released[i]);
  }
  switch (operations_[issuer.warp.current].pipe) {
    case Pipe::fma:
      return std::max(when, std::min(partition.fma_heavy, partition.fma_light));
    case Pipe::fma_heavy:
      return std::max(when, partition.fma_heavy);
    case Pipe::alu:
      return std::max(when, partition.alu);
    case Pipe::special_functions:
      return std::max(when, partition.special);
    case Pipe::fp64:
      return std::max(when, partition.fp64);
    case Pipe::tensor:
      return std::max(when, partition.tensor);
    case Pipe::memory:
      return std::max({when, partition.memory, multiprocessor.memory.accepts_from()});
    case Pipe::none:
      break;
  }
  return when;
}

/// The warp that issued last goes on as long as it can; else the next one that can.
void Machine::try_issue(Multiprocessor& multiprocessor, Partition& partition, double now) {
  partition.next_try = never;
  const std::size_t count = partition.issuers.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t chosen = (partition.last_chosen + i) % count;
    Issuer& issuer = *partition.issuers[chosen];
    if (issuer.warp.is_done() || issuer.warp.active == 0) continue;
    const double when = earliest(multiprocessor, partition, issuer);
    if (when > now) {
      partition.next_try = std::min(partition.next_try, when);
      continue;
    }
    partition.last_chosen = chosen;
    partition.next_try = now + 1.0;
    issue(multiprocessor, partition, issuer, now);
    return;
  }
}

double Machine::occupy_pipe(Partition& partition, const Operation& operation, double now) const {
  const double until = now + busy_clocks(operation);
  switch (operation.pipe) {
    case Pipe::fma:
      (partition.fma_light <= now ? partition.fma_light : partition.fma_heavy) = until;
      break;
    case Pipe::fma_heavy:
      partition.fma_heavy = until;
      break;
    case Pipe::alu:
      partition.alu = until;
      break;
    case Pipe::special_functions:
      partition.special = until;
      break;
    case Pipe::fp64:
      partition.fp64 = until;
      break;
    case Pipe::tensor:
      partition.tensor = until;
      break;
    case Pipe::memory:
      partition.memory = until;
      break;
    case Pipe::none:
      break;
  }
  return now + operation.latency;
}

void Machine::issue(Multiprocessor& multiprocessor, Partition& partition, Issuer& issuer,
                    double now) {
  Warp& warp = issuer.warp;
  const std::uint32_t number = warp.current;
  const Instruction& instruction = program_.instructions[number];
  const Operation& operation = operations_[number];
  profile_.issued({issuer.index, warp.first_block + warp.block == 0, issuer.was_at_barrier}, number,
                  now);
  issuer.was_at_barrier = false;
  Execution execution{warp, memory_, warp.active, now,
                      warp.active & warp.predicate(instruction.guard)};
  try {
    operation.execute(execution);
  } catch (const ModelError& error) {
    throw ModelError("instruction " + std::to_string(number) + ", " + instruction.text +
                     ", in block " + std::to_string(warp.first_block + warp.block) + ", warp " +
                     std::to_string(warp.number) + ": " + error.what());
  }
  if (!operation.moves_itself) warp.advance(execution.active);
  warp.choose();

  double done = occupy_pipe(partition, operation, now);
  double read = now + 6.0;
  issuer.ready = now + std::max(1, instruction.control.stall);
  if (execution.mask != 0 && operation.pipe == Pipe::memory) {
    const bool is_generic = instruction.operation == "LD";
    const auto times = multiprocessor.memory.access(execution.effect, is_generic, now);
    done = std::max(done, times.done);
    read = std::max(read,
                    std::min(done, std::max(now + 8.0, multiprocessor.memory.free_from() + 4.0)));
    issuer.stores_done = std::max(issuer.stores_done, times.acknowledged);
    if (execution.effect.kind == EffectKind::copy) {
      issuer.copies_done = std::max(issuer.copies_done, times.done);
    } else if (execution.effect.kind == EffectKind::close_copies) {
      done = issuer.copies_done;
    }
    if (execution.effect.kind == EffectKind::transfer_store) {
      for_each_lane(execution.effect.lanes, [&](std::size_t lane) {
        memory_.transfers.complete(execution.effect.barriers[lane], execution.effect.bytes,
                                   times.acknowledged);
      });
    }
  }
  const auto release = [&](int scoreboard, double when) {
    if (scoreboard == no_barrier) return;
    double& released = issuer.scoreboard_released[static_cast<std::size_t>(scoreboard)];
    released = std::max(released, when);
  };
  release(instruction.control.write_barrier, done);
  release(instruction.control.read_barrier, read);
  settle(multiprocessor, partition, issuer, execution.effect.kind, number, now);
  if (!warp.is_done()) return;
  --multiprocessor.running;
  --clusters_[static_cast<std::size_t>(multiprocessor.cluster)].running;
  --running_;
}

/// What an instruction means for others, or for more than a scoreboard.
void Machine::settle(Multiprocessor& multiprocessor, Partition& partition, Issuer& issuer,
                     EffectKind effect, std::uint32_t instruction, double now) {
  Cluster& cluster = clusters_[static_cast<std::size_t>(multiprocessor.cluster)];
  switch (effect) {
    case EffectKind::await_copies:
      issuer.ready = std::max(issuer.ready, issuer.copies_done);
      break;
    case EffectKind::sleep:
      issuer.ready = std::max(issuer.ready, now + clocks_.sleep);
      break;
    case EffectKind::fence:
      issuer.ready = std::max({issuer.ready, now + clocks_.fence, issuer.stores_done + 10.0});
      break;
    case EffectKind::block_barrier:
      ++multiprocessor.arrived;
      multiprocessor.barrier = instruction;
      multiprocessor.last_arrival = now;
      break;
    case EffectKind::cluster_arrive:
      ++issuer.cluster_arrivals;
      ++cluster.arrived;
      cluster.barrier = instruction;
      cluster.last_arrival = now;
      break;
    case EffectKind::cluster_wait:
      if (++issuer.cluster_waits > issuer.cluster_arrivals) {
        throw ModelError("a warp waits for the cluster without having arrived");
      }
      if (issuer.cluster_arrivals <= cluster.phases) {
        let_go(partition, issuer, issuer.warp.at_cluster_barrier, std::max(now, cluster.released));
      }
      break;
    default:
      break;
  }
}

void Machine::let_go(Partition& partition, Issuer& issuer, Mask& waiting, double when) const {
  if (waiting == 0) return;
  issuer.warp.release(waiting);
  issuer.warp.choose();
  issuer.was_at_barrier = true;
  issuer.ready = std::max(issuer.ready, when);
  partition.next_try = std::min(partition.next_try, issuer.ready);
}

template <class Visit>
void Machine::for_each_issuer(Multiprocessor& multiprocessor, const Visit& visit) {
  for (Partition& partition : multiprocessor.partitions) {
    for (const auto& issuer : partition.issuers) visit(partition, *issuer);
  }
}

void Machine::complete_barriers() {
  for (Multiprocessor& multiprocessor : multiprocessors_) {
    if (multiprocessor.arrived == 0 || multiprocessor.arrived < multiprocessor.running) continue;
    multiprocessor.arrived = 0;
    const double when = multiprocessor.last_arrival + clocks_.block_barrier;
    for_each_issuer(multiprocessor, [&](Partition& partition, Issuer& issuer) {
      let_go(partition, issuer, issuer.warp.at_block_barrier, when);
    });
    if (&multiprocessor != &multiprocessors_.front()) continue;
    profile_.passed_block_barrier(multiprocessor.barrier, when,
                                  multiprocessor.memory.busy_clocks());
    if (launch_.blocks == 1) profile_.passed_agent_barrier(multiprocessor.barrier, when);
  }
  for (int i = 0; i < launch_.clusters; ++i) complete_cluster_barrier(i);
}

void Machine::complete_cluster_barrier(int number) {
  Cluster& cluster = clusters_[static_cast<std::size_t>(number)];
  if (cluster.arrived == 0 || cluster.arrived < cluster.running) return;
  cluster.arrived = 0;
  ++cluster.phases;
  cluster.released = cluster.last_arrival + clocks_.cluster_barrier;
  if (number == 0) {
    profile_.passed_block_barrier(cluster.barrier, cluster.released,
                                  multiprocessors_.front().memory.busy_clocks());
    if (launch_.clusters == 1) profile_.passed_agent_barrier(cluster.barrier, cluster.released);
  }
  for (Multiprocessor& multiprocessor : multiprocessors_) {
    if (multiprocessor.cluster != number) continue;
    for_each_issuer(multiprocessor, [&](Partition& partition, Issuer& issuer) {
      // A warp whose arrival is of a part of its threads waits for the others of them.
      if ((issuer.warp.at_cluster_barrier | issuer.warp.exited) != all_lanes) return;
      let_go(partition, issuer, issuer.warp.at_cluster_barrier, cluster.released);
    });
  }
}

}  // namespace polyak::model
