#include "io/run_record.hpp"

#include <optional>

#include "io/parse_json.hpp"
#include "io/read_file.hpp"
#include "io/run_files.hpp"
#include "io/staged_files.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_summary = std::uint64_t{256} << 20;

RunRecord read_files(const fs::path& directory, const std::vector<fs::path>& files) {
  RunRecord run{directory, {}, {}, {}, nullptr, {}};
  for (const fs::path& file : files) {
    const std::string name = file.filename().string();
    if (name == config_file_name) {
      run.configuration =
          parse_config_file(read_whole_file(file, largest_config_file), file.string());
    } else if (name == metrics_file_name) {
      run.metrics = read_agent_table(file);
    } else if (name == evaluations_file_name) {
      run.evaluations = read_agent_table(file);
    } else if (name == summary_file_name) {
      run.summary = parse_json(read_whole_file(file, largest_summary), file.string() + ": it");
    } else if (const std::optional<int> agent = agent_of_policy_file(name)) {
      run.policies.emplace(*agent == only_agent ? 0 : *agent, file);
    }
  }
  return run;
}

}  // namespace

std::string RunRecord::configured(std::string_view field) const {
  return configured_text(configuration, field);
}

RunRecord read_run(const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    throw UsageError(directory.string() +
                     ": is no directory; name that of a training or of a search");
  }
  RunRecord run;
  try {
    if (!agents_of_training(directory)) {
      throw UsageError(
          directory.string() +
          ": holds no training of polyak, with its config.toml and metrics.csv, and no search");
    }
    StagedFiles::read_newest(directory,
                             [&](const auto& files) { run = read_files(directory, files); });
  } catch (const RunError& failure) {
    // What cannot be read is a wrong request here, no failure of the machine.
    throw UsageError(failure.what());
  }
  return run;
}

}  // namespace polyak
