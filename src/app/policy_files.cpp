#include "app/policy_files.hpp"

#include <filesystem>
#include <map>
#include <optional>

#include "io/staged_files.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

/// The agent whose policy a file of a run directory is: policy.safetensors of the only one, or
/// policy_<agent>.safetensors.
std::optional<int> agent_of(const std::string& name) {
  constexpr std::string_view begin = "policy", end = ".safetensors";
  if (!name.starts_with(begin) || !name.ends_with(end)) return {};
  const std::string_view middle =
      std::string_view(name).substr(begin.size(), name.size() - begin.size() - end.size());
  if (middle.empty()) return -1;
  if (!middle.starts_with('_')) return {};
  const std::optional<int> agent = parse_number<int>(middle.substr(1));
  // Only as they are written: not policy_007.
  if (!agent || middle.substr(1) != std::to_string(*agent)) return {};
  return agent;
}

/// What cannot be read is a wrong request here, no failure of the machine.
std::vector<fs::path> files_in(const fs::path& directory) {
  try {
    return StagedFiles::newest_files(directory);
  } catch (const RunError& error) {
    throw UsageError(error.what());
  }
}

std::vector<std::string> policies_in(const fs::path& directory) {
  std::map<int, std::string> by_agent;
  for (const fs::path& path : files_in(directory)) {
    if (const std::optional<int> agent = agent_of(path.filename().string())) {
      by_agent.emplace(*agent, path.string());
    }
  }
  std::vector<std::string> files;
  for (auto& [agent, path] : by_agent) files.push_back(path);
  if (files.empty()) {
    throw UsageError(directory.string() +
                     ": has no policies; a run directory has policy.safetensors, or "
                     "policy_0.safetensors and so on");
  }
  return files;
}

}  // namespace

std::vector<std::string> policy_files(std::span<const std::string> arguments) {
  std::vector<std::string> files;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (!fs::is_directory(argument, error)) {
      files.push_back(argument);
      continue;
    }
    const std::vector<std::string> own = policies_in(argument);
    files.insert(files.end(), own.begin(), own.end());
  }
  return files;
}

}  // namespace polyak
