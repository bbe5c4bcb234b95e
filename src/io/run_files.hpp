// The names of a training's files, and how a directory of a training is told from others.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace polyak {

/// Files of the whole training.
inline constexpr std::string_view config_file_name = "config.toml";
inline constexpr std::string_view metrics_file_name = "metrics.csv";
inline constexpr std::string_view summary_file_name = "summary.json";
/// The header line of metrics.csv begins so, in every version.
inline constexpr std::string_view metrics_header_beginning = "agent,environment_steps,updates,";

/// policy.safetensors, or policy_<agent>.safetensors if there are several agents.
std::string policy_file_name(int agent, int agents);

/// Whether a training writes a file of exactly this name. Nothing else in a run directory is ever
/// replaced or removed.
bool is_run_file_name(std::string_view name);

/// Whether a training's records are in `directory`. One file's name proves little, others have
/// config.toml too: config.toml must begin as ours does and metrics.csv have our header. RunError
/// if they are there and cannot be read.
bool holds_training(const std::filesystem::path& directory);

}  // namespace polyak
