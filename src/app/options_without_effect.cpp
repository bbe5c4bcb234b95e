#include "app/options_without_effect.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <string>

#include "config/derived.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// An option that acts through others.
struct DependentOption {
  const char* name;
  bool (*has_effect)(const Config& config);
  const char* otherwise;  // why it has none, and what would give it one
};

bool is_correlated(const Config& config) {
  return config.exploration == Exploration::ornstein_uhlenbeck;
}
bool has_target_noise(const Config& config) { return any_above_zero(config.target_noise); }
bool has_weight_decay(const Config& config) {
  return any_above_zero(config.actor_weight_decay) || any_above_zero(config.critic_weight_decay);
}

constexpr const char* gaussian =
    "has no effect in gaussian noise; use --exploration ornstein-uhlenbeck";

constexpr auto dependent_options = std::to_array<DependentOption>({
    {"--noise-theta", is_correlated, gaussian},
    {"--noise-dt", is_correlated, gaussian},
    {"--target-noise-clip", has_target_noise, "has no effect without --target-noise"},
    {"--decoupled-weight-decay", has_weight_decay,
     "has no effect without --actor-weight-decay or --critic-weight-decay"},
});

}  // namespace

void refuse_options_without_effect(const CLI::App& command, const Config& config) {
  for (const DependentOption& option : dependent_options) {
    if (command.get_option(option.name)->count() == 0 || option.has_effect(config)) continue;
    throw UsageError(std::string(option.name) + ": " + option.otherwise);
  }
}

}  // namespace polyak
