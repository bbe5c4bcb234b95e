#include "backend/cuda/runtime_compilation/kernel_cache.hpp"

#include <cstdlib>
#include <system_error>

#include "io/atomic_file.hpp"
#include "io/read_file.hpp"
#include "io/sha256.hpp"
#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

constexpr std::uint64_t max_bytes = 64 << 20;  // of a file
constexpr std::size_t digest_digits = 64;

std::string digest(const std::string& text) { return Sha256().add(text).hex(); }

}  // namespace

std::filesystem::path KernelCache::file(const std::string& key) const {
  return folder_ / (digest(key) + ".cubin");
}

std::optional<std::string> KernelCache::load(const std::string& key) const {
  if (folder_.empty()) return {};
  try {
    std::string content = read_whole_file(file(key), max_bytes);
    if (content.size() < digest_digits) return {};
    const std::string stored = content.substr(content.size() - digest_digits);
    content.resize(content.size() - digest_digits);
    return digest(content) == stored ? std::optional(content) : std::nullopt;
  } catch (const std::runtime_error&) {
    return {};
  }
}

void KernelCache::store(const std::string& key, const std::string& content) const {
  if (folder_.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  try {
    write_file_atomically(file(key), content + digest(content));
  } catch (const std::runtime_error&) {
    // The next training compiles it again.
  }
}

std::filesystem::path kernel_cache_folder() {
  const auto folder_in = [](const char* variable) {
    const char* const value = std::getenv(variable);
    return std::filesystem::path(value == nullptr ? "" : value);
  };
  // Relative paths are invalid there, says the specification.
  if (const auto cache = folder_in("XDG_CACHE_HOME"); cache.is_absolute()) {
    return cache / "polyak" / "kernels";
  }
  if (const auto home = folder_in("HOME"); home.is_absolute()) {
    return home / ".cache" / "polyak" / "kernels";
  }
  return {};
}

}  // namespace polyak::cuda
