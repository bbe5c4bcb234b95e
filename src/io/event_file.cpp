#include "io/event_file.hpp"

#include <algorithm>
#include <chrono>

#include "io/event_records.hpp"
#include "io/file_descriptor.hpp"
#include "io/run_files.hpp"

namespace polyak {
namespace {

double seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace

std::string new_event_file_name(const std::filesystem::path& directory) {
  auto seconds = static_cast<std::int64_t>(seconds_since_1970());
  for (const std::string& name : names_in_directory(directory)) {
    seconds = std::max(seconds, time_of_event_file(name).value_or(0) + 1);
  }
  return event_file_name(seconds);
}

std::string beginning_of_events(std::int64_t first_step) {
  const double now = seconds_since_1970();
  return version_record(now) + (first_step > 0 ? restart_record(now, first_step) : "");
}

std::string events_of(const Report& report) {
  return scalars_record(seconds_since_1970(), report.environment_steps, scalars_of(report));
}

std::string events_of(std::span<const EvaluationRow> rows) {
  if (rows.empty()) return "";
  return scalars_record(seconds_since_1970(), rows.front().environment_steps, scalars_of(rows));
}

}  // namespace polyak
