#include "app/compare_starts.hpp"

#include <filesystem>
#include <vector>

#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

/// Best returns are known for this task alone, and only with its own constants.
bool has_reference_starts(const Config& config) {
  return config.environment == "Pendulum-v1" && config.environment_parameters.empty() &&
         derive(config).time_limit == find_environment(config.environment).time_limit;
}

/// Beside the program where it is installed, where it was to be installed, or in the source tree.
std::filesystem::path reference_starts_path() {
  constexpr const char* name = "pendulum_v1_starts.json";
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::vector<std::filesystem::path> folders = {
      program.parent_path().parent_path() / "share" / "polyak", POLYAK_DATA_DIRECTORY,
      POLYAK_SOURCE_DATA_DIRECTORY};
  for (const std::filesystem::path& folder : folders) {
    if (std::filesystem::exists(folder / name, error)) return folder / name;
  }
  throw UsageError(std::string("cannot find ") + name + " in " + folders[0].string() + ", " +
                   folders[1].string() + " or " + folders[2].string() +
                   "; name a file of start states with --starts");
}

}  // namespace

Starts comparison_starts(const Config& config, const std::string& path) {
  const EnvironmentInfo environment = find_environment(config.environment);
  if (!path.empty()) return read_starts(path, environment);
  if (has_reference_starts(config)) return read_starts(reference_starts_path(), environment);
  constexpr std::int64_t drawn = 100;
  return {environment.state_size,
          draw_starts(config.environment, environment_parameter_values(config), 0, drawn),
          {}};
}

}  // namespace polyak
