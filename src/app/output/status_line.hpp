// How far some work is, on the terminal.
#pragma once

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace polyak {

/// One line that is rewritten in place on a terminal, and elsewhere a line every few seconds.
class StatusLine {
 public:
  /// width: asked before every line for the characters that fit beside each other; only where lines
  /// are rewritten.
  StatusLine(std::ostream& out, bool rewrites, std::function<std::size_t()> width)
      : out_(out), rewrites_(rewrites), width_(std::move(width)) {}

  /// Seconds between two calls of show() that suit where the line goes.
  double interval() const { return rewrites_ ? 0.2 : 5.0; }

  /// The parts of the line, the most important first: as many as fit.
  void show(const std::vector<std::string>& parts);

  /// Ends the line, so that something else can be printed.
  void finish();

 private:
  std::ostream& out_;
  bool rewrites_;
  std::function<std::size_t()> width_;
  bool open_ = false;
};

/// As many of the parts as fit into `width` characters; of the first one, what fits.
std::string fitting_line(const std::vector<std::string>& parts, std::size_t width);

}  // namespace polyak
