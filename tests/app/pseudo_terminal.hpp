// A terminal for tests.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <string>

namespace polyak::test {

/// A terminal as programs see it, with a number of columns and rows.
class PseudoTerminal {
 public:
  explicit PseudoTerminal(unsigned short columns, unsigned short rows = 24)
      : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    ::grantpt(master_);
    ::unlockpt(master_);
    char name[128];
    if (::ptsname_r(master_, name, sizeof name) == 0) {
      name_ = name;
      terminal_ = ::open(name, O_RDWR | O_NOCTTY);
    }
    winsize size{};
    size.ws_row = rows;
    size.ws_col = columns;
    ::ioctl(terminal_, TIOCSWINSZ, &size);
  }
  ~PseudoTerminal() {
    ::close(terminal_);
    ::close(master_);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  int descriptor() const { return terminal_; }
  const std::string& name() const { return name_; }

  /// What programs have written since the last call; waits so many milliseconds for more.
  std::string read(int milliseconds) const {
    std::string text;
    pollfd ready{master_, POLLIN, 0};
    while (::poll(&ready, 1, milliseconds) > 0) {
      char part[4096];
      const ssize_t length = ::read(master_, part, sizeof part);
      if (length <= 0) break;
      text.append(part, static_cast<std::size_t>(length));
    }
    return text;
  }

 private:
  int master_, terminal_ = -1;
  std::string name_;
};

}  // namespace polyak::test
