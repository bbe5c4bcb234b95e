#include "app/tune/ask_tell.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/options/options_without_effect.hpp"
#include "app/output/message.hpp"
#include "app/process/input_lines.hpp"
#include "app/tune/trial_server.hpp"
#include "backend/backend.hpp"
#include "config/checks.hpp"
#include "config/fields.hpp"
#include "io/json_text.hpp"
#include "io/parse_json.hpp"
#include "polyak/core/error.hpp"
#include "search/search_plan.hpp"

namespace polyak {
namespace {

using Json = nlohmann::ordered_json;

/// UsageError for what can never be read.
void require_readable_input() {
  struct stat status;
  if (::fstat(STDIN_FILENO, &status) == 0 && S_ISDIR(status.st_mode)) {
    throw UsageError(
        "--ask-tell: the standard input is a directory; it is a program that asks, or a file with "
        "questions");
  }
}

TrialServer make_server(const TuneOptions& options, const Config& base,
                        const InterruptHandler& interrupt) {
  check_ranges(base);
  require_fields_on(resolve_device(base.device).kind, base);
  return {base, options.config.given_beside_algorithm(),
          seeds_from(base.seed[0], options.search.seeds),
          search_starts(base, options.search.evaluation_episodes), interrupt.requested()};
}

/// Options of the command line that have had no effect in any trial: what they need the settings of
/// trials may have, and a setting may take their place. That is known at the end.
class IdleOptions {
 public:
  explicit IdleOptions(const CLI::App& command) : command_(command) {
    const Config config;
    visit_fields(config, [&](const FieldInfo& field, const auto&) {
      const std::string name = "--" + std::string(field.name);
      const CLI::Option* const option = command.get_option_no_throw(name);
      if (option != nullptr && option->count() > 0) replaced_.push_back(name);
    });
  }

  void look_at(const TrialServer& server) {
    const std::vector<std::string> useless = options_without_effect(command_, server.configs());
    if (!has_looked_) useless_ = useless;
    has_looked_ = true;
    std::erase_if(useless_, [&](const std::string& option) {
      return std::find(useless.begin(), useless.end(), option) == useless.end();
    });
    std::erase_if(replaced_, [&](const std::string& name) {
      return std::any_of(server.settings().begin(), server.settings().end(),
                         [&](const Setting& setting) {
                           return find_value(setting, std::string_view(name).substr(2)) == nullptr;
                         });
    });
  }

  void warn() const {
    if (!has_looked_) return;
    for (const std::string& option : useless_) {
      std::cerr << "polyak: warning: " << option << "; no trial had that" << std::endl;
    }
    for (const std::string& name : replaced_) {
      std::cerr << "polyak: warning: " << name
                << ": has had no effect, for every trial's setting has its own" << std::endl;
    }
  }

 private:
  const CLI::App& command_;
  bool has_looked_ = false;
  std::vector<std::string> useless_;   // what is wrong with each
  std::vector<std::string> replaced_;  // names
};

}  // namespace

int ask_and_tell(const TuneOptions& options, const InterruptHandler& interrupt) {
  check_tune_options(options);
  require_readable_input();
  const Config base = options.config.unchecked();
  TrialServer server = make_server(options, base, interrupt);
  IdleOptions idle(options.command);
  InputLines lines(interrupt.requested());
  while (const std::optional<std::string> line = lines.next()) {
    if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
    Json answer;
    try {
      const std::optional<Json> found = server.answer(parse_json(*line, "the question"));
      if (!found) return interrupt.exit_code();
      answer = *found;
      idle.look_at(server);
    } catch (const UsageError& error) {
      answer = {{"error", short_message(error.what())}};
    }
    std::cout << json_text(answer, -1) << std::flush;
    if (!std::cout) throw RunError("cannot write to the standard output");
  }
  idle.warn();
  return interrupt.requested() ? interrupt.exit_code() : 0;
}

}  // namespace polyak
