// CSV with a header line whose fields are numbers, words, lists in quotes, or empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace polyak {

struct TextTable {
  std::string file;  // its name, for messages
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // [rows][columns]

  /// A field as a number; NaN where it is empty. UsageError with file, line and column if it is
  /// neither.
  double number(std::size_t row, std::size_t column) const;
  /// A field that is a whole number from 0 to 9e15; the same error if it is none.
  std::int64_t count(std::size_t row, std::size_t column) const;
  /// UsageError about a field: "trials.csv: line 3: 'x' is no score".
  [[noreturn]] void refuse(std::size_t row, std::size_t column) const;
};

/// The text of a file whose first columns are `beginning`. While a program writes, its last row may
/// be there in part: whatever is behind the last end of a line is left out. UsageError with the
/// line's number if the first line is another, or a row has more or fewer fields.
TextTable parse_text_table(std::string_view text, const std::string& file,
                           std::span<const std::string_view> beginning);

/// The same from the file itself.
TextTable read_text_table(const std::filesystem::path& file,
                          std::span<const std::string_view> beginning);

}  // namespace polyak
