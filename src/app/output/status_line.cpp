#include "app/output/status_line.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace polyak {

std::string fitting_line(const std::vector<std::string>& parts, std::size_t width) {
  constexpr std::string_view gap = "  ";
  std::string line = parts.front().substr(0, width);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (line.size() + gap.size() + parts[i].size() > width) break;
    line += gap;
    line += parts[i];
  }
  return line;
}

void StatusLine::show(const std::vector<std::string>& parts) {
  if (!rewrites_) {
    out_ << fitting_line(parts, std::numeric_limits<std::size_t>::max()) << std::endl;
    return;
  }
  // A character in the last column would make some terminals begin a new line.
  const std::size_t width = std::max<std::size_t>(width_(), 2) - 1;
  out_ << '\r' << fitting_line(parts, width) << "\x1b[K" << std::flush;  // clears what was longer
  open_ = true;
}

void StatusLine::finish() {
  if (open_) out_ << std::endl;
  open_ = false;
}

}  // namespace polyak
