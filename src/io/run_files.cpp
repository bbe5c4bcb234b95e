#include "io/run_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "io/checkpoint_files.hpp"
#include "io/config_file.hpp"
#include "io/file_descriptor.hpp"
#include "io/read_file.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

constexpr std::array shared_files = {config_file_name, metrics_file_name, evaluations_file_name,
                                     summary_file_name};
constexpr std::string_view event_file_beginning = "events.out.tfevents.",
                           event_file_end = ".polyak";
constexpr std::string_view policy_name = "policy", best_policy_name = "policy_best",
                           policy_extension = ".safetensors";

std::string agent_file_name(std::string_view beginning, int agent, int agents) {
  std::string name(beginning);
  if (agents > 1) name += "_" + std::to_string(agent);
  return name.append(policy_extension);
}

/// What agent_file_name was given to make `name`.
std::optional<int> agent_in_name(std::string_view name, std::string_view beginning) {
  if (!name.starts_with(beginning) || !name.ends_with(policy_extension)) return {};
  name.remove_prefix(beginning.size());
  name.remove_suffix(policy_extension.size());
  if (name.empty()) return only_agent;
  if (!name.starts_with('_')) return {};
  name.remove_prefix(1);
  const std::optional<int> agent = parse_number<int>(name);
  // Only as it is written: neither policy_007 nor policy_1e1.
  if (!agent || *agent < 0 || name != std::to_string(*agent)) return {};
  return agent;
}

/// Empty if it is too long to be one.
std::string read_config(const fs::path& config) {
  std::error_code error;
  if (fs::file_size(config, error) > largest_config_file && !error) return {};
  try {
    return read_whole_file(config, largest_config_file);
  } catch (const UsageError& failure) {
    throw RunError(failure.what());  // nobody asked for this file
  }
}

/// What a configuration file says of its agents; nothing if it cannot be understood.
std::optional<int> agents_in(const fs::path& config) {
  const std::string text = read_config(config);
  try {
    for (const ConfigEntry& entry : parse_config_file(text, config.string())) {
      if (entry.name != "agents" || entry.values.size() != 1) continue;
      const std::optional<int> agents = parse_number<int>(entry.values.front().text);
      if (agents && *agents > 0) return agents;
    }
  } catch (const UsageError&) {
    // Not ours, or no longer.
  }
  return {};
}

}  // namespace

std::string policy_file_name(int agent, int agents) {
  return agent_file_name(policy_name, agent, agents);
}

std::string best_policy_file_name(int agent, int agents) {
  return agent_file_name(best_policy_name, agent, agents);
}

std::optional<int> agent_of_policy_file(std::string_view name) {
  return agent_in_name(name, policy_name);
}

std::string event_file_name(std::int64_t seconds) {
  return std::string(event_file_beginning) + std::to_string(seconds) + std::string(event_file_end);
}

std::optional<std::int64_t> time_of_event_file(std::string_view name) {
  constexpr std::size_t digits = 10;
  if (name.size() != event_file_beginning.size() + digits + event_file_end.size() ||
      !name.starts_with(event_file_beginning) || !name.ends_with(event_file_end)) {
    return {};
  }
  const std::string_view seconds = name.substr(event_file_beginning.size(), digits);
  const bool is_number = std::all_of(seconds.begin(), seconds.end(),
                                     [](char letter) { return letter >= '0' && letter <= '9'; });
  return is_number ? parse_number<std::int64_t>(seconds) : std::nullopt;
}

bool is_run_file_name(std::string_view name) {
  return agent_in_name(name, policy_name) || agent_in_name(name, best_policy_name) ||
         age_of_checkpoint_file(name) || time_of_event_file(name) ||
         std::find(shared_files.begin(), shared_files.end(), name) != shared_files.end();
}

bool is_file_of_training(std::string_view name, int agents) {
  for (const std::string_view beginning : {policy_name, best_policy_name}) {
    if (const std::optional<int> agent = agent_in_name(name, beginning)) {
      return name == agent_file_name(beginning, *agent, agents) && *agent < agents;
    }
  }
  return is_run_file_name(name);
}

bool begins_with(const fs::path& file, std::string_view expected) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return false;  // a pipe would wait for ever
  std::string beginning(expected.size(), '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  if (!stream.is_open() || stream.bad()) throw RunError("cannot read " + file.string());
  return beginning == expected;
}

std::vector<std::string> files_of_training(const fs::path& directory, int agents) {
  std::vector<std::string> names = names_in_directory(directory);
  std::erase_if(names, [&](const std::string& name) {
    // Any program may call a page so.
    return name == report_file_name ? !begins_with(directory / name, report_beginning)
                                    : !is_file_of_training(name, agents);
  });
  return names;
}

std::optional<int> agents_of_training(const fs::path& directory) {
  if (!begins_with(directory / config_file_name, "# A training of polyak") ||
      !begins_with(directory / metrics_file_name, metrics_header_beginning)) {
    return {};
  }
  return agents_in(directory / config_file_name);
}

}  // namespace polyak
