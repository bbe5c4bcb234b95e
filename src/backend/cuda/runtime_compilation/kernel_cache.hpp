// Machine code that was compiled for this machine before.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace polyak::cuda {

/// A folder of files, each complete or not there, by what their content follows from. What cannot
/// be read or written is as if it were not there: a cache is worth no failure.
class KernelCache {
 public:
  /// An empty path is a cache that keeps nothing.
  explicit KernelCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// What was stored with this key; nothing if there is none, or if it is damaged.
  std::optional<std::string> load(const std::string& key) const;
  void store(const std::string& key, const std::string& content) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path file(const std::string& key) const;

  std::filesystem::path folder_;
};

/// polyak/kernels in the user's folder for such things: $XDG_CACHE_HOME, or .cache in $HOME (XDG
/// Base Directory Specification); empty if neither is set.
std::filesystem::path kernel_cache_folder();

}  // namespace polyak::cuda
