// Refuses configurations that cannot be trained, with one line that says why.
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include "config/checks.hpp"
#include "config/derived.hpp"
#include "config/fields.hpp"
#include "polyak/config.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

/// The range's ends count as they are in the field's own type: 1e-12 as a float is a little less.
template <class T>
void check_number(const FieldInfo& field, T value) {
  const auto end = [](double limit) {
    if constexpr (std::is_floating_point_v<T>) return static_cast<double>(static_cast<T>(limit));
    return limit;
  };
  const double given = static_cast<double>(value);
  if (!std::isfinite(given)) refuse(field.name, number_text(value) + " is not a finite number");
  if (given < end(field.lowest) || given > end(field.highest)) {
    refuse(field.name, number_text(value) + " is out of range; it must be between " +
                           number_text(field.lowest) + " and " + number_text(field.highest));
  }
}

/// Range checks by the type of the field.
struct RangeCheck {
  void operator()(const FieldInfo&, const std::string&) const {}
  void operator()(const FieldInfo&, const std::vector<std::string>&) const {}
  void operator()(const FieldInfo&, bool) const {}
  template <class T>
  void operator()(const FieldInfo& field, const std::vector<T>& values) const {
    for (const T value : values) check_number(field, value);
  }
  template <class T>
  void operator()(const FieldInfo& field, const PerAgent<T>& values) const {
    if (values.values.empty()) refuse(field.name, "needs at least one value");
    (*this)(field, values.values);
  }
  template <class T>
  requires std::is_arithmetic_v<T>
  void operator()(const FieldInfo& field, T value) const { check_number(field, value); }
  template <class T>
  requires std::is_enum_v<T>
  void operator()(const FieldInfo&, T) const {}
  void operator()(const FieldInfo& field, const Device& device) const {
    if (device.is_every_gpu()) return;
    if (device.gpu < 0 || (device.gpu > 0 && device != DeviceKind::cuda)) {
      refuse(field.name, std::string(to_string(device.kind)) + " with number " +
                             std::to_string(device.gpu) + "; GPUs alone have numbers, from 0 on");
    }
  }
};

/// A list of values over agents has one value, or at most one for each agent.
struct LengthCheck {
  int agents;
  template <class T>
  void operator()(const FieldInfo&, const T&) const {}
  template <class T>
  void operator()(const FieldInfo& field, const PerAgent<T>& list) const {
    if (list.values.size() > static_cast<std::size_t>(agents)) {
      refuse(field.name, std::to_string(list.values.size()) + " values for " +
                             std::to_string(agents) + " agent" + (agents == 1 ? "" : "s") +
                             "; give at most one value per agent, or raise --agents");
    }
  }
};

void check_hidden(std::string_view field, const std::vector<int>& widths) {
  if (widths.empty() || widths.size() > 4) {
    refuse(field, std::to_string(widths.size()) + " hidden layers; 1 to 4 are possible");
  }
}

void check_relations(const Config& config) {
  check_hidden("actor-hidden", config.actor_hidden);
  check_hidden("critic-hidden", config.critic_hidden);
  if (config.seed.values.size() > 1 &&
      config.seed.values.size() != static_cast<std::size_t>(config.agents)) {
    refuse("seed", std::to_string(config.seed.values.size()) + " seeds for " +
                       std::to_string(config.agents) + " agents; give one, or one per agent");
  }
  const auto others = static_cast<std::uint64_t>(config.agents - 1);
  if (config.seed.values.size() == 1 &&
      config.seed[0] > std::numeric_limits<std::uint64_t>::max() - others) {
    refuse("seed", std::to_string(config.seed[0]) + " leaves no larger seeds for the other " +
                       std::to_string(others) + " agents");
  }
  if (config.batch_size > config.replay_capacity) {
    refuse("batch-size", std::to_string(config.batch_size) + " is larger than --replay-capacity " +
                             std::to_string(config.replay_capacity));
  }
  if (config.batch_size > config.learning_starts) {
    refuse("learning-starts", std::to_string(config.learning_starts) +
                                  " environment steps are too few to fill one batch; use at least "
                                  "--batch-size " +
                                  std::to_string(config.batch_size));
  }
  if (config.critic_action_layer > static_cast<int>(config.critic_hidden.size())) {
    refuse("critic-action-layer", std::to_string(config.critic_action_layer) +
                                      " is beyond the critic's last layer, which is number " +
                                      std::to_string(config.critic_hidden.size()));
  }
  const DerivedConfig derived = derive(config);
  if (derived.first_update_iteration >= derived.iterations) {
    refuse("total-steps", std::to_string(config.total_steps) +
                              " environment steps end before the first update, which comes after "
                              "--learning-starts " +
                              std::to_string(config.learning_starts) +
                              "; use more steps, or let learning start earlier");
  }
  const int vector_steps = derived.vector_steps_per_iteration;
  const double updates = config.update_to_data * config.environments * vector_steps;
  if (!is_whole_updates(updates) || updates > 1e6) {
    refuse("update-to-data", number_text(config.update_to_data) + " times " +
                                 std::to_string(config.environments) + " environments times " +
                                 std::to_string(vector_steps) + " steps per iteration is " +
                                 number_text(updates) +
                                 " updates; it must be a whole number from 1 to 1000000; try "
                                 "--steps-per-iteration 0");
  }
}

}  // namespace

void refuse(std::string_view field, const std::string& why) {
  throw UsageError("--" + std::string(field) + ": " + why);
}

std::string_view why_without_effect(const Config& config, std::string_view name) {
  std::string_view why;
  visit_fields(config, [&](const FieldInfo& field, const auto&) {
    if (field.name == name) why = field.no_effect;
  });
  return why;
}

void check_ranges(const Config& config) { visit_fields(config, RangeCheck{}); }

void validate(const Config& config) {
  check_ranges(config);
  visit_fields(config, LengthCheck{config.agents});
  find_environment(config.environment);
  environment_parameter_values(config);
  require_fields_on(config.device.kind, config);
  check_relations(config);
  check_preset(config);
  check_exploration(config);
  check_sampling(config);
  check_sequences(config);
  check_batch_norm(config);
}

}  // namespace polyak
