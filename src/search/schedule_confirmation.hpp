// A member of a population again: its schedule from the beginning, with fresh seeds.
#pragma once

#include <optional>

#include "polyak/policy.hpp"
#include "search/search_run.hpp"
#include "trainer/schedule.hpp"

namespace polyak {

/// What came of it, and the policy of the best seed's agent; none if a value was not finite.
struct ConfirmedSchedule {
  Confirmation confirmation;
  std::optional<Policy> policy;
};

/// Trains a member's lineage with every fresh seed, in as many pieces as populations and memory
/// have room for, each as its agents would be in one. Nothing if it was stopped; then, or where
/// others are confirmed after it, what was trained is on the disk.
std::optional<ConfirmedSchedule> confirm_schedule(SearchRun& run, int member,
                                                  const Schedule& lineage, bool is_last);

}  // namespace polyak
