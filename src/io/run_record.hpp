// What a run directory says of its training, for whoever looks at it.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "io/agent_table.hpp"
#include "io/config_file.hpp"

namespace polyak {

struct RunRecord {  // NOLINT(bugprone-exception-escape): moving a JSON value throws nothing
  std::filesystem::path directory;
  std::vector<ConfigEntry> configuration;
  AgentTable metrics;
  AgentTable evaluations;                         // without columns if there are none
  nlohmann::json summary;                         // null while there is none
  std::map<int, std::filesystem::path> policies;  // by agent, those that are there

  /// A field of the configuration as its file writes it, commas between the values of a list; empty
  /// if it does not say.
  std::string configured(std::string_view field) const;
};

/// Reads a training that is running or has ended; if another takes its place meanwhile, that one.
/// UsageError if the directory holds none, or if a file in it is not what it should be.
RunRecord read_run(const std::filesystem::path& directory);

}  // namespace polyak
