// Runs the built command-line program as its users do.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace polyak::test {

/// What a program left behind.
struct ProgramResult {
  int exit_code;  // 128 + signal if a signal ended it
  std::string output;
  std::string errors;
};

/// A running `polyak` with the given arguments, in a directory of its own choice.
class Program {
 public:
  /// largest_file: the most bytes that it may write to one file, 0 for no limit; a write beyond
  /// fails as on a full disk. output: where its standard output goes, if not into the result.
  Program(const std::vector<std::string>& arguments, const std::filesystem::path& directory,
          std::size_t largest_file = 0, const std::filesystem::path& output = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void interrupt() const;
  ProgramResult wait();

 private:
  pid_t process_ = -1;
  std::filesystem::path captured_;  // beside the directory, so that this stays as it was
};

ProgramResult run_program(const std::vector<std::string>& arguments,
                          const std::filesystem::path& directory, std::size_t largest_file = 0);

/// Arguments of a training of about a hundredth of a second; those in `more` replace its own.
std::vector<std::string> small_training(const std::vector<std::string>& more);

}  // namespace polyak::test
