// The pattern of every command: a folder of src/app whose add_<name>_command(app, selection) adds a
// subcommand, and a line in command_line.cpp. The subcommand's callback puts what is to be done
// into the selection. It is done after the whole command line has been understood, so that nothing
// happens on a line with a mistake in it.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace polyak {

/// What the command line asks for.
struct CommandSelection {
  /// Does it and returns the exit code; throws UsageError or RunError.
  std::function<int()> action;
  /// Whether its output is what it is for: a console that is gone is then a failure.
  bool prints_result = true;
};

/// Adds one command. Whatever its options are kept in lives as long as its callback.
using AddCommand = void(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
