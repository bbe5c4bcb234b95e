#include "io/table_file.hpp"

#include <algorithm>
#include <fstream>
#include <vector>

#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {

std::string TableMark::text() const { return std::to_string(bytes) + " " + sha256; }

std::optional<TableMark> parse_table_mark(std::string_view text) {
  const std::size_t space = text.find(' ');
  const std::optional<std::int64_t> bytes = parse_number<std::int64_t>(text.substr(0, space));
  if (!bytes || *bytes < 0 || space == text.npos) return {};
  return TableMark{*bytes, std::string(text.substr(space + 1))};
}

TableBeginning find_beginning(const std::filesystem::path& path, const TableMark& mark,
                              std::int64_t bytes) {
  constexpr std::int64_t piece_bytes = std::int64_t{1} << 20;
  std::ifstream file(path, std::ios::binary);
  std::vector<char> piece(static_cast<std::size_t>(piece_bytes));
  TableBeginning beginning{0, {}};
  for (const std::int64_t end : {mark.bytes, bytes}) {
    while (beginning.bytes < end) {
      file.read(piece.data(), std::min(piece_bytes, end - beginning.bytes));
      const std::streamsize count = file.gcount();
      if (count <= 0) {
        throw UsageError(path.string() + ": has only " + std::to_string(beginning.bytes) +
                         " bytes of the " + std::to_string(end) + " to continue behind");
      }
      beginning.digest.add(std::string_view(piece.data(), static_cast<std::size_t>(count)));
      beginning.bytes += count;
    }
    if (beginning.bytes == mark.bytes && beginning.digest.hex() != mark.sha256) {
      throw UsageError(path.string() + ": is not that of the checkpoint");
    }
  }
  return beginning;
}

TableFile TableFile::continued(const std::filesystem::path& path, const TableBeginning& beginning) {
  TableFile table;
  table.file_ = OutputFile::continued(path, beginning.bytes);
  table.digest_ = beginning.digest;
  return table;
}

std::string TableFile::append(std::string_view lines) {
  unwritten_ += lines;
  try {
    file_.append(unwritten_);
    digest_.add(unwritten_);
    unwritten_.clear();
    return {};
  } catch (const RunError& error) {
    return error.what();
  }
}

std::string TableFile::sync() {
  std::string failure = append({});
  try {
    file_.sync();
  } catch (const RunError& error) {
    failure = error.what();
  }
  return failure;
}

}  // namespace polyak
