// What the operating system's file calls need around them: ownership, interrupted calls, syncing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace polyak {

/// Owns an open file or directory; -1 where opening failed.
class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor = -1) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  bool is_open() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

  /// Whether `path` leads to what is open; if nothing is, whether it leads to nothing.
  bool is_at(const std::filesystem::path& path) const;

  /// Writes everything, however many calls that takes. False with errno set if it cannot.
  bool write(std::string_view content) const;
  /// The same from byte `position` of the file on.
  bool write_at(std::int64_t position, std::string_view content) const;
  /// Fills `content` from there. False with errno if it cannot, zero where the file ends before.
  bool read_at(std::int64_t position, std::span<char> content) const;
  /// The length of the file in bytes; zero if nobody knows.
  std::int64_t size() const;
  /// Waits until what was written is on the disk. False with errno set if it is not.
  bool sync() const;
  /// Closes now, because some file systems tell only then that a write failed. False with errno.
  bool close();

 private:
  int descriptor_;
};

/// Waits until the names in a directory (created, renamed, removed) are on the disk. RunError if
/// that fails; a directory that may not be opened for reading is left to the system.
void sync_directory(const std::filesystem::path& directory);

/// Everything that is in a directory. RunError if it cannot be read.
std::vector<std::string> names_in_directory(const std::filesystem::path& directory);

/// RunError if a file is there and cannot be removed.
void remove_file(const std::filesystem::path& path);

/// RunError "cannot write PATH: REASON", the reason being errno's.
[[noreturn]] void fail_to_write(const std::filesystem::path& path);

}  // namespace polyak
