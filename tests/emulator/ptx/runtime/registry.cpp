#include "emulator/ptx/runtime/registry.hpp"

#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

namespace polyak::emulator::ptx {
namespace {

/// Never destroyed: modules register before main, and counts are asked for after it.
std::map<std::string, Kernel>& kernels() {
  static auto& table = *new std::map<std::string, Kernel>;
  return table;
}

}  // namespace

Registration::Registration(const char* name, Body body, Parameters parameters) {
  const auto [entry, is_new] =
      kernels().try_emplace(readable_name(name), Kernel{body, std::move(parameters)});
  if (is_new) return;
  // An exception before main would not say more.
  std::fprintf(stderr, "two kernels of PTX have the name %s\n", entry->first.c_str());
  std::abort();
}

std::string readable_name(const std::string& mangled) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : mangled;
}

Kernel* find_kernel(const std::string& readable) {
  const auto found = kernels().find(readable);
  return found == kernels().end() ? nullptr : &found->second;
}

Kernel* find_kernel_of_ptx(const char* name) { return find_kernel(readable_name(name)); }

std::string launch_counts() {
  std::string text;
  for (const auto& [name, kernel] : kernels()) {
    text += std::to_string(kernel.launches) + " " + name + "\n";
  }
  return text;
}

}  // namespace polyak::emulator::ptx
