// CSV with a header line, numbers only: what the commands read and write.
#pragma once

#include <filesystem>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "io/text_value.hpp"

namespace polyak {

/// A table of float32 read from a file.
struct CsvTable {
  std::vector<std::string> header;
  std::vector<float> values;  // [rows, header.size()]
  std::size_t rows() const { return header.empty() ? 0 : values.size() / header.size(); }
};

/// Reads a CSV whose columns are exactly `header`, in that order. UsageError with the line's number
/// if a line has another number of values, or one that is not a finite number.
CsvTable read_csv(const std::filesystem::path& path, std::span<const std::string> header);

/// The same from a file's text; `name` is the file's, for messages.
CsvTable parse_csv(std::string_view text, const std::string& name,
                   std::span<const std::string> header);

/// One line of a CSV; numbers read back exactly, NaN is an empty field.
class CsvLine {
 public:
  template <class Number>
  requires std::is_arithmetic_v<Number> CsvLine& add(Number value) {
    if (!text_.empty() || separate_) text_ += ',';
    separate_ = true;
    if constexpr (std::is_floating_point_v<Number>) {
      if (std::isnan(value)) return *this;
    }
    text_ += format_number(value);
    return *this;
  }
  template <class Number>
  CsvLine& add(std::span<const Number> values) {
    for (const Number value : values) add(value);
    return *this;
  }
  /// The line with its end, ready to be written.
  std::string str() const { return text_ + '\n'; }

 private:
  std::string text_;
  bool separate_ = false;
};

/// `name` for a single dimension, otherwise name_0, name_1, ...; `always_number` numbers one, too.
std::vector<std::string> column_names(const std::string& name, int dimensions,
                                      bool always_number = false);

}  // namespace polyak
