#include "app/process/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace polyak {

bool can_rewrite_lines(int descriptor) {
  const char* const kind = std::getenv("TERM");
  if (kind == nullptr || std::string_view(kind).empty()) return false;
  return std::string_view(kind) != "dumb" && ::isatty(descriptor) == 1;
}

std::size_t terminal_width(int descriptor) {
  constexpr std::size_t usual = 80;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return usual;
  return size.ws_col;
}

std::size_t terminal_height(int descriptor) {
  constexpr std::size_t usual = 24;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return usual;
  return size.ws_row;
}

bool writes_utf8() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale(value);
    for (const std::string_view spelling : {"UTF-8", "utf8", "UTF8", "utf-8"}) {
      if (locale.find(spelling) != std::string_view::npos) return true;
    }
    return false;  // the first that is set counts
  }
  return false;
}

}  // namespace polyak
