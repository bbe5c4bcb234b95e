// The program with a call of the system that fails (failing_calls.cpp).
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"

namespace polyak::test {

/// Which call fails and how.
struct Fault {
  std::string kind;
  long number;
  std::string how;
};

inline std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << fault.kind << ':' << fault.number << ' ' << fault.how;
}

inline ProgramResult run_with(const Fault& fault, const std::vector<std::string>& arguments,
                              const TemporaryDirectory& directory) {
  return run_program(arguments, directory.path(), [&] {
    ::setenv("LD_PRELOAD", POLYAK_FAILING_CALLS, 1);
    ::setenv("POLYAK_FAILING_CALL", (fault.kind + ":" + std::to_string(fault.number)).c_str(), 1);
    ::setenv("POLYAK_FAILING_HOW", fault.how.c_str(), 1);
    ::setenv("POLYAK_FAILING_MARK", (directory / "mark").c_str(), 1);
    ::alarm(60);  // what hangs is ended by a signal
  });
}

/// Whether the program came to the call that fails.
inline bool happened(const TemporaryDirectory& directory) {
  return std::filesystem::exists(directory / "mark");
}

}  // namespace polyak::test
