#include "app/train/training_end.hpp"

#include "app/output/format.hpp"
#include "app/output/message.hpp"
#include "config/fields.hpp"
#include "polyak/core/error.hpp"
#include "trainer/divergence.hpp"

namespace polyak {
namespace {

std::string policies_in_words(const RunDirectory& directory, int agents) {
  if (agents == 1) return directory.policy_path(0).string();
  return directory.policy_path(0).string() + " to " +
         directory.policy_path(agents - 1).filename().string();
}

/// Where the policies of a training that ended early are, in words.
std::string what_is_left(const RunDirectory& directory, int agents) {
  if (directory.holds_older_training()) {
    return "no update was made, the older training in " + directory.path().string() +
           " is as it was";
  }
  return "the last good policy is in " + policies_in_words(directory, agents);
}

void print_end(std::ostream& out, const Trainer& trainer, const RunDirectory& directory) {
  out << "Wrote " << printable(policies_in_words(directory, trainer.config().agents))
      << ", config.toml, " << directory.metrics_path().filename().string() << " and "
      << directory.summary_path().filename().string() << '\n';
}

}  // namespace

int conclude(std::ostream& text, const Trainer& trainer, const RunDirectory& directory,
             StopReason reason, std::span<const AgentEvaluation> evaluations,
             const InterruptHandler& interrupt) {
  const int agents = trainer.config().agents;
  if (reason == StopReason::non_finite) {
    throw RunError(describe(*trainer.divergence(), trainer.config()) + "; training stopped, " +
                   what_is_left(directory, agents));
  }
  text << (reason == StopReason::finished ? "Trained " : "Interrupted after ")
       << trainer.environment_steps() << " environment steps and " << trainer.updates()
       << " updates per agent in " << format_fixed(trainer.training_seconds(), 2) << " s\n";
  if (!evaluations.empty()) {
    text << "Evaluation without noise, " << evaluations.front().returns.episodes
         << " episodes per agent:\n";
    print_population(text, evaluations, varied_fields(trainer.config()));
  }
  if (directory.holds_older_training()) {
    text << "Wrote nothing: " << printable(what_is_left(directory, agents)) << '\n';
  } else {
    print_end(text, trainer, directory);
  }
  return reason == StopReason::interrupted ? interrupt.exit_code() : exit_success;
}

}  // namespace polyak
