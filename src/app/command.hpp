// The pattern of every command: `add_<name>_command(app, selection)` registers a subcommand whose
// callback puts what is to be done into the selection. It is done after the whole command line has
// been understood, so that nothing happens on a line with a mistake in it.
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

void add_train_command(CLI::App& app, CommandSelection& selection);
void add_evaluate_command(CLI::App& app, CommandSelection& selection);
void add_rollout_command(CLI::App& app, CommandSelection& selection);
void add_info_command(CLI::App& app, CommandSelection& selection);

}  // namespace polyak
