// Runs the built command-line program as its users do.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
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
  /// in_child: called in the new process before the program starts there, for all else that it
  /// inherits. Signals act by default unless in_child says otherwise.
  Program(const std::vector<std::string>& arguments, const std::filesystem::path& directory,
          std::size_t largest_file = 0, const std::filesystem::path& output = {},
          const std::function<void()>& in_child = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void interrupt() const;
  void send(int signal) const;
  /// Whether it has ended; wait() tells how.
  bool has_ended() const;
  ProgramResult wait();

 private:
  pid_t process_ = -1;
  std::filesystem::path captured_;  // beside the directory, so that this stays as it was
};

ProgramResult run_program(const std::vector<std::string>& arguments,
                          const std::filesystem::path& directory, std::size_t largest_file = 0);

/// The same with what the child does before the program starts in it.
ProgramResult run_program(const std::vector<std::string>& arguments,
                          const std::filesystem::path& directory,
                          const std::function<void()>& in_child);

/// Waits until a file has `text` in it; an exception if it has not after two minutes.
void wait_for_text(const std::filesystem::path& file, const std::string& text);

/// Arguments of a training of about a hundredth of a second; those in `more` replace its own.
std::vector<std::string> small_training(const std::vector<std::string>& more);

}  // namespace polyak::test
