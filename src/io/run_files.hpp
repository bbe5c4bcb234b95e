// The names of a training's files, and how a directory of a training is told from others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace polyak {

/// Files of the whole training.
inline constexpr std::string_view config_file_name = "config.toml";
inline constexpr std::string_view metrics_file_name = "metrics.csv";
inline constexpr std::string_view evaluations_file_name = "evaluations.csv";
inline constexpr std::string_view summary_file_name = "summary.json";
/// What `polyak report` writes into a run directory unless it is told otherwise, and how it begins.
inline constexpr std::string_view report_file_name = "report.html";
inline constexpr std::string_view report_beginning =
    "<!DOCTYPE html>\n<!-- A report of polyak -->\n";
/// The header line of metrics.csv begins so, in every version.
inline constexpr std::string_view metrics_header_beginning = "agent,environment_steps,updates,";

/// policy.safetensors, or policy_<agent>.safetensors if there are several agents.
std::string policy_file_name(int agent, int agents);

/// policy_best.safetensors, or policy_best_<agent>.safetensors: an agent's policy at its best
/// evaluation.
std::string best_policy_file_name(int agent, int agents);

/// The agent whose newest policy a file of this name is, only_agent for policy.safetensors; nothing
/// if no training gives such a policy this name.
std::optional<int> agent_of_policy_file(std::string_view name);
inline constexpr int only_agent = -1;

/// events.out.tfevents.<seconds>.polyak, as TensorBoard wants the names of its files: a time since
/// 1970 of ten digits, by which it sorts them.
std::string event_file_name(std::int64_t seconds);

/// The time in such a name; nothing if it is none.
std::optional<std::int64_t> time_of_event_file(std::string_view name);

/// Whether some training writes a file of exactly this name.
bool is_run_file_name(std::string_view name);

/// Whether one of so many agents writes one.
bool is_file_of_training(std::string_view name, int agents);

/// The files in a directory that are those of the training of so many agents that is in it, or show
/// it, as its report does.
std::vector<std::string> files_of_training(const std::filesystem::path& directory, int agents);

/// Whether a regular file begins with this text. RunError if it cannot be read.
bool begins_with(const std::filesystem::path& file, std::string_view expected);

/// The number of agents of the training whose records are in `directory`, nothing if none are. One
/// file's name proves little, others have config.toml too: it must begin as ours does and say how
/// many agents there are, and metrics.csv must have our header. RunError if they are there and
/// cannot be read.
std::optional<int> agents_of_training(const std::filesystem::path& directory);

}  // namespace polyak
