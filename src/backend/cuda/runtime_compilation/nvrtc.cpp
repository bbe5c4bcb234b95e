#include "backend/cuda/runtime_compilation/nvrtc.hpp"

#include <cuda.h>
#include <dlfcn.h>
#include <nvrtc.h>

#include <cstdlib>
#include <optional>
#include <type_traits>

namespace polyak::cuda {
namespace {

constexpr int toolkit_version = CUDA_VERSION / 1000;

/// An opened shared library, which stays open: the program needs it to its end.
void* open_library() {
  const std::string name = "libnvrtc.so." + std::to_string(toolkit_version);
  std::vector<std::string> paths = {name};
  for (const char* const variable : {"CUDA_HOME", "CUDA_PATH"}) {
    if (const char* const folder = std::getenv(variable); folder != nullptr && *folder != '\0') {
      paths.push_back(std::string(folder) + "/lib64/" + name);
    }
  }
  paths.push_back("/usr/local/cuda/lib64/" + name);
  paths.push_back("/usr/local/cuda-" + std::to_string(toolkit_version) + "/lib64/" + name);
  for (const std::string& path : paths) {
    if (void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}

/// The functions that are needed, as nvrtc.h declares them.
struct Functions {
  decltype(&nvrtcVersion) version;
  decltype(&nvrtcCreateProgram) create;
  decltype(&nvrtcDestroyProgram) destroy;
  decltype(&nvrtcCompileProgram) compile;
  decltype(&nvrtcGetProgramLogSize) log_size;
  decltype(&nvrtcGetProgramLog) log;
  decltype(&nvrtcGetCUBINSize) cubin_size;
  decltype(&nvrtcGetCUBIN) cubin;
};

template <class Function>
bool find_function(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

std::optional<Functions> find_functions(void* library) {
  Functions found{};
  const bool all = find_function(library, "nvrtcVersion", found.version) &&
                   find_function(library, "nvrtcCreateProgram", found.create) &&
                   find_function(library, "nvrtcDestroyProgram", found.destroy) &&
                   find_function(library, "nvrtcCompileProgram", found.compile) &&
                   find_function(library, "nvrtcGetProgramLogSize", found.log_size) &&
                   find_function(library, "nvrtcGetProgramLog", found.log) &&
                   find_function(library, "nvrtcGetCUBINSize", found.cubin_size) &&
                   find_function(library, "nvrtcGetCUBIN", found.cubin);
  return all ? std::optional(found) : std::nullopt;
}

/// What a pair of NVRTC's functions gives, the one its size and the other the bytes.
template <class Size, class Bytes>
std::string bytes_of(nvrtcProgram program, Size size, Bytes bytes) {
  std::size_t count = 0;
  if (size(program, &count) != NVRTC_SUCCESS) return {};
  std::string text(count, '\0');
  return bytes(program, text.data()) == NVRTC_SUCCESS ? text : std::string();
}

class LoadedNvrtc final : public Nvrtc {
 public:
  explicit LoadedNvrtc(const Functions& functions) : functions_(functions) {}

  Compilation compile(const std::string& source, const std::string& architecture,
                      const std::vector<std::string>& more_options) const override {
    nvrtcProgram program = nullptr;
    if (functions_.create(&program, source.c_str(), "fused_training.cu", 0, nullptr, nullptr) !=
        NVRTC_SUCCESS) {
      return {{}, "nvrtcCreateProgram failed"};
    }
    // As cmake/CompileFlags.cmake has it for nvcc. What is marked neither for the host nor for the
    // device is for the device; the host's 128-bit integers are not known without being asked for.
    std::vector<std::string> options = {"--gpu-architecture=" + architecture,
                                        "--std=c++20",
                                        "--fmad=false",
                                        "--prec-div=true",
                                        "--prec-sqrt=true",
                                        "--ftz=false",
                                        "--device-as-default-execution-space",
                                        "--device-int128"};
    options.insert(options.end(), more_options.begin(), more_options.end());
    std::vector<const char*> pointers;
    for (const std::string& option : options) pointers.push_back(option.c_str());
    const nvrtcResult result =
        functions_.compile(program, static_cast<int>(pointers.size()), pointers.data());
    Compilation compilation;
    compilation.messages = bytes_of(program, functions_.log_size, functions_.log);
    if (result == NVRTC_SUCCESS) {
      compilation.cubin = bytes_of(program, functions_.cubin_size, functions_.cubin);
    }
    functions_.destroy(&program);
    return compilation;
  }

  std::string version() const override {
    int major = 0, minor = 0;
    functions_.version(&major, &minor);
    return "NVRTC " + std::to_string(major) + "." + std::to_string(minor);
  }

 private:
  Functions functions_;
};

}  // namespace

const Nvrtc* Nvrtc::find(std::string* why_not) {
  static void* const library = open_library();
  static const std::optional<Functions> functions =
      library == nullptr ? std::nullopt : find_functions(library);
  if (functions) {
    static const LoadedNvrtc nvrtc(*functions);
    return &nvrtc;
  }
  *why_not = "no NVRTC of CUDA " + std::to_string(toolkit_version) + " was found";
  return nullptr;
}

}  // namespace polyak::cuda
