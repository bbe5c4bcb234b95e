// One agent's clusters of blocks, each block alone on a multiprocessor, executing a kernel and
// taking its time.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <vector>

#include "model/clocks.hpp"
#include "model/memory_timing.hpp"
#include "model/operation.hpp"
#include "model/profile.hpp"

namespace polyak::model {

struct Launch {
  int blocks;   // of a cluster
  int threads;  // of a block, a multiple of 32
  std::size_t shared_bytes;
  std::vector<std::uint8_t> constants;  // bank 0, the parameters within
  int clusters = 1;
};

class Machine {
 public:
  Machine(const Program& program, const Launch& launch, Memory& memory, const Clocks& clocks);

  /// Runs the kernel to its end; returns the clocks. ModelError, naming the instruction, if
  /// something in it cannot be executed.
  double run();

  const Profile& profile() const { return profile_; }

 private:
  struct Issuer {  // a warp with what decides when it issues
    Issuer(int block, int number, std::span<const std::uint8_t> constants, int first_block)
        : warp(block, number, constants, first_block) {}
    Warp warp;
    int index = 0;  // among all warps
    double ready = 0.0, stores_done = 0.0, copies_done = 0.0;
    std::array<double, scoreboards> scoreboard_released{};
    int cluster_arrivals = 0, cluster_waits = 0;
    bool was_at_barrier = false;  // before its next instruction
  };
  struct Partition {  // a quarter of a multiprocessor, with pipes and a scheduler of its own
    std::vector<std::unique_ptr<Issuer>> issuers;
    std::size_t last_chosen = 0;
    double next_try = 0.0;
    double alu = 0.0, fma_heavy = 0.0, fma_light = 0.0, special = 0.0, fp64 = 0.0, memory = 0.0,
           tensor = 0.0;  // when each pipe is free
  };
  struct Multiprocessor {
    Multiprocessor(const Clocks& clocks, int block, std::size_t shared_bytes)
        : memory(clocks, block, shared_bytes) {}
    MemoryTiming memory;
    std::array<Partition, 4> partitions;
    int cluster = 0;
    int running = 0, arrived = 0;
    std::uint32_t barrier = 0;  // the instruction of the last arrival
    double last_arrival = 0.0;
  };

  void try_issue(Multiprocessor& multiprocessor, Partition& partition, double now);
  double earliest(const Multiprocessor& multiprocessor, const Partition& partition,
                  const Issuer& issuer) const;
  void issue(Multiprocessor& multiprocessor, Partition& partition, Issuer& issuer, double now);
  double occupy_pipe(Partition& partition, const Operation& operation, double now) const;
  void settle(Multiprocessor& multiprocessor, Partition& partition, Issuer& issuer,
              EffectKind effect, std::uint32_t instruction, double now);
  void complete_barriers();
  void complete_cluster_barrier(int number);
  template <class Visit>
  void for_each_issuer(Multiprocessor& multiprocessor, const Visit& visit);
  void let_go(Partition& partition, Issuer& issuer, Mask& waiting, double when) const;

  const Program& program_;
  const Launch launch_;
  Memory& memory_;
  const Clocks clocks_;
  std::vector<Operation> operations_;
  std::deque<Multiprocessor> multiprocessors_;
  Profile profile_;
  struct Cluster {
    int running = 0;  // warps
    // Its barrier: warps that have arrived in this phase, and how many phases are over.
    int arrived = 0, phases = 0;
    std::uint32_t barrier = 0;
    double last_arrival = 0.0, released = 0.0;
  };
  std::vector<Cluster> clusters_;
  int running_ = 0;  // warps
};

}  // namespace polyak::model
