#include "app/output/message.hpp"

#include <algorithm>
#include <filesystem>

namespace polyak {
namespace {

constexpr char32_t replacement = U'?';

/// Takes one character of UTF-8 off the text; what is none counts as one for each byte.
char32_t take_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  char32_t character = length < 2 ? first : first & (0x7Fu >> length);
  bool whole = length > 0 && length <= text.size();
  for (std::size_t i = 1; whole && i < length; ++i) {
    whole = (byte(i) & 0xC0u) == 0x80u;
    character = character << 6 | (byte(i) & 0x3Fu);
  }
  // The same character in more bytes than it needs, half of a pair of UTF-16, and beyond Unicode.
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  whole = whole && character >= least[length] && character <= 0x10FFFF &&
          !(character >= 0xD800 && character < 0xE000);
  text.remove_prefix(whole ? length : 1);
  return whole ? character : replacement;
}

/// Control characters, and those that separate lines or turn the direction of writing.
bool is_control(char32_t character) {
  const auto between = [character](char32_t low, char32_t high) {
    return character >= low && character <= high;
  };
  return character < 0x20 || between(0x7F, 0x9F) || character == 0x61C || between(0x200E, 0x200F) ||
         between(0x2028, 0x202E) || between(0x2066, 0x2069) || character == 0xFEFF;
}

std::u32string decode(std::string_view text) {
  std::u32string characters;
  while (!text.empty()) {
    const char32_t character = take_character(text);
    const bool blank = character == U'\n' || character == U'\r' || character == U'\t';
    characters += blank ? U' ' : is_control(character) ? replacement : character;
  }
  return characters;
}

std::string encode(std::u32string_view characters) {
  std::string text;
  const auto add = [&text](char32_t byte) { text += static_cast<char>(byte); };
  for (const char32_t character : characters) {
    if (character < 0x80) {
      add(character);
      continue;
    }
    // The first byte says how many there are; the others have six bits each.
    const unsigned others = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    constexpr char32_t first_bytes[] = {0, 0xC0, 0xE0, 0xF0};
    add(first_bytes[others] | character >> (6 * others));
    for (unsigned i = others; i-- > 0;) add(0x80u | (character >> (6 * i) & 0x3Fu));
  }
  return text;
}

std::u32string count_of(std::size_t characters) {
  return decode("(" + std::to_string(characters) + " characters)");
}

/// Cuts the longest part between two quotation marks if that makes the message shorter.
bool shorten_quotation(std::u32string& message) {
  constexpr std::size_t kept = 60;
  std::size_t longest_begin = 0, longest_size = 0;
  for (std::size_t begin = message.find(U'\''); begin != std::u32string::npos;) {
    const std::size_t end = message.find(U'\'', begin + 1);
    if (end == std::u32string::npos) break;
    if (end - begin - 1 > longest_size) {
      longest_begin = begin + 1;
      longest_size = end - begin - 1;
    }
    begin = end;
  }
  if (longest_size <= 2 * kept) return false;
  const std::u32string count = U"...' " + count_of(longest_size);
  // The closing mark goes with what is replaced.
  message.replace(longest_begin + kept, longest_size - kept + 1, count);
  return true;
}

}  // namespace

std::string printable(std::string_view text) { return encode(decode(text)); }

std::string short_message(std::string_view text) {
  std::u32string message = decode(text);
  bool may_shorten = true;
  while (may_shorten && message.size() > longest_message) may_shorten = shorten_quotation(message);
  if (message.size() > longest_message) {
    constexpr std::size_t end_kept = 120, begin_kept = longest_message - end_kept - 40;
    const std::size_t left_out = message.size() - begin_kept - end_kept;
    message.replace(begin_kept, left_out, U"... " + count_of(left_out) + U" ...");
  }
  return encode(message);
}

std::string message_of(const std::exception& error) {
  if (const auto* const file = dynamic_cast<const std::filesystem::filesystem_error*>(&error)) {
    return file->path1().string() + ": " + file->code().message();
  }
  return error.what();
}

}  // namespace polyak
