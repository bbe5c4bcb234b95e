#include "app/train/training_end.hpp"

#include "app/output/format.hpp"
#include "app/output/message.hpp"
#include "app/output/report.hpp"
#include "config/fields.hpp"
#include "io/text_value.hpp"
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

void print_end(std::ostream& out, const Trainer& trainer, const RunDirectory& directory,
               bool has_best) {
  const int agents = trainer.config().agents;
  out << "Wrote " << printable(policies_in_words(directory, agents)) << ", ";
  if (has_best) out << (agents == 1 ? "policy_best.safetensors, " : "each with its best, ");
  out << config_file_name << ", " << metrics_file_name << ", " << evaluations_file_name << " and "
      << summary_file_name << '\n';
}

/// Which rule ended a training before its last step; nothing if none did.
std::string rule_in_words(StopReason reason, const StoppingRules& rules, int agents) {
  std::string goals;
  if (rules.at_return) goals = "--stop-at-return " + format_number(*rules.at_return);
  if (rules.at_regret) {
    goals += (goals.empty() ? "" : " or ") + std::string("--stop-at-regret ") +
             format_number(*rules.at_regret);
  }
  std::string waited =
      "no better mean return in " + counted(rules.patience, "evaluation") + " (--patience)";
  if (reason == StopReason::goal_reached) {
    return (agents == 1 ? "" : "every agent has ") + std::string("reached ") + goals;
  }
  if (reason != StopReason::no_improvement) return "";
  if (agents == 1) return waited;
  return "every agent has " + (goals.empty() ? "" : "reached " + goals + ", or had ") + waited;
}

/// How long it trained, and why it ended if it has not made all of its steps.
void print_training(std::ostream& out, const Trainer& trainer, StopReason reason,
                    const TrainingEvaluation& evaluation, const StoppingRules& rules) {
  out << (reason == StopReason::finished      ? "Trained "
          : reason == StopReason::interrupted ? "Interrupted after "
                                              : "Stopped after ")
      << trainer.environment_steps() << " environment steps and " << trainer.updates()
      << " updates per agent in " << format_fixed(trainer.training_seconds(), 2) << " s";
  if (const std::int64_t count = evaluation.history.count(); count > 0) {
    out << "; " << counted(count, "evaluation") << " took " << format_fixed(evaluation.seconds, 2)
        << " s";
  }
  const std::string rule = rule_in_words(reason, rules, trainer.config().agents);
  out << (rule.empty() ? "" : "\nStopped early: ") << rule << '\n';
}

}  // namespace

int conclude(std::ostream& text, const Trainer& trainer, const RunDirectory& directory,
             StopReason reason, const TrainingEvaluation& evaluation, const StoppingRules& rules,
             const InterruptHandler& interrupt) {
  const int agents = trainer.config().agents;
  if (reason == StopReason::non_finite) {
    throw RunError(describe(*trainer.divergence(), trainer.config()) + "; training stopped, " +
                   what_is_left(directory, agents));
  }
  print_training(text, trainer, reason, evaluation, rules);
  if (!evaluation.last.empty()) {
    text << "Evaluation without noise, " << evaluation.last.front().returns.episodes
         << " episodes per agent:\n";
    print_population(text, evaluation, varied_fields(trainer.config()));
  }
  if (directory.holds_older_training()) {
    text << "Wrote nothing: " << printable(what_is_left(directory, agents)) << '\n';
  } else {
    print_end(text, trainer, directory, evaluation.history.count() > 0);
    if (agents > 1 && !evaluation.last.empty()) {
      text << "Best at the end: "
           << printable(directory.policy_path(best_agent(evaluation.last)).string()) << '\n';
    }
  }
  return reason == StopReason::interrupted ? interrupt.exit_code() : exit_success;
}

}  // namespace polyak
