#include "trainer/warning_signs.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "config/derived.hpp"

namespace polyak {
namespace {

std::string agents_in_words(const std::vector<int>& agents) {
  constexpr std::size_t max_named = 5;
  if (agents.size() == 1) return "agent " + std::to_string(agents.front());
  std::string text = "agents";
  for (std::size_t i = 0; i < std::min(agents.size(), max_named); ++i) {
    text += (i == 0 ? " " : ", ") + std::to_string(agents[i]);
  }
  if (agents.size() <= max_named) return text;
  return text + " and " + std::to_string(agents.size() - max_named) + " more";
}

/// One symptom of one report: the agents that have it, found one after the other.
class Finding {
 public:
  Finding(Symptom symptom, const Report& report)
      : warning_{symptom, {}, 0.0, report.environment_steps} {}
  void add(std::size_t agent, double value) {
    warning_.agents.push_back(static_cast<int>(agent));
    warning_.worst = std::max(warning_.worst, value);
  }
  /// Whether there was any agent.
  bool tell(std::vector<Warning>& warnings) const {
    if (!warning_.agents.empty()) warnings.push_back(warning_);
    return !warning_.agents.empty();
  }

 private:
  Warning warning_;
};

}  // namespace

WarningSigns::WarningSigns(const Config& config, std::int64_t begin)
    : longest_streak_(std::max(
          fewest_steps,
          static_cast<std::int64_t>(longest_saturated * static_cast<double>(config.total_steps)))),
      reward_scale_(config.reward_scale),
      agents_(static_cast<std::size_t>(config.agents), History{.steps_unsaturated = begin}) {}

std::vector<Warning> WarningSigns::look_at(const Report& report) {
  std::vector<Warning> warnings;
  if (!told_of_saturation_) look_for_saturation(report, warnings);
  if (!told_of_explosion_) look_for_explosion(report, warnings);
  return warnings;
}

void WarningSigns::look_for_saturation(const Report& report, std::vector<Warning>& warnings) {
  Finding finding(Symptom::saturated_actions, report);
  for (std::size_t agent = 0; agent < report.agents.size(); ++agent) {
    const AgentMetrics& metrics = report.agents[agent];
    std::int64_t& unsaturated = agents_[agent].steps_unsaturated;
    // Of nothing but random actions the share is NaN.
    if (!(metrics.saturated_share > max_saturated)) unsaturated = report.environment_steps;
    if (report.environment_steps - unsaturated >= longest_streak_) {
      finding.add(agent, metrics.saturated_share);
    }
  }
  told_of_saturation_ = finding.tell(warnings);
}

void WarningSigns::look_for_explosion(const Report& report, std::vector<Warning>& warnings) {
  Finding finding(Symptom::exploding_loss, report);
  for (std::size_t agent = 0; agent < report.agents.size(); ++agent) {
    const double loss = report.agents[agent].critic_loss;
    History& history = agents_[agent];
    const double scale = reward_scale_[static_cast<int>(agent)];
    // Of no episode the mean is NaN, which is not larger than anything.
    const double learnt_return = std::abs(scale * report.agents[agent].mean_return);
    if (learnt_return > history.largest_return) history.largest_return = learnt_return;
    if (report.agents[agent].updates == 0 || !std::isfinite(loss) || loss <= 0.0) continue;
    const double usual = std::exp(history.sum_of_logarithms / std::max(history.reports_of_loss, 1));
    const double explained = std::pow(largest_error * history.largest_return, 2);
    const double small = std::pow(small_error * history.largest_return, 2);
    if (history.reports_of_loss >= fewest_reports && loss > largest_rise * usual && small > 0.0 &&
        loss > small) {
      finding.add(agent, loss / usual);
    } else if (explained > 0.0 && loss > explained) {
      finding.add(agent, loss / explained);
    }
    history.sum_of_logarithms += std::log(loss);
    ++history.reports_of_loss;
  }
  told_of_explosion_ = finding.tell(warnings);
}

std::string warning_of_random_actions(const Config& config) {
  const DerivedConfig derived = derive(config);
  if (derived.warmup_iterations < derived.iterations) return {};
  return "all " + std::to_string(config.total_steps) +
         " environment steps have random actions, for --warmup-steps is " +
         std::to_string(config.warmup_steps) + "; no policy acts before it is trained";
}

std::string describe(const Warning& warning) {
  const std::string when = " by environment step " + std::to_string(warning.environment_steps);
  char value[32];
  if (warning.symptom == Symptom::saturated_actions) {
    std::snprintf(value, sizeof value, "%.0f%%", 100.0 * warning.worst);
    return "the policy's actions stay at their bounds (" + agents_in_words(warning.agents) + ", " +
           value + " of them" + when +
           "), where it hardly learns; if returns stay low, try a lower --learning-rate-actor, a "
           "smaller --reward-scale or --layer-norm";
  }
  std::snprintf(value, sizeof value, "%.1e", warning.worst);
  return "the critic's loss explodes (" + agents_in_words(warning.agents) + ", up to " + value +
         " times what it was, or could be" + when +
         "); try a lower --learning-rate-critic, a smaller --tau, a smaller --reward-scale or "
         "--gradient-clip 1";
}

}  // namespace polyak
