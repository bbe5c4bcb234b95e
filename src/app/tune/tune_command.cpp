#include "app/tune/tune_command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "app/output/message.hpp"
#include "app/output/report.hpp"
#include "app/output/status_line.hpp"
#include "app/process/interrupt.hpp"
#include "app/process/terminal.hpp"
#include "app/tune/ask_tell.hpp"
#include "app/tune/tune_options.hpp"
#include "app/tune/tune_progress.hpp"
#include "app/tune/tune_result.hpp"
#include "app/tune/tune_start.hpp"
#include "backend/notices.hpp"
#include "io/json_text.hpp"
#include "io/run_files.hpp"
#include "polyak/core/error.hpp"
#include "search/confirmation.hpp"
#include "search/rungs.hpp"
#include "search/search.hpp"
#include "trainer/warning_signs.hpp"

namespace polyak {
namespace {

std::string how_to_go_on(const SearchDirectory& directory) {
  return "to go on: polyak tune --resume " + printable(directory.path().string());
}

/// Whether the search came to its end. A failure that is not the settings' fault, a full disk for
/// example, costs only what was trained since the last checkpoint: it says how to go on.
bool search_in_directory(TuneStart& start, const SearchHooks& hooks, const JsonOutput& json) {
  try {
    const bool is_finished = search(start.plan, start.results, start.directory, hooks);
    start.directory.write(summary_file_name, json_text(search_summary(start, is_finished)));
    return is_finished;
  } catch (const UsageError&) {
    throw;
  } catch (const AllTrialsFailed&) {
    if (start.directory.can_go_on()) {
      start.directory.write(summary_file_name, json_text(search_summary(start, true)));
    }
    json.write(search_summary(start, true));
    throw;
  } catch (const std::exception& error) {
    if (!start.directory.can_go_on()) throw;
    throw RunError(message_of(error) + "; " + how_to_go_on(start.directory));
  }
}

/// In one line: of all trials, or of the first one that has only random actions.
void warn_of_random_actions(const SearchPlan& plan) {
  std::vector<std::size_t> random;
  for (std::size_t trial = 0; trial < plan.configs.size(); ++trial) {
    if (!warning_of_random_actions(plan.configs[trial]).empty()) random.push_back(trial);
  }
  if (random.empty()) return;
  std::string which;
  if (random.size() < plan.configs.size()) {
    which = "of " + std::to_string(random.size()) + " of " +
            counted(std::ssize(plan.configs), trial_word(plan.options.scheduler)) + ", number " +
            std::to_string(random.front()) + " for example, ";
  }
  std::cerr << "polyak: warning: " << which
            << warning_of_random_actions(plan.configs[random.front()]) << std::endl;
}

/// Of a first rung that was asked for before the trials learn anything.
void warn_of_early_rung(const SearchPlan& plan) {
  if (plan.rungs.size() < 2) return;
  std::int64_t untrained = 0, enough = 0;
  for (const Config& config : plan.configs) {
    if (plan.rungs.front() < earliest_comparison(config)) ++untrained;
    enough = std::max(enough, earliest_comparison(config));
  }
  if (untrained == 0) return;
  const bool is_possible =
      rung_steps(plan.base.total_steps, plan.options.halving.reduction, enough).size() > 1;
  std::cerr << "polyak: warning: at the first rung, after " << steps_text(plan, plan.rungs.front())
            << " steps, " << untrained << " of " << counted(std::ssize(plan.configs), "trial")
            << " will have learned little or nothing yet (--learning-starts), so that chance says "
               "which of them go on; "
            << (is_possible ? "--first-rung " + std::to_string(enough) + " is late enough"
                            : "use fewer --learning-starts, or more --total-steps")
            << std::endl;
}

int tune(const TuneOptions& options) {
  const InterruptHandler interrupt;
  if (options.asks_and_tells) return ask_and_tell(options, interrupt);
  std::ostream& text = options.json.text();
  TuneStart start = start_search(options);
  print_search_beginning(text, start);
  warn_of_random_actions(start.plan);
  warn_of_early_rung(start.plan);
  if (start.is_finished) {
    options.json.write(search_summary(start, true));
    if (!best_trial(start.results)) throw AllTrialsFailed(start.plan);
    print_search_result(text, start);
    return 0;
  }
  // What an earlier process wrote when it was interrupted is not true any more.
  std::error_code error;
  std::filesystem::remove(start.directory.path() / summary_file_name, error);
  StatusLine line(std::cerr, can_rewrite_lines(STDERR_FILENO),
                  [] { return terminal_width(STDERR_FILENO); });
  SearchHooks hooks;
  hooks.stop = &interrupt.requested();
  hooks.checkpoint_interval = options.checkpoint_interval;
  hooks.progress_interval = line.interval();
  hooks.warn = [&line](const std::string& warning) {
    line.finish();
    std::cerr << "polyak: warning: " << printable(warning) << std::endl;
  };
  if (options.quiet) {
    listen_to_notices({});
  } else {
    listen_to_notices([&line](const std::string& notice) {
      line.finish();
      std::cerr << "polyak: " << printable(notice) << std::endl;
    });
    hooks.on_progress = [&line](const SearchProgress& progress) {
      line.show(search_progress_parts(progress));
    };
  }
  const bool is_finished =
      start.directory.attempt([&] { return search_in_directory(start, hooks, options.json); });
  line.finish();
  listen_to_notices({});
  options.json.write(search_summary(start, is_finished));
  if (is_finished) {
    print_search_result(text, start);
    return 0;
  }
  text << "Interrupted; " << how_to_go_on(start.directory) << '\n';
  return interrupt.exit_code();
}

}  // namespace

void add_tune_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command =
      app.add_subcommand("tune", "search hyper-parameters with a population of agents");
  const auto options = std::make_shared<TuneOptions>(*command);
  command->footer(
      "Examples:\n"
      "  polyak tune space.toml                             64 settings, the best third goes on\n"
      "  polyak tune space.toml --trials 500 --scheduler asha\n"
      "  polyak tune space.toml --scheduler pbt --trials 32 settings that change on the way\n"
      "  polyak tune --resume runs/NAME                     goes on where it was killed\n"
      "The same space, options and seed give the same result on any device.");
  command->callback([options, &selection] {
    selection.action = [options] { return tune(*options); };
    selection.prints_result = options->json.takes_output();
  });
}

}  // namespace polyak
