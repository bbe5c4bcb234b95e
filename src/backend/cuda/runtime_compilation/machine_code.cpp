#include "backend/cuda/runtime_compilation/machine_code.hpp"

#include <mutex>

#include "backend/notices.hpp"

namespace polyak::cuda {

std::string KernelCompiler::key(const std::string& source) const {
  return nvrtc_.version() + "\n" + architecture_ + "\n" + source;
}

bool KernelCompiler::has(const KernelShape& shape) const {
  return cache_.load(key(kernel_source(shape))).has_value();
}

Compilation KernelCompiler::compile(const KernelShape& shape) const {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  const std::string source = kernel_source(shape);
  if (const auto cached = cache_.load(key(source))) return {*cached, {}};
  give_notice("compiling a kernel for networks and a batch of this shape; " +
              (cache_.folder().empty() ? "there is no folder to keep it in ($HOME is not set)"
                                       : "it will be kept in " + cache_.folder().string()));
  Compilation compilation = nvrtc_.compile(source, architecture_);
  if (!compilation.cubin.empty()) cache_.store(key(source), compilation.cubin);
  return compilation;
}

}  // namespace polyak::cuda
