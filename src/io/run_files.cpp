#include "io/run_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::array shared_files = {config_file_name, metrics_file_name, summary_file_name};

/// Files that there is one of for every agent: NAME.safetensors or NAME_<agent>.safetensors.
constexpr std::array<std::string_view, 1> agent_files = {"policy"};
constexpr std::string_view agent_file_extension = ".safetensors";

/// 0, 1, 2, ..., without leading zeros.
bool is_agent_number(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_agent_file_name(std::string_view name, std::string_view kind) {
  if (!name.starts_with(kind) || !name.ends_with(agent_file_extension)) return false;
  name.remove_prefix(kind.size());
  name.remove_suffix(std::min(name.size(), agent_file_extension.size()));
  return name.empty() || (name.front() == '_' && is_agent_number(name.substr(1)));
}

bool begins_with(const std::filesystem::path& file, std::string_view expected) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return false;  // a pipe would wait for ever
  std::string beginning(expected.size(), '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  if (!stream.is_open() || stream.bad()) throw RunError("cannot read " + file.string());
  return beginning == expected;
}

}  // namespace

std::string policy_file_name(int agent, int agents) {
  std::string name(agent_files.front());
  if (agents > 1) name += "_" + std::to_string(agent);
  return name += agent_file_extension;
}

bool is_run_file_name(std::string_view name) {
  return std::find(shared_files.begin(), shared_files.end(), name) != shared_files.end() ||
         std::any_of(agent_files.begin(), agent_files.end(),
                     [&](std::string_view kind) { return is_agent_file_name(name, kind); });
}

bool holds_training(const std::filesystem::path& directory) {
  return begins_with(directory / config_file_name, "# A training of polyak") &&
         begins_with(directory / metrics_file_name, metrics_header_beginning);
}

}  // namespace polyak
