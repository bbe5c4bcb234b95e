#include "app/watch/watch_command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "app/options/config_options.hpp"
#include "app/options/named_files.hpp"
#include "app/options/number_option.hpp"
#include "app/output/json_output.hpp"
#include "app/process/interrupt.hpp"
#include "app/process/terminal.hpp"
#include "app/watch/search_view.hpp"
#include "app/watch/watch_view.hpp"
#include "io/directory_claim.hpp"
#include "io/run_files.hpp"
#include "io/run_record.hpp"
#include "io/staged_files.hpp"
#include "polyak/core/error.hpp"
#include "search/search_record.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

struct WatchOptions {
  explicit WatchOptions(CLI::App& subcommand)
      : command(subcommand),
        json(subcommand,
             "the newest values of every agent, or rungs and trials of a search, once") {}

  const CLI::App& command;
  JsonOutput json;
  std::string run;
  double interval = 1.0;
};

/// A training or a search at one moment.
struct Sight {
  std::function<std::vector<std::string>(const WatchPlace& place)> view;
  std::function<nlohmann::ordered_json()> json;
  bool is_running;
};

Sight sight_of(RunRecord run, const std::string& state, bool is_running) {
  const auto shown = std::make_shared<const RunRecord>(std::move(run));
  return {[shown, state](const WatchPlace& place) { return watch_view(*shown, state, place); },
          [shown, state] { return watch_json(*shown, state); }, is_running};
}

Sight sight_of_search(const fs::path& directory, bool is_running) {
  const auto shown = std::make_shared<const SearchRecord>(read_search(directory));
  const std::string state = search_state(*shown, is_running);
  return {[shown, state](const WatchPlace& place) { return search_view(*shown, state, place); },
          [shown, state] { return search_view_json(*shown, state); }, is_running};
}

/// Of a training that replaces an older one, its own files and not the older one's.
Sight look_at(const fs::path& directory, bool is_running) {
  std::error_code error;
  if (holds_part_of_search(directory) &&
      (!is_running || fs::exists(directory / trials_file_name, error))) {
    return sight_of_search(directory, is_running);
  }
  const fs::path stage = StagedFiles::stage_in(directory);
  const bool is_staged = is_running && fs::exists(stage / metrics_file_name, error);
  // It has its directory from the beginning, and files when it has its memory.
  if (is_running && !is_staged && !fs::exists(directory / metrics_file_name, error)) {
    return sight_of({directory, {}, {}, {}, nullptr, {}}, "begins", true);
  }
  RunRecord run = read_run(is_staged ? stage : directory);
  run.directory = directory;
  const std::string state = state_of(run, is_running);
  return sight_of(std::move(run), state, is_running);
}

/// A file that is being written may be there before its first line: who writes has some seconds.
Sight look_at(const fs::path& directory) {
  constexpr int max_looks = 50;
  for (int look = 1;; ++look) {
    const bool is_running = is_claimed(directory);
    try {
      return look_at(directory, is_running);
    } catch (const UsageError&) {
      if (!is_running || look == max_looks) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

void print(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::cout << line << '\n';
  std::cout << std::flush;
}

/// Draws over what it has drawn until the training or the user's patience ends.
int follow(const WatchOptions& options) {
  using Clock = std::chrono::steady_clock;
  const InterruptHandler interrupt;
  std::size_t drawn = 0;
  for (;;) {
    const Sight sight = look_at(options.run);
    const std::vector<std::string> lines =
        sight.view({terminal_width(STDOUT_FILENO), terminal_height(STDOUT_FILENO), writes_utf8()});
    if (drawn > 0) std::cout << "\x1b[" << drawn << "A\r\x1b[J";
    print(lines);
    drawn = lines.size();
    if (!sight.is_running || !std::cout) return exit_success;
    const Clock::time_point next =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(
                           std::chrono::duration<double>(options.interval));
    while (Clock::now() < next) {
      if (interrupt.requested()) return interrupt.exit_code();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
}

int watch(const WatchOptions& options) {
  given_files(options.command, {"RUN"});  // refuses an empty name
  check_outputs(options.json.files(), {});
  const bool once = options.json.is_asked_for() || !can_rewrite_lines(STDOUT_FILENO);
  if (!once) return follow(options);
  const Sight sight = look_at(options.run);
  if (!options.json.takes_output()) {
    print(sight.view({terminal_width(STDOUT_FILENO), 0, writes_utf8()}));
  }
  options.json.write(sight.json());
  return exit_success;
}

}  // namespace

void add_watch_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command = app.add_subcommand(
      "watch",
      "curves and agents of a running training, rungs and trials of a search, in the terminal");
  command->footer(
      "Examples:\n"
      "  polyak watch runs/NAME            until the training ends, or Ctrl-C, which ends only "
      "this\n"
      "  polyak watch runs/NAME | cat      once\n"
      "It only reads the run directory; any number of them may watch a training.");
  const auto options = std::make_shared<WatchOptions>(*command);
  command->add_option("RUN", options->run, "the run directory of polyak train or polyak tune")
      ->required()
      ->option_text(" ");
  add_number_option(*command, "interval", options->interval, 0.1, 3600.0,
                    "seconds between two looks [1]");
  command->callback(
      [options, &selection] { selection.action = [options] { return watch(*options); }; });
}

}  // namespace polyak
