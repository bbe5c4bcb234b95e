#include "app/tune/tune_start.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "app/options/options_without_effect.hpp"
#include "app/output/default_directory.hpp"
#include "backend/backend.hpp"
#include "config/checks.hpp"
#include "config/fields.hpp"
#include "io/config_text.hpp"
#include "io/read_file.hpp"
#include "io/run_files.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"
#include "search/search.hpp"
#include "search/search_run.hpp"
#include "trainer/resumable_config.hpp"

namespace polyak {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t largest_space = 1u << 20, largest_starts = 1u << 26,
                        largest_summary = 1u << 30;

constexpr std::string_view search_comment =
    "What the trials of a search have in common; space.toml has what they try, best.toml the best";

/// What was given for the search, read once: a file may be a pipe.
struct SearchTexts {
  std::string space, starts;  // empty: no start states
};

Starts starts_of(const std::string& text, const std::string& file, const Config& config) {
  if (file.empty()) return {};
  return parse_starts(text, file, find_environment(config.environment));
}

/// UsageError for an option that every trial has otherwise: something in the file takes its place.
void refuse_replaced_options(const TuneOptions& options, const Config& base,
                             const SearchPlan& plan) {
  visit_field_members(base, [&](const FieldInfo& field, auto member) {
    const std::string name = "--" + std::string(field.name);
    const CLI::Option* const option = options.command.get_option_no_throw(name);
    if (option == nullptr || option->count() == 0) return;
    const bool has_effect =
        std::any_of(plan.configs.begin(), plan.configs.end(),
                    [&](const Config& trial) { return trial.*member == base.*member; });
    if (has_effect) return;
    throw UsageError(name + ": has no effect, as " + plan.space.file +
                     " says otherwise for every trial; leave one of them out");
  });
}

/// What the configuration lacks a trial may have: it is the trials that must be possible.
SearchPlan plan_of(const TuneOptions& options, const Config& base, const SearchTexts& texts) {
  try {
    check_ranges(base);
    const Space space = parse_space(texts.space, options.space, base);
    const SearchOptions search = search_options(options, space, base);
    SearchPlan plan =
        make_plan(space, texts.space, base, search, starts_of(texts.starts, options.starts, base));
    refuse_options_without_effect(options.command, plan.configs);
    refuse_replaced_options(options, base, plan);
    return plan;
  } catch (const UsageError& refusal) {
    try {
      options.config.config();
    } catch (const UsageError& explained) {
      // It says where the option comes from, too.
      if (std::string_view(explained.what()).find(refusal.what()) != std::string_view::npos) throw;
    }
    throw;
  }
}

TuneStart start_new(const TuneOptions& options) {
  const Config base = options.config.unchecked();
  const DeviceKind device = resolve_device(base.device).kind;
  SearchTexts texts{read_whole_file(options.space, largest_space), ""};
  if (!options.starts.empty()) texts.starts = read_whole_file(options.starts, largest_starts);
  SearchPlan plan = plan_of(options, base, texts);
  for (const Config& config : plan.configs) require_fields_on(device, config);
  require_room(plan);
  DirectoryClaim claim =
      options.output.empty()
          ? DirectoryClaim::numbered(default_directory("tune-" + base.environment))
          : DirectoryClaim::named(options.output);
  SearchDirectory directory = SearchDirectory::begun(std::move(claim), options.overwrite);
  SearchResults results = no_results(plan);
  directory.attempt([&] {
    // First what says that it is a search, last what says that it has all that it needs: whatever
    // cuts it off, another one may take its place.
    directory.write(search_file_name, search_json(plan, results));
    directory.write(space_file_name, texts.space);
    if (!options.starts.empty()) directory.write(starts_file_name, texts.starts);
    directory.write(config_file_name, config_to_toml(base, search_comment));
  });
  return {std::move(plan), std::move(directory), std::move(results)};
}

/// What is said of a search that goes on, besides where it runs, would be another search.
void refuse_changes(const TuneOptions& options) {
  constexpr std::array free = {"--device", "--engine", "--threads", "--checkpoint-interval",
                               "--quiet",  "--json",   "--resume"};
  for (const CLI::Option* const option : options.command.get_options()) {
    const std::string name = option->get_name();
    if (option->count() == 0 || std::find(free.begin(), free.end(), name) != free.end()) continue;
    throw UsageError(name + ": cannot change in a search that goes on; leave it out");
  }
}

bool says_finished(const fs::path& summary) {
  std::error_code error;
  if (!fs::is_regular_file(summary, error)) return false;
  const Json json = Json::parse(read_whole_file(summary, largest_summary), nullptr, false);
  return json.is_object() && json.value("finished", Json(false)) == true;
}

TuneStart resume(const TuneOptions& options) {
  refuse_changes(options);
  if (agents_of_training(options.resume) && !holds_search(options.resume)) {
    throw UsageError("--resume " + options.resume +
                     ": it is a training, not a search; polyak train --resume goes on with it");
  }
  SearchDirectory directory = SearchDirectory::existing(DirectoryClaim::existing(options.resume));
  const auto path_of = [&](std::string_view name) { return (directory.path() / name).string(); };
  const std::string file = path_of(search_file_name);
  const Json json = Json::parse(directory.read(search_file_name), nullptr, false);
  if (!json.is_object()) throw UsageError(file + ": is no JSON object");
  const SearchOptions search = options_from_json(json, file);
  const Config saved =
      config_from_toml(directory.read(config_file_name), path_of(config_file_name));
  const Config base = options.config.changed(saved);
  require_resumable(saved, base);
  const std::string text = directory.read(space_file_name);
  const Space space = parse_space(text, path_of(space_file_name), base);
  std::error_code error;
  const std::string starts =
      fs::exists(path_of(starts_file_name), error) ? path_of(starts_file_name) : "";
  SearchPlan plan =
      make_plan(space, text, base, search,
                starts_of(starts.empty() ? "" : directory.read(starts_file_name), starts, base));
  require_same_search(plan, json, file);
  SearchResults results = results_from_json(json.value("results", Json(nullptr)), plan, file);
  const bool is_finished = says_finished(path_of(summary_file_name));
  if (is_finished) {
    set_final_statuses(plan, results);
  } else {
    require_room(plan);
  }
  return {std::move(plan), std::move(directory), std::move(results), is_finished};
}

}  // namespace

TuneStart start_search(const TuneOptions& options) {
  check_tune_options(options);
  return options.resume.empty() ? start_new(options) : resume(options);
}

}  // namespace polyak
