// What one process asks of another that trains a share of its agents.
#pragma once

#include <cstdint>

namespace polyak {

/// A request is a command and its arguments. make and require_memory have a configuration; make's
/// answer is a number, the first argument of all commands that concern what it made. Those with a
/// name of Backend's have that function's arguments behind it.
enum class Command : std::int32_t {
  require_memory,
  make,
  remove,
  stop,  // no more requests come, and there is no answer
  description,
  advance,
  metrics,
  evaluate,
  require_evaluation_memory,
  export_state,
  import_state,
  export_state_without_rows,
  import_state_without_rows,
  read_rows,
  write_rows,
  export_agent,
  import_agent,
  copy_agents,
  reconfigure,
  actor_parameters,
  actor_statistics,
  observation_normalisers,
  has_phase,
  run_phase,
};

/// How an answer begins. What follows is the result, or one line that says what is wrong.
enum class Outcome : std::int32_t { done, usage_error, run_error };

}  // namespace polyak
