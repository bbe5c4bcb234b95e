#include "io/config_file.hpp"

#include <algorithm>
#include <regex>
#include <utility>

#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

// toml++ 3.3 asserts of every file what it then checks, that a table's name begins with a letter;
// with NDEBUG it has Clang leave the check out. Neither is wanted: a mistake in a file is an error.
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>

namespace polyak {
namespace {

std::string place_of(const std::string& file, const toml::source_position& position) {
  return file + ": line " + std::to_string(position.line) + ", column " +
         std::to_string(position.column) + ": ";
}

/// The text without a byte order mark, and with a question mark for every byte that is not ASCII:
/// toml++ 3.3 has undefined behaviour for such letters where no string is, and no field needs any.
std::string in_ascii(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::string ascii(text);
  const auto is_other = [](char letter) { return static_cast<unsigned char>(letter) > 0x7F; };
  std::replace_if(ascii.begin(), ascii.end(), is_other, '?');
  return ascii;
}

/// Only a list with a value for each agent is a long line, `name = [...`. Any other would let a key
/// a.a.a.a have more levels than the parser, which frees them recursively, has stack for.
void check_lines(std::string_view text, const std::string& file) {
  constexpr std::size_t longest_line = 4096;
  constexpr std::string_view name_letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  for (toml::source_position start{1, 1}; !text.empty(); ++start.line) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.size() <= longest_line) continue;
    const std::size_t name_end = std::min(line.find_first_not_of(name_letters), line.size());
    const std::string_view rest = line.substr(name_end);
    const bool is_plain =
        rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size())).starts_with('=') &&
        rest.find('{') == std::string_view::npos;
    if (is_plain && name_end <= longest_line) continue;
    throw UsageError(place_of(file, start) + "has " + std::to_string(line.size()) +
                     " characters; only a line `name = [value, ...]` may have more than " +
                     std::to_string(longest_line));
  }
}

/// The text with the whole numbers of its `line` that are beyond TOML's, 2^63 - 1, in quotes.
std::string quote_large_numbers(std::string_view text, std::size_t line) {
  std::size_t begin = 0;
  for (std::size_t number = 1; number < line; ++number) begin = text.find('\n', begin) + 1;
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  static const std::regex large(R"(\b\d{19,20}\b)");
  const std::string changed =
      std::regex_replace(std::string(text.substr(begin, end - begin)), large, "\"$&\"");
  return std::string(text.substr(0, begin)) + changed + std::string(text.substr(end));
}

bool is_seed_line(std::string_view text, std::size_t line) {
  for (std::size_t number = 1; number < line; ++number) text.remove_prefix(text.find('\n') + 1);
  return text.starts_with("seed = ");
}

toml::table parse_toml(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    const toml::source_position place = error.source().begin;
    throw UsageError(place_of(file, place) + std::string(error.description()) +
                     "; a line is name = value, with words in quotes and lists in brackets");
  }
}

/// Polyak 0.1.0 wrote seeds from 2^63 on as numbers, which they are not in TOML.
toml::table parse_toml_of_any_version(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    const std::size_t line = error.source().begin.line;
    if (!is_seed_line(text, line)) return parse_toml(text, file);
    return parse_toml(quote_large_numbers(text, line), file);
  }
}

/// Makes entries of a file's tables.
class EntryReader {
 public:
  explicit EntryReader(const std::string& file) : file_(file) {}

  void read_table(const toml::table& table, const std::string& name) {
    for (const auto& [key, node] : table) {
      const toml::table* const inner = node.as_table();
      if (inner != nullptr && name.empty() && !inner->is_inline()) {
        read_table(*inner, std::string(key.str()));
        if (inner->empty()) add(key, {std::string(key.str()), "", {}, ""});
      } else {
        read_entry(key, node, name);
      }
    }
  }

  /// In the order of their lines, so that the first mistake of a file is the one reported.
  std::vector<ConfigEntry> take() {
    std::sort(entries_.begin(), entries_.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<ConfigEntry> entries;
    for (auto& [position, entry] : entries_) entries.push_back(std::move(entry));
    return entries;
  }

 private:
  void read_entry(const toml::key& key, const toml::node& node, const std::string& table) {
    ConfigEntry entry{table, std::string(key.str()), {}, ""};
    if (entry.name.empty()) refuse(entry, node, "is no name");
    if (const toml::array* const list = node.as_array()) {
      for (const toml::node& element : *list) entry.values.push_back(value(element, entry));
    } else {
      entry.values.push_back(value(node, entry));
    }
    add(key, std::move(entry));
  }

  void add(const toml::key& key, ConfigEntry entry) {
    const toml::source_position position = key.source().begin;
    entry.place = place_of(file_, position);
    entries_.emplace_back(position, std::move(entry));
  }

  ConfigValue value(const toml::node& node, const ConfigEntry& entry) const {
    if (const auto* const word = node.as_string()) return {ConfigValueKind::word, word->get()};
    if (const auto* const truth = node.as_boolean()) {
      return {ConfigValueKind::truth, truth->get() ? "true" : "false"};
    }
    if (const auto* const real = node.as_floating_point()) {
      return {ConfigValueKind::number, format_number(real->get())};
    }
    if (const auto* const whole = node.as_integer()) {
      if (whole->flags() != toml::value_flags::none) refuse(entry, node, "is not decimal");
      return {ConfigValueKind::number, format_number(whole->get())};
    }
    if (node.is_table()) {
      refuse(entry, node, "is a table where a value belongs; a table is a line [Name] of its own");
    }
    if (node.is_array()) refuse(entry, node, "has a list in a list");
    refuse(entry, node, "is a date or a time, which no field is");
  }

  [[noreturn]] void refuse(const ConfigEntry& entry, const toml::node& node,
                           const std::string& why) const {
    throw UsageError(place_of(file_, node.source().begin) + "'" + entry.name + "' " + why);
  }

  const std::string& file_;
  std::vector<std::pair<toml::source_position, ConfigEntry>> entries_;
};

}  // namespace

std::vector<ConfigEntry> parse_config_file(std::string_view text, const std::string& file) {
  check_lines(text, file);
  EntryReader reader(file);
  reader.read_table(parse_toml_of_any_version(in_ascii(text), file), "");
  return reader.take();
}

}  // namespace polyak
