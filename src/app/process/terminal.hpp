// What the terminal behind a descriptor can do. Polyak prints no colours, so there is nothing that
// NO_COLOR would turn off.
#pragma once

#include <cstddef>

namespace polyak {

/// Whether a line can be rewritten in place there: it is a terminal, and TERM names one that is not
/// "dumb".
bool can_rewrite_lines(int descriptor);

/// Characters in a line of it at this moment; 80 where it does not say.
std::size_t terminal_width(int descriptor);

/// Lines of it at this moment; 24 where it does not say.
std::size_t terminal_height(int descriptor);

/// Whether the locale's characters are UTF-8, by LC_ALL, LC_CTYPE or LANG.
bool writes_utf8();

}  // namespace polyak
