#include "backend/mpi/launch.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// Who sets which variables. mpirun may itself be run by srun, once for every machine: first what
/// is nearer to the process.
struct Launcher {
  const char *name, *processes, *rank;
};
constexpr std::array launchers = {
    Launcher{"mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
    Launcher{"mpirun", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"},
    Launcher{"mpirun", "PMI_SIZE", "PMI_RANK"},
    Launcher{"srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"},
};

std::optional<int> number_of(const char* text) {
  if (text == nullptr) return {};
  const std::string_view digits(text);
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value < 0) return {};
  return value;
}

bool are_separate(const char* wish) {
  if (wish == nullptr || *wish == '\0') return false;
  if (std::string_view(wish) == "off") return true;
  throw UsageError("POLYAK_RANKS: '" + std::string(wish) +
                   "' is no choice; use off, for processes that train each by itself, or unset it");
}

}  // namespace

Launch launch_of(const std::function<const char*(const char*)>& variable) {
  if (are_separate(variable("POLYAK_RANKS"))) return {};
  for (const Launcher& launcher : launchers) {
    const std::optional<int> processes = number_of(variable(launcher.processes));
    const std::optional<int> rank = number_of(variable(launcher.rank));
    if (processes && rank) return {*rank, *processes, launcher.name};
  }
  return {};
}

}  // namespace polyak
