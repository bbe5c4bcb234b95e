// A population's hyper-parameters over time, and who takes over from whom: what population based
// training found, to be trained again.
//
// As a file it is a CSV whose first line is
//
//   environment_steps,agent,copied_from,copied,seed,FIELD,FIELD,...
//
// with a row for every agent at 0 steps and one for every later change of one: after the first
// iteration that reaches so many steps the agent takes over what `copied` says (everything, or
// networks) from another one, if `copied_from` names one, and goes on with this seed and these
// values. An empty cell leaves a field as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "polyak/config.hpp"
#include "polyak/population.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

struct ScheduleRow {
  std::int64_t environment_steps;
  int agent;
  std::optional<int> copied_from;
  AgentPart part;
  std::uint64_t seed;
  std::vector<std::string>
      values;  // of the schedule's fields, as on a command line; empty: as it is
};

struct Schedule {
  std::vector<std::string> fields;  // that agents of a population may differ in, without seed
  std::vector<ScheduleRow> rows;    // in ascending order of steps
  int agents() const;
};

/// UsageError with the line for what is no such text.
Schedule parse_schedule(std::string_view text, const std::string& file);
std::string schedule_text(const Schedule& schedule);

/// `base` with the schedule's agents as they begin. UsageError for a value that the field does not
/// take.
Config first_config(const Schedule& schedule, const Config& base);

/// After how many steps something changes, for TrainerOptions::change_steps.
std::vector<std::int64_t> change_steps(const Schedule& schedule);

/// Makes the changes of this step.
void apply(const Schedule& schedule, std::int64_t step, Trainer& trainer);

/// The same schedule for several groups of agents, one behind the other, each with seeds of its
/// own, from `first_seed` on: agent a of group g is g * schedule.agents() + a. Groups from the
/// first-th on have the seeds that they would have behind those.
Schedule repeated(const Schedule& schedule, int first, int groups, std::uint64_t first_seed);

}  // namespace polyak
