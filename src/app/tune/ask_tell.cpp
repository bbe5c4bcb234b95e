#include "app/tune/ask_tell.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/options/options_without_effect.hpp"
#include "app/output/message.hpp"
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

/// Options of the command line that have no effect in the common configuration. What they need the
/// settings of the trials may have; those of which none has it are told of at the end.
class IdleOptions {
 public:
  IdleOptions(const CLI::App& command, const Config& base)
      : command_(command), idle_(options_without_effect(command, std::span(&base, 1))) {}

  void look_at(std::span<const Config> trials) {
    const std::vector<std::string> still = options_without_effect(command_, trials);
    std::erase_if(idle_, [&](const std::string& option) {
      return std::find(still.begin(), still.end(), option) == still.end();
    });
  }
  void warn() const {
    for (const std::string& option : idle_) {
      std::cerr << "polyak: warning: " << option << "; no trial had that" << std::endl;
    }
  }

 private:
  const CLI::App& command_;
  std::vector<std::string> idle_;  // what is wrong with each
};

}  // namespace

int ask_and_tell(const TuneOptions& options, const InterruptHandler& interrupt) {
  check_tune_options(options);
  require_readable_input();
  const Config base = options.config.unchecked();
  TrialServer server = make_server(options, base, interrupt);
  IdleOptions idle(options.command, base);
  for (std::string line; std::getline(std::cin, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    Json answer;
    try {
      const std::optional<Json> found = server.answer(parse_json(line, "the question"));
      if (!found) return interrupt.exit_code();
      answer = *found;
      idle.look_at(server.configs());
    } catch (const UsageError& error) {
      answer = {{"error", short_message(error.what())}};
    }
    std::cout << json_text(answer, -1) << std::flush;
    if (!std::cout) throw RunError("cannot write to the standard output");
  }
  if (std::cin.bad() || std::ferror(stdin) != 0) {
    throw RunError("cannot read the standard input");
  }
  idle.warn();
  return 0;
}

}  // namespace polyak
