// A new file that is written piece by piece.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "io/file_descriptor.hpp"

namespace polyak {

/// Every failure is a RunError that names the file as `shown_as`: what the user will find in the
/// end, where `path` is only on the way there.
class OutputFile {
 public:
  /// No file yet.
  OutputFile() = default;
  /// Creates the file; whatever has this name already, a link to nowhere included, is a failure.
  OutputFile(const std::filesystem::path& path, std::filesystem::path shown_as);

  /// Goes on with a file behind its first `size` bytes; the rest is cut off. UsageError if there is
  /// no such file, or if it is shorter.
  static OutputFile continued(const std::filesystem::path& path, std::int64_t size);

  /// The bytes of all that was written.
  std::int64_t size() const { return size_; }

  /// Writes all of `text` or, if that fails, leaves the file as it was.
  void append(std::string_view text);
  /// Waits until everything is on the disk.
  void sync() const;
  /// sync(), and no more can be written.
  void finish();

 private:
  FileDescriptor descriptor_;
  std::filesystem::path shown_as_;
  std::int64_t size_ = 0;  // bytes of whole appends
};

/// A whole new file, on the disk; none if that fails.
void write_new_file(const std::filesystem::path& path, std::string_view content,
                    const std::filesystem::path& shown_as);

}  // namespace polyak
