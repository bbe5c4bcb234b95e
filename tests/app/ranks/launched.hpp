// The built program as mpirun starts it, several times.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "app/program.hpp"

namespace polyak::test {

/// `ranks` processes with the given arguments, in a directory of their own choice. On as few cores
/// as there are, and as root, too.
class Launched {
 public:
  /// before: what the shell does in each process before the program starts there.
  Launched(int ranks, const std::vector<std::string>& arguments,
           const std::filesystem::path& directory, const std::string& before = {});

  /// Sends a signal to one of the processes, or with rank -1 to all; how many got it.
  int send(int signal, int rank = -1) const;

  /// The exit code and the output are mpirun's.
  ProgramResult wait() { return mpirun_.wait(); }

 private:
  std::string mark_;  // in the environment of its processes alone
  Program mpirun_;
};

}  // namespace polyak::test
