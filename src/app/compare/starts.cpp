#include "app/compare/starts.hpp"

#include <filesystem>
#include <vector>

#include "config/derived.hpp"
#include "polyak/environment/registry.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

/// Best returns are known for this task alone, and only with its own constants.
bool has_reference_starts(const Config& config) {
  return config.environment == "Pendulum-v1" && config.environment_parameters.empty() &&
         derive(config).evaluation_time_limit == find_environment(config.environment).time_limit;
}

}  // namespace

std::vector<std::filesystem::path> reference_folders() {
  std::vector<std::filesystem::path> folders = {POLYAK_DATA_DIRECTORY,
                                                POLYAK_SOURCE_DATA_DIRECTORY};
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    folders.insert(folders.begin(), program.parent_path().parent_path() / "share" / "polyak");
  }
  return folders;
}

ComparisonStarts comparison_starts(const Config& config, const std::string& path,
                                   std::span<const std::filesystem::path> folders) {
  const EnvironmentInfo environment = find_environment(config.environment);
  if (!path.empty()) return {read_starts(path, environment)};
  constexpr const char* reference = "pendulum_v1_starts.json";
  std::string remark;
  if (has_reference_starts(config)) {
    std::string searched;
    for (const std::filesystem::path& folder : folders) {
      std::error_code error;
      if (std::filesystem::exists(folder / reference, error)) {
        return {read_starts(folder / reference, environment)};
      }
      searched += (searched.empty() ? "" : ", ") + folder.string();
    }
    remark = std::string(reference) + " is not there (looked in " + searched +
             "), so returns from drawn start states are compared instead of regrets; --starts FILE "
             "names it";
  }
  constexpr std::int64_t drawn = 100;
  return {{environment.state_size,
           draw_starts(config.environment, environment_parameter_values(config), 0, drawn),
           {}},
          remark};
}

}  // namespace polyak
