#include "app/evaluate/policy_files.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "io/run_files.hpp"
#include "io/staged_files.hpp"
#include "polyak/core/error.hpp"
#include "search/search_directory.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

std::vector<NamedPolicy> load_all(const std::vector<fs::path>& files) {
  std::map<int, fs::path> by_agent;
  for (const fs::path& file : files) {
    const std::optional<int> agent = agent_of_policy_file(file.filename().string());
    if (agent) by_agent.emplace(*agent, file);
  }
  std::vector<NamedPolicy> policies;
  for (const auto& [agent, file] : by_agent) policies.push_back({file, Policy::load(file)});
  return policies;
}

std::vector<NamedPolicy> policies_in(const fs::path& directory) {
  std::vector<NamedPolicy> policies;
  try {
    StagedFiles::read_newest(directory, [&](const auto& files) { policies = load_all(files); });
  } catch (const RunError& error) {
    // What cannot be read is a wrong request here, no failure of the machine.
    throw UsageError(error.what());
  }
  if (policies.empty() && holds_search(directory)) {
    const fs::path best = directory / best_policy_file_name(0, 1);
    throw UsageError(directory.string() + ": is a search; " +
                     (fs::exists(best) ? "name its policy, " + best.string()
                                       : "it has no policy, for it is not finished, or was to "
                                         "confirm no setting (--confirm)"));
  }
  if (policies.empty()) {
    throw UsageError(directory.string() +
                     ": has no policies; a run directory has policy.safetensors, or "
                     "policy_0.safetensors and so on");
  }
  return policies;
}

}  // namespace

std::vector<NamedPolicy> load_policies(std::span<const std::string> arguments) {
  std::vector<NamedPolicy> policies;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (!fs::is_directory(argument, error)) {
      policies.push_back({argument, Policy::load(argument)});
      continue;
    }
    for (NamedPolicy& own : policies_in(argument)) policies.push_back(std::move(own));
  }
  return policies;
}

}  // namespace polyak
