// Runs every launch of the process from PTX. POLYAK_PTX_RUN says how: `both` (the rule) runs the
// source as well, on the same memory, and demands the same bits of all memory; `ptx` runs PTX
// alone. POLYAK_PTX_COUNTS names a file to which the numbers of launches are appended when the
// process ends.

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "emulator/error.hpp"
#include "emulator/ptx/runtime/address_spaces.hpp"
#include "emulator/ptx/runtime/host_symbols.hpp"
#include "emulator/ptx/runtime/memory_snapshot.hpp"
#include "emulator/ptx/runtime/registry.hpp"
#include "emulator/runtime/launch_runner.hpp"

namespace polyak::emulator::ptx {
namespace {

bool runs_source_as_well() {
  const char* value = std::getenv("POLYAK_PTX_RUN");
  const std::string text = value == nullptr ? "both" : value;
  if (text != "both" && text != "ptx") {
    throw Error("POLYAK_PTX_RUN must be both or ptx, not '" + text + "'");
  }
  return text == "both";
}

/// nvcc and g++ must agree about what a kernel takes.
void check_parameters(const std::string& name, const Kernel& kernel,
                      const ParameterMemory& arguments) {
  if (kernel.parameters != arguments.parameters()) {
    throw Error(name + ": PTX has other parameters than the source");
  }
}

class PtxRunner : public LaunchRunner {
 public:
  ~PtxRunner() override { write_counts(); }

  std::size_t run(const Launch& launch, const ParameterMemory& parameters,
                  const std::function<void()>& source) override {
    Kernel& kernel = kernel_of(launch);
    check_parameters(launch.name, kernel, parameters);
    ++kernel.launches;
    ++launches_;
    const auto body = [&kernel, &parameters] { kernel.body(parameters.data()); };
    prepare_address_spaces(parameters.data(), parameters.bytes());
    if (!runs_source_as_well()) return run_kernel(launch, body);
    MemorySnapshot other;
    run_kernel(launch, body);
    other.swap_with_memory();
    const std::size_t static_shared_bytes = run_kernel(launch, source);
    if (const auto difference = other.first_difference("PTX", "the source")) {
      throw Error(launch.name + ", launch " + std::to_string(launches_) + ": " + *difference);
    }
    return static_shared_bytes;
  }

 private:
  Kernel& kernel_of(const Launch& launch) {
    Kernel*& kernel = kernels_[launch.function];
    if (kernel != nullptr) return *kernel;
    const std::string name = readable_name(name_of_function(launch.function));
    kernel = find_kernel(name);
    if (kernel == nullptr) {
      throw Error(launch.name + ": no kernel of the name '" + name + "' was translated from PTX");
    }
    return *kernel;
  }

  static void write_counts() {
    const char* path = std::getenv("POLYAK_PTX_COUNTS");
    if (path != nullptr) std::ofstream(path, std::ios::app) << launch_counts();
  }

  std::map<const void*, Kernel*> kernels_;
  std::uint64_t launches_ = 0;
};

/// Takes over before main.
[[maybe_unused]] const bool installed = [] {
  static PtxRunner runner;
  launch_runner() = &runner;
  return true;
}();

}  // namespace
}  // namespace polyak::emulator::ptx
