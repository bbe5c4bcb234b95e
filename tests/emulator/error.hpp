#pragma once

#include <stdexcept>
#if !defined(__clang__)
#include <source_location>
#endif

namespace polyak::emulator {

/// Thrown out of the host call that ran a kernel when that kernel broke a rule of CUDA.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Where in a kernel's source an operation stands. It replaces std::source_location, which clang 14
/// lacks; as a default argument it takes the place of the outermost call, as that one does.
struct SourceLocation {
  const char* file = "?";
  unsigned line = 0;
  unsigned column = 0;

#if defined(__clang__)
  static constexpr SourceLocation current(const char* file = __builtin_FILE(),
                                          unsigned line = __builtin_LINE(),
                                          unsigned column = __builtin_COLUMN()) {
    return {file, line, column};
  }
#else
  static constexpr SourceLocation current(
      std::source_location where = std::source_location::current()) {
    return {where.file_name(), where.line(), where.column()};
  }
#endif
};

/// An operation that a thread can wait at: what it is called and where it stands.
struct Site {
  const char* operation = "?";
  SourceLocation location;
};

}  // namespace polyak::emulator
