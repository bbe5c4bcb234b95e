// Text for the terminal that anybody may have written: file names, environment names, metadata.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace polyak {

/// The most characters that a message has.
inline constexpr std::size_t longest_message = 400;

/// `text` on one line without anything that moves a cursor, sets a colour or turns the direction of
/// writing: line ends become blanks, all other control characters and what is no UTF-8 a question
/// mark.
std::string printable(std::string_view text);

/// A message that is printable and not longer than longest_message: the longest quotations in it
/// are cut, and say how many characters they had; then, if need be, its middle.
std::string short_message(std::string_view text);

/// What went wrong: "path: reason" for the failures of std::filesystem, otherwise what() itself.
std::string message_of(const std::exception& error);

}  // namespace polyak
