// Where the clocks of an update go: every warp's time, by the instruction that it waited to issue.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace polyak::model {

struct Cost {
  double clocks = 0.0;  // between the issue of the warp's instruction before and that of this one
  std::uint64_t issues = 0;
};

/// Costs by where the function was called from (0: it is the kernel) and by instruction.
using Costs = std::vector<std::vector<Cost>>;

class Profile {
 public:
  Profile(int warps, std::size_t instructions);

  void issued(int warp, std::uint32_t instruction, double now);
  void called(int warp, std::uint32_t instruction);
  void came_back(int warp);
  /// All warps of the agent have come to the barrier of this instruction.
  void passed_barrier(std::uint32_t instruction, double now);

  /// The calls that lead to a call site, the outermost first: numbers of instructions.
  std::vector<std::uint32_t> calls(std::size_t site) const;

  struct Period {
    double clocks;
    Costs costs;
  };
  /// From a barrier that the agent has passed `repetitions` times, the last but one time, to the
  /// last time. ModelError if there is none.
  Period last_period(int repetitions) const;
  int warps() const { return static_cast<int>(last_issue_.size()); }

 private:
  struct Site {
    std::size_t caller;
    std::uint32_t instruction;
  };
  struct Passing {
    int count = 0;
    double before = 0.0, last = 0.0;
    Costs costs_before, costs;
  };

  const std::size_t instructions_;
  std::vector<double> last_issue_;                // by warp
  std::vector<std::vector<std::size_t>> stacks_;  // of call sites, by warp
  std::vector<Site> sites_;
  std::map<std::pair<std::size_t, std::uint32_t>, std::size_t> site_numbers_;
  Costs costs_;
  std::map<std::uint32_t, Passing> passings_;  // by the barrier's instruction
};

}  // namespace polyak::model
