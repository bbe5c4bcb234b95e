// A table that grows while a training runs, and outlives a disk that is full for a while.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "io/output_file.hpp"
#include "io/sha256.hpp"

namespace polyak {

/// What a checkpoint remembers of a table: how long it was, and the digest of its bytes.
struct TableMark {
  std::int64_t bytes = 0;
  std::string sha256;

  std::string text() const;
};

/// The mark whose text this is; nothing if it is none's.
std::optional<TableMark> parse_table_mark(std::string_view text);

/// The first bytes of a table that has been found to be the one of a mark.
struct TableBeginning {
  std::int64_t bytes;
  Sha256 digest;
};

/// UsageError, which names the file, if it is shorter than `bytes`, or if it does not begin with
/// what `mark` is of. bytes: at least those of the mark.
TableBeginning find_beginning(const std::filesystem::path& path, const TableMark& mark,
                              std::int64_t bytes);

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
    digest_.add(header);
  }

  /// Goes on with a table behind its beginning; the rest is cut off.
  static TableFile continued(const std::filesystem::path& path, const TableBeginning& beginning);

  /// Of the lines that are written.
  TableMark mark() const { return {file_.size(), digest_.hex()}; }

  /// Whole lines. Why some of them are still not written is returned, or nothing.
  std::string append(std::string_view lines);

  /// Tries once more and waits for the disk. Why that failed is returned, or nothing.
  std::string sync();

 private:
  OutputFile file_;
  Sha256 digest_;  // of what is in it
  std::string unwritten_;
};

}  // namespace polyak
