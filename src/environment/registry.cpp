#include "polyak/environment/registry.hpp"

#include <algorithm>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

template <Environment... E>
std::vector<EnvironmentInfo> infos(EnvironmentList<E...>) {
  return {environment_info<E>()...};
}

}  // namespace

std::vector<EnvironmentInfo> all_environments() { return infos(Environments{}); }

bool is_fused_environment(std::string_view name) {
  const std::vector<EnvironmentInfo> fused = infos(FusedEnvironments{});
  return std::any_of(fused.begin(), fused.end(),
                     [name](const EnvironmentInfo& info) { return info.name == name; });
}

EnvironmentInfo find_environment(std::string_view name) {
  for (const EnvironmentInfo& info : all_environments()) {
    if (info.name == name) return info;
  }
  detail::unknown_environment(name);
}

void detail::unknown_environment(std::string_view name) {
  std::string known;
  for (const EnvironmentInfo& info : all_environments()) {
    known += (known.empty() ? "" : ", ") + std::string(info.name);
  }
  throw UsageError("unknown environment '" + std::string(name) + "'; known are " + known);
}

}  // namespace polyak
