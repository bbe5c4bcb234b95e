// Where the clocks of an update go: every warp's time by the part of the kernel that it waited to
// go on with, and the time between the barriers of one block.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/stages.hpp"

namespace polyak::model {

struct StageCost {
  double working = 0.0;  // clocks before an instruction issued, of all warps together
  double waiting = 0.0;  // the same at a barrier, until the next instruction issued
  std::uint64_t issues = 0;
};

/// Costs up to some moment, or between two.
struct Costs {
  std::vector<StageCost> stages;
  std::vector<std::uint64_t> issues;  // by instruction
};

/// What the first block did between two barriers.
struct Phase {
  double end;                   // when the barrier let it go
  std::uint32_t barrier;        // the instruction of the barrier at the end
  std::vector<double> working;  // clocks of the block's warps, by stage
  std::uint64_t issues;         // of the block's warps
  double memory_clocks;         // for which loads and stores occupied the multiprocessor's unit
};

/// An update, or whatever is between two passings of a barrier.
struct Period {
  double begin, end;
  Costs costs;
  std::vector<Phase> phases;
};

class Profile {
 public:
  Profile(int warps, Stages stages);

  struct Issue {
    int warp;  // among all of the agent
    bool in_first_block;
    bool is_after_barrier;  // the warp's instruction before this one was a barrier
  };
  void issued(const Issue& issue, std::uint32_t instruction, double now);
  /// The first block has been let go from the barrier of this instruction; its loads and stores
  /// have occupied their unit for so many clocks in all.
  void passed_block_barrier(std::uint32_t instruction, double now, double memory_clocks);
  /// All blocks have.
  void passed_agent_barrier(std::uint32_t instruction, double now);

  /// From a barrier that the agent has passed `repetitions` times, the last but one time, to the
  /// last time. ModelError if there is none.
  Period last_period(int repetitions) const;
  /// All of the kernel, which ended at this clock.
  Period until(double end) const { return {0.0, end, costs_, phases_}; }
  int warps() const { return static_cast<int>(last_.size()); }
  const Stages& stages() const { return stages_; }

 private:
  struct LastIssue {
    double when = 0.0;
    std::uint32_t instruction = 0;
  };
  struct Passings {
    int count = 0;
    double before = 0.0, last = 0.0;
    Costs costs_before, costs;
  };

  const Stages stages_;
  std::vector<LastIssue> last_;  // by warp
  Costs costs_;
  Phase phase_;                 // of the first block, since its last barrier
  double memory_clocks_ = 0.0;  // up to then
  std::vector<Phase> phases_;
  std::map<std::uint32_t, Passings> passings_;  // by the barrier's instruction
};

}  // namespace polyak::model
