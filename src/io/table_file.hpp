// A table that grows while a training runs, and outlives a disk that is full for a while.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "io/output_file.hpp"

namespace polyak {

/// Rows that cannot be written are kept, and tried again with every later one.
class TableFile {
 public:
  /// No file yet.
  TableFile() = default;
  /// Creates the file with its header line; RunError (OutputFile).
  TableFile(const std::filesystem::path& path, const std::filesystem::path& shown_as,
            std::string_view header)
      : file_(path, shown_as) {
    file_.append(header);
  }

  /// Goes on with a table of this header behind its first `size` bytes. UsageError if it is another
  /// one, or shorter.
  static TableFile continued(const std::filesystem::path& path, std::string_view header,
                             std::int64_t size);

  /// The bytes of the lines that are written.
  std::int64_t size() const { return file_.size(); }

  /// Whole lines. Why some of them are still not written is returned, or nothing.
  std::string append(std::string_view lines);

  /// Tries once more and waits for the disk. Why that failed is returned, or nothing.
  std::string sync();

 private:
  OutputFile file_;
  std::string unwritten_;
};

}  // namespace polyak
