// Chooses the CPU back end for the instruction set of the machine that the program runs on: the
// best one, or the one that POLYAK_INSTRUCTION_SET names. For builds with POLYAK_NATIVE=OFF.
#include <cstdlib>
#include <string>
#include <string_view>

#include "backend/cpu/entry_points.hpp"
#include "polyak/core/error.hpp"

extern "C" {
extern const polyak::CpuEntryPoints polyak_cpu_x86_64, polyak_cpu_x86_64_v3, polyak_cpu_x86_64_v4;
}

namespace polyak {
namespace {

constexpr const char* variable = "POLYAK_INSTRUCTION_SET";

struct InstructionSet {
  std::string_view name;
  bool supported;
  const CpuEntryPoints* entry_points;
};

// By features, as not all compilers know the levels' names. No CPU has these without the levels'
// others.
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

InstructionSet choose() {
  const InstructionSet best_first[] = {
      {"x86-64-v4", has_avx512(), &polyak_cpu_x86_64_v4},
      {"x86-64-v3", has_avx2(), &polyak_cpu_x86_64_v3},
      {"x86-64", true, &polyak_cpu_x86_64},
  };
  const char* const wanted = std::getenv(variable);
  std::string supported;
  for (const InstructionSet& set : best_first) {
    if (!set.supported) continue;
    if (!wanted || set.name == wanted) return set;
    supported += (supported.empty() ? "" : ", ") + std::string(set.name);
  }
  throw UsageError(
      std::string(variable) + "=" + wanted +
      " is none of the instruction sets that this program and this CPU have: " + supported);
}

const InstructionSet& chosen() {
  static const InstructionSet set = choose();
  return set;
}

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(const Config& config) {
  return chosen().entry_points->make_backend(config);
}

std::unique_ptr<Simulator> make_cpu_simulator(const SimulatorConfig& config) {
  return chosen().entry_points->make_simulator(config);
}

DeviceDescription describe_cpu() {
  DeviceDescription description = chosen().entry_points->describe();
  description.details.push_back("code for " + std::string(chosen().name) +
                                (std::getenv(variable) ? ", as " + std::string(variable) + " says"
                                                       : ", the best that this CPU can run"));
  return description;
}

std::vector<MemoryNeed> cpu_memory_needs(const Config& config) {
  return chosen().entry_points->memory_needs(config);
}

}  // namespace polyak
