#include "app/tune/tune_options.hpp"

#include <CLI/CLI.hpp>
#include <array>

#include "app/options/named_files.hpp"
#include "app/options/number_option.hpp"
#include "app/options/options_without_effect.hpp"
#include "config/derived.hpp"
#include "config/fields.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"
#include "search/sampler.hpp"

namespace polyak {
namespace {

constexpr std::int64_t many_steps = 1'000'000'000'000'000;

/// Adds `--name WORD`, which sets `target` to what `parse` makes of it; its refusals get the name.
template <class Target, class Parse>
CLI::Option* add_word_option(CLI::App& command, const std::string& name, Target& target,
                             const Parse& parse, const std::string& help) {
  const auto set = [&target, parse, name](const std::string& text) {
    try {
      target = parse(text);
    } catch (const UsageError& error) {
      throw UsageError(name + ": " + error.what());
    }
  };
  return command.add_option_function<std::string>(name, set, wrap_help(help))->option_text("WORD");
}

void add_search_options(CLI::App& command, SearchOptions& search) {
  const std::string group = "Search";
  add_word_option(command, "--scheduler", search.scheduler, parse_scheduler,
                  "who decides which trials go on: halving (at every rung the best third of all "
                  "trials), asha (the same, but one cohort of trials after another, each compared "
                  "with all that came before), pbt (population based training: members take over "
                  "from the best and vary their settings on the way) or none (all go on to the "
                  "end) [halving]")
      ->group(group);
  add_word_option(command, "--sampler", search.sampler, parse_sampler,
                  "how settings are drawn from the space: sobol (scrambled; fewer gaps than random "
                  "ones), random, or grid (all combinations) [sobol]")
      ->group(group);
  add_number_option(command, "trials", search.trials, std::int64_t{1}, max_trials,
                    wrap_help("settings to try; of pbt the members of the population [64; a "
                              "grid's: all]"))
      ->group(group);
  add_number_option(command, "seeds", search.seeds, 1, 1000,
                    wrap_help("seeds that every setting is trained with, from --seed on: a score "
                              "is the mean over them [4; pbt: 1]"))
      ->group(group);
  add_number_option(command, "evaluation-episodes", search.evaluation_episodes, std::int64_t{1},
                    std::int64_t{1'000'000},
                    wrap_help("noise-free episodes of every agent whose mean return is its score, "
                              "always from the same start states [16]"))
      ->group(group);
}

void add_halving_options(CLI::App& command, HalvingOptions& halving) {
  const std::string group = "Halving";
  add_number_option(command, "reduction", halving.reduction, 1.1, 1000.0,
                    wrap_help("at every rung one of so many trials goes on; every rung is so many "
                              "times as long as the one before [3]"))
      ->group(group);
  add_number_option(command, "first-rung", halving.first_rung, std::int64_t{1}, many_steps,
                    wrap_help("environment steps per agent before the first trials stop, at least "
                              "[a twenty-seventh of --total-steps, or half as many again as "
                              "--learning-starts if that is more]"))
      ->group(group);
  add_number_option(command, "cohort", halving.cohort, 1, largest_population,
                    wrap_help("asha: trials that begin together [64]"))
      ->group(group);
}

AgentPart parse_part(const std::string& text) {
  if (text == "everything") return AgentPart::everything;
  if (text == "networks") return AgentPart::networks;
  throw UsageError("'" + text + "' is neither everything nor networks");
}

void add_population_options(CLI::App& command, PopulationOptions& population) {
  const std::string group = "Population based training";
  const auto set_intervals = [&population](const std::string& text) {
    population.intervals.clear();
    for (const std::string& part : split_text(text, ',')) {
      const auto interval = parse_named_number<std::int64_t>("pbt-intervals", part);
      if (interval < 1 || interval > many_steps) {
        throw UsageError("--pbt-intervals: " + part +
                         " is out of range; it must be between 1 and " + format_number(many_steps));
      }
      population.intervals.push_back(interval);
    }
  };
  command
      .add_option_function<std::string>(
          "--pbt-intervals", set_intervals,
          wrap_help(
              "environment steps per agent between two selections; of several, 500,1000 for "
              "example, one for each of as many equal parts of the population (multiple "
              "frequencies, Doulazmi et al. 2025); none comes before half as many steps again as "
              "--learning-starts [a twentieth of --total-steps]"))
      ->option_text("N,..")
      ->group(group);
  add_number_option(command, "pbt-quantile", population.quantile, 0.0, 0.5,
                    wrap_help("with one interval: this share of the members, the worst, takes over "
                              "from the same share of the best [0.2]"))
      ->group(group);
  add_word_option(command, "--pbt-copy", population.part, parse_part,
                  "what they take over: everything (the replay and the environments, too; the "
                  "best schedule is then one agent's), or networks (with Adam's moments) "
                  "[everything]")
      ->group(group);
}

void add_confirmation_options(CLI::App& command, TuneOptions& options) {
  const std::string group = "Confirmation";
  add_number_option(command, "confirm", options.search.confirmation.trials, 0, 1000,
                    wrap_help("so many of the best settings are trained again with fresh seeds and "
                              "judged from other start states: of many scores the best one is too "
                              "good by luck [3]"))
      ->group(group);
  add_number_option(command, "confirm-seeds", options.search.confirmation.seeds, 1, 10000,
                    wrap_help("with so many seeds each [10]"))
      ->group(group);
  command
      .add_option(
          "--starts", options.starts,
          wrap_help("judge them from the start states in this JSON file, with regret if it "
                    "has best returns; the search itself never sees them [100 random ones]"))
      ->option_text("FILE")
      ->group(group);
}

}  // namespace

TuneOptions::TuneOptions(CLI::App& subcommand)
    : command(subcommand),
      config(subcommand, {"agents"}),
      json(subcommand, "what summary.json has") {
  subcommand.add_option("SPACE", space,
                        wrap_help("TOML file that says which options the trials set, and to what "
                                  "(docs/tuning-space.md): learning-rate-critic = "
                                  "{ log = [1e-4, 1e-2] }"));
  add_search_options(subcommand, search);
  add_halving_options(subcommand, search.halving);
  add_population_options(subcommand, search.population);
  add_confirmation_options(subcommand, *this);
  const std::string group = "Run";
  subcommand
      .add_option("--output", output,
                  wrap_help("directory for everything that is written "
                            "[runs/tune-<environment>-<date>-<time>]"))
      ->option_text("DIR")
      ->group(group);
  add_switch(subcommand, "--overwrite", overwrite,
             "replace the search that is in the output directory")
      ->group(group);
  subcommand
      .add_option("--resume", resume,
                  wrap_help("go on with the search in this directory, to the results that it would "
                            "have had; only --device, --engine, --threads and "
                            "--checkpoint-interval may change"))
      ->option_text("DIR")
      ->excludes("--output")
      ->excludes("--overwrite")
      ->excludes("SPACE")
      ->group(group);
  add_switch(subcommand, "--quiet", quiet, "show no progress")->group(group);
  add_number_option(subcommand, "checkpoint-interval", checkpoint_interval, 0.0, 1e9,
                    wrap_help("seconds between two checkpoints of the population that trains; 0: "
                              "what a search that is resumed has not finished begins anew; not "
                              "remembered: give it to --resume, too [60]"))
      ->group(group);
  add_switch(subcommand, "--ask-tell", asks_and_tells,
             "train the settings that another program asks for: a line of JSON on the standard "
             "input is a batch of trials, the answer a line on the standard output "
             "(docs/tuning.md)")
      ->excludes("SPACE")
      ->excludes("--resume")
      ->excludes("--output")
      ->group(group);
}

bool TuneOptions::given(const std::string& option) const {
  return command.get_option(option)->count() > 0;
}

void check_tune_options(const TuneOptions& options) {
  if (options.space.empty() && options.resume.empty() && !options.asks_and_tells) {
    throw UsageError(
        "tune: which space to search is missing: polyak tune SPACE.toml (docs/tuning-space.md), or "
        "--resume DIR");
  }
  given_files(options.command, {"--output", "--resume"});
  if (options.overwrite && options.output.empty()) {
    throw UsageError("--overwrite: has no effect without --output, the directory to overwrite");
  }
  if (options.asks_and_tells) {
    for (const char* const option :
         {"--scheduler", "--sampler", "--trials", "--reduction", "--first-rung", "--confirm",
          "--confirm-seeds", "--starts", "--quiet", "--checkpoint-interval", "--json"}) {
      if (!options.given(option)) continue;
      throw UsageError(std::string(option) +
                       ": has no effect with --ask-tell; whoever asks decides");
    }
  }
  const Scheduler scheduler = options.search.scheduler;
  const bool halves = scheduler == Scheduler::halving || scheduler == Scheduler::asha;
  const bool is_population = scheduler == Scheduler::pbt;
  const auto needs = [&](const char* option, bool has_effect, const char* with) {
    if (!options.given(option) || has_effect) return;
    throw UsageError(std::string(option) + ": has no effect without " + with);
  };
  for (const char* const option : {"--reduction", "--first-rung"}) {
    needs(option, halves, "--scheduler halving or asha");
  }
  needs("--cohort", scheduler == Scheduler::asha, "--scheduler asha");
  for (const char* const option : {"--pbt-intervals", "--pbt-copy"}) {
    needs(option, is_population, "--scheduler pbt");
  }
  needs("--pbt-quantile", is_population && options.search.population.intervals.size() < 2,
        "--scheduler pbt and one interval");
  if (is_population && options.given("--seeds")) {
    throw UsageError(
        "--seeds: has no effect with --scheduler pbt, whose members have a seed each; use more "
        "--trials");
  }
  needs("--confirm-seeds", options.search.confirmation.trials > 0, "--confirm");
  needs("--starts", options.search.confirmation.trials > 0, "--confirm");
  check_outputs(options.json.files(),
                given_files(options.command, {"--config", "--starts", "SPACE"}));
}

SearchOptions search_options(const TuneOptions& options, const Space& space, const Config& config) {
  SearchOptions search = options.search;
  for (const SpaceField& field : space.fields) {
    // An algorithm brings parts of its own, which other options may name.
    if (!field.when.empty() || field.name == field_name(&Config::algorithm)) continue;
    if (!options.given("--" + field.name)) continue;
    throw UsageError("--" + field.name + ": has no effect, as " + space.file +
                     " says it for every trial; leave one of them out");
  }
  if (config.seed.values.size() > 1) {
    throw UsageError("--seed: a search has one, from which the seeds of its trials count up");
  }
  search.seed = config.seed[0];
  search.given = options.config.given_beside_algorithm();
  if (search.sampler == Sampler::grid && !options.given("--trials")) {
    search.trials = grid_size(space);
  }
  if (options.given("--cohort") && search.halving.cohort > search.trials) {
    throw UsageError("--cohort " + std::to_string(search.halving.cohort) +
                     ": is more than --trials " + std::to_string(search.trials) +
                     ", which then are one cohort; use fewer, or --scheduler halving");
  }
  if (search.scheduler == Scheduler::pbt) search.seeds = 1;
  return search;
}

}  // namespace polyak
