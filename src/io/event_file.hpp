// --tensorboard: what is in a training's file of events, at the time of the call.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "io/evaluations_table.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// A name for a new file of events in a directory, later than those that are there:
/// events.out.tfevents.<seconds since 1970>.polyak.
std::string new_event_file_name(const std::filesystem::path& directory);

/// The first records. first_step: 0, or for a training that goes on the first step that counts here
/// and no longer in earlier files.
std::string beginning_of_events(std::int64_t first_step);

/// The records of a report.
std::string events_of(const Report& report);

/// The records of an evaluation.
std::string events_of(std::span<const EvaluationRow> rows);

}  // namespace polyak
