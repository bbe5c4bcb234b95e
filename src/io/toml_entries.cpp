#include "io/toml_entries.hpp"

#include <algorithm>
#include <regex>
#include <tuple>
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

TextPosition position_of(const toml::source_region& source) {
  return {source.begin.line, source.begin.column};
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
  for (TextPosition start{1, 1}; !text.empty(); ++start.line) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.size() <= longest_line) continue;
    const std::size_t name_end = std::min(line.find_first_not_of(name_letters), line.size());
    const std::string_view rest = line.substr(name_end);
    const bool is_plain =
        rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size())).starts_with('=') &&
        rest.find('{') == std::string_view::npos;
    if (is_plain && name_end <= longest_line) continue;
    throw UsageError(place_in(file, start) + "has " + std::to_string(line.size()) +
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
    throw UsageError(place_in(file, position_of(error.source())) +
                     std::string(error.description()) +
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

bool is_before(TextPosition one, TextPosition other) {
  return std::tie(one.line, one.column) < std::tie(other.line, other.column);
}

/// What a file says needs no more, and recursion has no stack for as many as a text may have.
constexpr int max_nesting = 8;

/// Makes entries of a file's tables.
class EntryReader {
 public:
  explicit EntryReader(const std::string& file) : file_(file) {}

  void read_table(const toml::table& table, const std::string& name) {
    for (const auto& [key, node] : table) {
      const std::string word(key.str());
      const TextPosition position = position_of(key.source());
      const toml::table* const inner = node.as_table();
      if (inner != nullptr && name.empty() && !inner->is_inline()) {
        read_table(*inner, word);
        if (inner->empty()) entries_.push_back({word, "", {}, position});
      } else {
        if (word.empty()) refuse(word, node, "is no name");
        entries_.push_back({name, word, value(node, word, 0), position});
      }
    }
  }

  /// In the order of their lines, so that the first mistake of a file is the one reported.
  std::vector<TomlEntry> take() {
    std::sort(entries_.begin(), entries_.end(), [](const TomlEntry& one, const TomlEntry& other) {
      return is_before(one.position, other.position);
    });
    return std::move(entries_);
  }

 private:
  TomlValue value(const toml::node& node, const std::string& name, int depth) const {
    if (depth > max_nesting)
      refuse(name, node, "has more lists and tables in each other than mean anything");
    TomlValue read{TomlKind::number, "", {}, {}, position_of(node.source())};
    if (const auto* const word = node.as_string()) {
      read.kind = TomlKind::word;
      read.text = word->get();
    } else if (const auto* const truth = node.as_boolean()) {
      read.kind = TomlKind::truth;
      read.text = truth->get() ? "true" : "false";
    } else if (const auto* const real = node.as_floating_point()) {
      read.text = format_number(real->get());
    } else if (const auto* const whole = node.as_integer()) {
      if (whole->flags() != toml::value_flags::none) refuse(name, node, "is not decimal");
      read.text = format_number(whole->get());
    } else if (const auto* const list = node.as_array()) {
      read.kind = TomlKind::list;
      for (const toml::node& element : *list)
        read.values.push_back(value(element, name, depth + 1));
    } else if (const auto* const table = node.as_table()) {
      read.kind = TomlKind::table;
      read_members(*table, name, depth, read);
    } else {
      refuse(name, node, "is a date or a time, which no option is");
    }
    return read;
  }

  void read_members(const toml::table& table, const std::string& name, int depth,
                    TomlValue& read) const {
    std::vector<std::pair<const toml::key*, const toml::node*>> members;
    for (const auto& [key, node] : table) members.emplace_back(&key, &node);
    std::sort(members.begin(), members.end(), [](const auto& one, const auto& other) {
      return is_before(position_of(one.first->source()), position_of(other.first->source()));
    });
    for (const auto& [key, node] : members) {
      read.names.emplace_back(key->str());
      read.values.push_back(value(*node, name, depth + 1));
    }
  }

  [[noreturn]] void refuse(const std::string& name, const toml::node& node,
                           const std::string& why) const {
    throw UsageError(place_in(file_, position_of(node.source())) + "'" + name + "' " + why);
  }

  const std::string& file_;
  std::vector<TomlEntry> entries_;
};

}  // namespace

std::string place_in(const std::string& file, TextPosition position) {
  return file + ": line " + std::to_string(position.line) + ", column " +
         std::to_string(position.column) + ": ";
}

std::vector<TomlEntry> parse_toml_entries(std::string_view text, const std::string& file) {
  check_lines(text, file);
  EntryReader reader(file);
  reader.read_table(parse_toml_of_any_version(in_ascii(text), file), "");
  return reader.take();
}

}  // namespace polyak
