// The files of one training: config.toml, metrics.csv, policies, summary.json.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "io/metrics_table.hpp"
#include "polyak/config.hpp"
#include "polyak/policy.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// A directory that belongs to one training.
class RunDirectory {
 public:
  /// UsageError if `path` cannot become a run directory: it is no directory, or it is not empty and
  /// `overwrite` is not set. Writes nothing.
  static void check(const std::filesystem::path& path, bool overwrite);

  /// Creates the directory, removes the files of an earlier training if there are any (and nothing
  /// else), and writes the configuration. UsageError if the directory cannot be written.
  RunDirectory(std::filesystem::path path, bool overwrite, const Config& config);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path metrics_path() const { return path_ / "metrics.csv"; }
  std::filesystem::path summary_path() const { return path_ / "summary.json"; }
  /// policy.safetensors, or policy_<agent>.safetensors if there are several agents.
  std::filesystem::path policy_path(int agent) const;

  /// Appends one row per agent to metrics.csv. RunError if they cannot be written.
  void write_metrics(const Report& report);

  /// Writes one agent's policy. RunError if it cannot be written.
  void write_policy(int agent, const Policy& policy) const;

  void write_summary(const nlohmann::ordered_json& summary) const;

 private:
  std::filesystem::path path_;
  int agents_;
  MetricsTable table_;
  std::ofstream metrics_;
};

}  // namespace polyak
