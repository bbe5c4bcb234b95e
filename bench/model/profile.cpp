#include "model/profile.hpp"

#include <string>
#include <utility>

namespace polyak::model {

Profile::Profile(int warps, Stages stages)
    : stages_(std::move(stages)),
      last_(static_cast<std::size_t>(warps)),
      costs_{std::vector<StageCost>(stages_.names.size()),
             std::vector<std::uint64_t>(stages_.of_instruction.size())},
      phase_{0.0, 0, std::vector<double>(stages_.names.size()), 0, 0.0} {}

void Profile::issued(const Issue& issue, std::uint32_t instruction, double now) {
  LastIssue& last = last_[static_cast<std::size_t>(issue.warp)];
  const std::size_t stage = stages_.of_instruction[instruction];
  const double clocks = now - last.when;
  if (issue.is_after_barrier) {
    costs_.stages[stages_.of_instruction[last.instruction]].waiting += clocks;
  } else {
    costs_.stages[stage].working += clocks;
    if (issue.in_first_block) phase_.working[stage] += clocks;
  }
  if (issue.in_first_block) ++phase_.issues;
  ++costs_.stages[stage].issues;
  ++costs_.issues[instruction];
  last = {now, instruction};
}

void Profile::passed_block_barrier(std::uint32_t instruction, double now, double memory_clocks) {
  phase_.end = now;
  phase_.barrier = instruction;
  phase_.memory_clocks = memory_clocks - memory_clocks_;
  memory_clocks_ = memory_clocks;
  phases_.push_back(phase_);
  phase_.working.assign(phase_.working.size(), 0.0);
  phase_.issues = 0;
}

void Profile::passed_agent_barrier(std::uint32_t instruction, double now) {
  Passings& passings = passings_[instruction];
  ++passings.count;
  passings.before = passings.last;
  passings.last = now;
  passings.costs_before = std::move(passings.costs);
  passings.costs = costs_;
}

Period Profile::last_period(int repetitions) const {
  for (const auto& [instruction, passings] : passings_) {
    if (passings.count != repetitions || repetitions < 2) continue;
    Period period{passings.before, passings.last, passings.costs, {}};
    for (std::size_t i = 0; i < period.costs.stages.size(); ++i) {
      const StageCost& before = passings.costs_before.stages[i];
      StageCost& cost = period.costs.stages[i];
      cost.working -= before.working;
      cost.waiting -= before.waiting;
      cost.issues -= before.issues;
    }
    for (std::size_t i = 0; i < period.costs.issues.size(); ++i) {
      period.costs.issues[i] -= passings.costs_before.issues[i];
    }
    for (const Phase& phase : phases_) {
      if (phase.end > period.begin && phase.end <= period.end) period.phases.push_back(phase);
    }
    return period;
  }
  throw ModelError("no barrier was passed " + std::to_string(repetitions) +
                   " times, once in every update");
}

}  // namespace polyak::model
