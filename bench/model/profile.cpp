#include "model/profile.hpp"

#include <algorithm>
#include <string>

#include "model/instruction.hpp"

namespace polyak::model {

Profile::Profile(int warps, std::size_t instructions)
    : instructions_(instructions),
      last_issue_(static_cast<std::size_t>(warps), 0.0),
      stacks_(static_cast<std::size_t>(warps), std::vector<std::size_t>{0}),
      sites_{{0, 0}},
      costs_{std::vector<Cost>(instructions)} {}

void Profile::issued(int warp, std::uint32_t instruction, double now) {
  const auto w = static_cast<std::size_t>(warp);
  Cost& cost = costs_[stacks_[w].back()][instruction];
  cost.clocks += now - last_issue_[w];
  ++cost.issues;
  last_issue_[w] = now;
}

void Profile::called(int warp, std::uint32_t instruction) {
  auto& stack = stacks_[static_cast<std::size_t>(warp)];
  const auto [site, is_new] = site_numbers_.try_emplace({stack.back(), instruction}, sites_.size());
  if (is_new) {
    sites_.push_back({stack.back(), instruction});
    costs_.emplace_back(instructions_);
  }
  stack.push_back(site->second);
}

void Profile::came_back(int warp) {
  auto& stack = stacks_[static_cast<std::size_t>(warp)];
  if (stack.size() > 1) stack.pop_back();
}

void Profile::passed_barrier(std::uint32_t instruction, double now) {
  Passing& passing = passings_[instruction];
  ++passing.count;
  passing.before = passing.last;
  passing.last = now;
  passing.costs_before = std::move(passing.costs);
  passing.costs = costs_;
}

std::vector<std::uint32_t> Profile::calls(std::size_t site) const {
  std::vector<std::uint32_t> result;
  for (; site != 0; site = sites_[site].caller) result.push_back(sites_[site].instruction);
  std::reverse(result.begin(), result.end());
  return result;
}

Profile::Period Profile::last_period(int repetitions) const {
  for (const auto& [instruction, passing] : passings_) {
    if (passing.count != repetitions || repetitions < 2) continue;
    Period period{passing.last - passing.before, passing.costs};
    for (std::size_t site = 0; site < passing.costs_before.size(); ++site) {
      for (std::size_t i = 0; i < instructions_; ++i) {
        period.costs[site][i].clocks -= passing.costs_before[site][i].clocks;
        period.costs[site][i].issues -= passing.costs_before[site][i].issues;
      }
    }
    return period;
  }
  throw ModelError("no barrier was passed " + std::to_string(repetitions) +
                   " times, once in every update");
}

}  // namespace polyak::model
