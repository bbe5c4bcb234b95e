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

}  // namespace polyak
