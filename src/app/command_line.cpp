#include "app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <iostream>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "app/bench/bench_command.hpp"
#include "app/compare/compare_command.hpp"
#include "app/evaluate/evaluate_command.hpp"
#include "app/export/export_command.hpp"
#include "app/info/info_command.hpp"
#include "app/options/parse_error.hpp"
#include "app/output/build_description.hpp"
#include "app/output/json_output.hpp"
#include "app/output/message.hpp"
#include "app/process/process_setup.hpp"
#include "app/report/report_command.hpp"
#include "app/rollout/rollout_command.hpp"
#include "app/signature/signature_command.hpp"
#include "app/train/train_command.hpp"
#include "app/tune/tune_command.hpp"
#include "app/watch/watch_command.hpp"
#include "backend/mpi/ranks.hpp"
#include "backend/notices.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// In the order of --help.
constexpr std::array<AddCommand*, 11> commands = {
    add_train_command,   add_tune_command,      add_evaluate_command, add_rollout_command,
    add_export_command,  add_report_command,    add_watch_command,    add_bench_command,
    add_compare_command, add_signature_command, add_info_command,
};

/// What was printed must have arrived, or whoever reads it takes a part for the whole.
int flushed(int exit_code) {
  if (!(std::cout << std::flush)) throw RunError("cannot write to the standard output");
  return exit_code;
}

/// Scripts and people want one line, whatever is in the message.
int fail(const std::string& message, int exit_code) {
  std::cerr << "polyak: " << short_message(message) << '\n';
  return exit_code;
}

int run(int argc, char** argv) {
  listen_to_notices(
      [](const std::string& notice) { std::cerr << "polyak: " << notice << std::endl; });
  CLI::App app{
      "Trains deterministic-policy-gradient agents on many environments at once, on a GPU or CPU."};
  app.name("polyak");
  const BuildDescription build = build_description();
  app.set_version_flag("--version",
                       "polyak " + std::string(build.version) + " (" + std::string(build.commit) +
                           ", " + describe_mpi(build) + ")",
                       "print the version and exit");
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer("`polyak COMMAND --help` explains a command. To begin: polyak train");
  CommandSelection selection;
  for (AddCommand* const add_command : commands) add_command(app, selection);
  try {
    std::vector<std::string> words = join_json_files({argv + 1, argv + argc});
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return flushed(app.exit(error));  // --help, --version
    return fail(describe_parse_error(app, error), exit_usage_error);
  }
  const int exit_code = selection.action();
  return selection.prints_result ? flushed(exit_code) : exit_code;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  set_up_process();
  try {
    Ranks ranks;
    if (!ranks.refusal().empty()) {
      return ranks.is_first() ? fail(ranks.refusal(), exit_usage_error) : exit_usage_error;
    }
    if (!ranks.is_first()) return ranks.serve();
    const int exit_code = run(argc, argv);
    constexpr int first_signal = 128;
    if (exit_code > first_signal) ranks.leave_signalled();
    return exit_code;
  } catch (const UsageError& error) {
    return fail(error.what(), exit_usage_error);
  } catch (const std::bad_alloc&) {
    return fail(std::string(out_of_memory), exit_run_error);
  } catch (const std::exception& error) {
    return fail(message_of(error), exit_run_error);
  }
}

}  // namespace polyak
