// The two kinds of failure that a user sees, and the exit codes that go with them.
#pragma once

#include <stdexcept>

namespace polyak {

/// What the user asked for cannot be done as asked: a value out of range, a file that is not what
/// it should be. The message is one line: what is wrong, where, what would be right.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The request was fine but the machine could not carry it out: no memory, a full disk, a CUDA
/// failure, NaN in training.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr int exit_success = 0;
inline constexpr int exit_run_error = 1;
inline constexpr int exit_usage_error = 2;
inline constexpr int exit_interrupted = 130;  // 128 + SIGINT, as shells report it

}  // namespace polyak
