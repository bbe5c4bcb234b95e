#include "app/report/report_command.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/options/config_options.hpp"
#include "app/options/named_files.hpp"
#include "app/output/json_output.hpp"
#include "app/output/message.hpp"
#include "app/report/report_page.hpp"
#include "app/report/search_page.hpp"
#include "io/atomic_file.hpp"
#include "io/json_text.hpp"
#include "io/run_files.hpp"
#include "io/run_record.hpp"
#include "polyak/core/error.hpp"
#include "search/search_record.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t json_points = 200;  // of a curve in JSON

struct ReportOptions {
  explicit ReportOptions(CLI::App& subcommand)
      : command(subcommand),
        json(subcommand, "every group's learning curve, or a search's confirmed settings") {}

  const CLI::App& command;
  JsonOutput json;
  std::vector<std::string> runs;
  std::string output;
};

std::vector<RunRecord> read_runs(const std::vector<std::string>& names) {
  std::vector<RunRecord> runs;
  for (const std::string& name : names) {
    for (const RunRecord& run : runs) {
      std::error_code error;
      if (fs::equivalent(run.directory, name, error)) {
        throw UsageError(name + ": is given twice");
      }
    }
    runs.push_back(read_run(name));
    if (runs.back().metrics.rows() == 0) {
      throw UsageError(name + ": its metrics.csv has no row yet, so there is nothing to report");
    }
  }
  return runs;
}

/// Refuses to write where it cannot, and what would be no page.
void check_files(const ReportOptions& options, const fs::path& page) {
  if (page.extension() != ".html" && page.extension() != ".htm") {
    throw UsageError("--output " + page.string() + ": the name must end in .html");
  }
  std::vector<NamedFile> outputs = {{"--output", page}};
  for (const NamedFile& file : options.json.files()) outputs.push_back(file);
  check_outputs(outputs, {});
}

nlohmann::ordered_json report_json(std::span<const RunRecord> runs, const AgentGroups& groups,
                                   const fs::path& page) {
  auto list = nlohmann::ordered_json::array();
  for (const AgentGroup& group : groups.groups) {
    auto curve = nlohmann::ordered_json::array();
    for (const PopulationPoint& point : population_curve(
             curves_of(group, runs, &RunRecord::metrics, "mean_return"), json_points)) {
      curve.push_back({{"environment_steps", static_cast<std::int64_t>(point.steps)},
                       {"mean_return", point.middle},
                       {"low", number_or_null(point.low)},
                       {"high", number_or_null(point.high)}});
    }
    list.push_back({{"label", group.label},
                    {"agents", group.members.size()},
                    {"settings", settings_json(groups.fields, group.values)},
                    {"curve", std::move(curve)}});
  }
  return {{"report", page.string()}, {"groups", std::move(list)}};
}

nlohmann::ordered_json search_json(const SearchRecord& record, const fs::path& page) {
  auto confirmed = nlohmann::ordered_json::array();
  for (const ConfirmationRecord& best : record.confirmations) {
    confirmed.push_back({{"trial", record.trials[best.trial].trial},
                         {"settings", settings_json(record.fields, best.settings)},
                         {"search_score", number_or_null(best.search_score)},
                         {"again_score", number_or_null(best.again_score)},
                         {"score", number_or_null(best.score.mean)},
                         {"standard_error", number_or_null(best.score.standard_error)},
                         {"regret", number_or_null(best.regret)}});
  }
  return {{"report", page.string()},
          {"finished", record.is_finished()},
          {"trials", record.trials.size()},
          {"confirmed", std::move(confirmed)}};
}

/// A search is a page by itself.
int report_search(const ReportOptions& options, const std::string& name) {
  if (options.runs.size() > 1) {
    throw UsageError(name + ": is a search, which is reported by itself; name it alone");
  }
  const SearchRecord record = read_search(name);
  if (record.trials.empty()) {
    throw UsageError(name + ": its trials.csv has no row yet, so there is nothing to report");
  }
  const fs::path page =
      options.output.empty() ? record.directory / report_file_name : fs::path(options.output);
  check_files(options, page);
  write_file_atomically(page, search_page(record));
  options.json.text() << "wrote " << printable(page.string()) << '\n';
  options.json.write(search_json(record, page));
  return exit_success;
}

int report(const ReportOptions& options) {
  given_files(options.command, {"RUN", "--output"});  // refuses empty names
  for (const std::string& name : options.runs) {
    if (holds_part_of_search(name)) return report_search(options, name);
  }
  const std::vector<RunRecord> runs = read_runs(options.runs);
  const fs::path page =
      options.output.empty() ? runs.front().directory / report_file_name : fs::path(options.output);
  check_files(options, page);
  const AgentGroups groups = group_agents(runs);
  write_file_atomically(page, report_page(runs, groups));
  options.json.text() << "wrote " << printable(page.string()) << '\n';
  options.json.write(report_json(runs, groups, page));
  return exit_success;
}

}  // namespace

void add_report_command(CLI::App& app, CommandSelection& selection) {
  CLI::App* const command = app.add_subcommand(
      "report", "one HTML page of trainings or of a search: curves, policies, what differs");
  command->footer(
      "Examples:\n"
      "  polyak report runs/NAME                       writes runs/NAME/report.html\n"
      "  polyak report runs/* --output all.html        side by side, those of equal options "
      "together\n"
      "  polyak report runs/SEARCH                     what polyak tune has found, and what "
      "mattered\n"
      "The page needs no other file and no network; it is right for trainings that still run, "
      "too.");
  const auto options = std::make_shared<ReportOptions>(*command);
  command
      ->add_option("RUN", options->runs, "run directories of polyak train, or one of polyak tune")
      ->required()
      ->option_text(" ");
  command
      ->add_option("--output", options->output,
                   wrap_help("the page's name, which ends in .html [report.html in the first RUN]"))
      ->option_text("FILE.html");
  command->callback(
      [options, &selection] { selection.action = [options] { return report(*options); }; });
}

}  // namespace polyak
