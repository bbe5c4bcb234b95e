// A directory that one process writes in and no other.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_descriptor.hpp"

namespace polyak {

/// Holds a lock on a directory, which ends with the object or with the process. Where the file
/// system knows no locks the directory is held without. Links in the path are followed.
class DirectoryClaim {
 public:
  /// The directory `path`, created with its parents if it is missing. UsageError if it cannot be
  /// one, cannot be written, or is in use; RunError if the machine fails.
  static DirectoryClaim named(const std::filesystem::path& path);

  /// The same of one that is there, for a training that goes on.
  static DirectoryClaim existing(const std::filesystem::path& path);

  /// A new directory: `base`, or `base` and a number if there is something of that name already.
  static DirectoryClaim numbered(const std::filesystem::path& base);

  DirectoryClaim(DirectoryClaim&&) noexcept = default;
  DirectoryClaim& operator=(DirectoryClaim&&) noexcept = default;
  /// Removes the directories that it created if nothing was put into them.
  ~DirectoryClaim();

  const std::filesystem::path& path() const { return path_; }

  /// Waits until the directories that it created are on the disk.
  void sync_created() const;

 private:
  DirectoryClaim() = default;
  bool create(const std::filesystem::path& path);
  bool lock();
  static std::optional<DirectoryClaim> try_named(const std::filesystem::path& path);

  std::filesystem::path path_;
  std::vector<std::filesystem::path> created_;  // parents first
  FileDescriptor directory_;
};

/// Whether a training, of this or another process, has the directory. False where the file system
/// knows no locks.
bool is_claimed(const std::filesystem::path& directory);

/// The options that name the directory of a training.
inline constexpr std::string_view output_option = "--output", resumed_option = "--resume";

/// UsageError "OPTION PATH: WHY".
[[noreturn]] void refuse_directory(std::string_view option, const std::filesystem::path& path,
                                   const std::string& why);

}  // namespace polyak
