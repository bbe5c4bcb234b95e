// Environments of several agents on the host and on the device, for the tests of the kernels
// that step them.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/environments.hpp"
#include "kernels/kernel_test.hpp"
#include "support/every_environment.hpp"

namespace polyak::test {

/// Everything that a vector step reads and writes, on the host; agent-major.
struct EnvironmentsState {
  std::vector<float> states, noise, rows;
  std::vector<double> returns;
  std::vector<std::int32_t> episode_steps;
  std::vector<EpisodeTotals> totals;
  std::vector<std::int64_t> rows_written;
};

/// Environments with a replay of few rows and short episodes, so that both wrap soon.
template <Environment E>
class EnvironmentCase {
 public:
  static constexpr std::int64_t rows_per_environment = 5;
  static constexpr int time_limit = 4;

  EnvironmentCase(int agents, std::int64_t environments)
      : agents_(agents), environments_(environments), seeds_(static_cast<std::size_t>(agents)) {
    for (std::size_t agent = 0; agent < seeds_.size(); ++agent) {
      seeds_[agent] = 77 + agent;
      // The agents differ in everything that agents may differ in.
      const bool first = agent == 0;
      plans_.push_back(
          {{Exploration::gaussian, 0.1f + 0.2f * static_cast<float>(agent), 0.15f, 0.5f},
           first ? 0.0f : 0.01f,
           0.3f,
           first ? 0 : 7,
           !first,
           !first});
    }
    const auto all = static_cast<std::size_t>(agents * environments);
    const auto environment_floats =
        static_cast<std::size_t>(rows_per_environment * layout.floats());
    state = {std::vector<float>(all * E::state_size),
             std::vector<float>(all * E::action_size),
             std::vector<float>(all * environment_floats),
             std::vector<double>(all),
             std::vector<std::int32_t>(all),
             std::vector<EpisodeTotals>(all),
             std::vector<std::int64_t>(all)};
    for (int agent = 0; agent < agents; ++agent) {
      for (std::int64_t environment = 0; environment < environments; ++environment) {
        reset_environment(settings(agent, Exploration::gaussian, false), environments_of(agent),
                          replay_of(agent), environment, 0, random(agent));
        // Episodes end at different times, so that the environments' replays fill unevenly.
        state.episode_steps[static_cast<std::size_t>(agent * environments + environment)] =
            static_cast<std::int32_t>(environment % time_limit);
      }
    }
  }

  /// The vector step as the CPU makes it.
  void step_on_host(Exploration kind, bool warmup, std::int64_t vector_step,
                    const std::vector<float>& policy_action) {
    for (int agent = 0; agent < agents_; ++agent) {
      for (std::int64_t environment = 0; environment < environments_; ++environment) {
        const auto at =
            static_cast<std::size_t>((agent * environments_ + environment) * E::action_size);
        const EnvironmentsView<E> environments = environments_of(agent);
        float action[E::action_size];
        choose_action(settings(agent, kind, warmup), &policy_action[at], environment, vector_step,
                      random(agent), &state.noise[at], action);
        if (!warmup) {
          note_saturation<E::action_size>(
              &policy_action[at], environments.totals[static_cast<std::size_t>(environment)]);
        }
        step_and_store(settings(agent, kind, warmup), environments, replay_of(agent), action,
                       environment, vector_step, random(agent));
      }
    }
  }

  EnvironmentSettings<E> settings(int agent, Exploration kind, bool warmup) const {
    const auto at = static_cast<std::size_t>(agent);
    ExplorationPlan plan = plans_[at];
    plan.first.kind = kind;
    return {parameters(), plan, time_limit, warmup};
  }
  PhiloxRandom random(int agent) const { return {seeds_[static_cast<std::size_t>(agent)]}; }

  static std::vector<float> parameter_values() { return default_parameters<E>(); }
  static typename E::Parameters parameters() { return parameters_from<E>(parameter_values()); }

  int agents() const { return agents_; }
  std::int64_t environments() const { return environments_; }
  const std::vector<std::uint64_t>& seeds() const { return seeds_; }
  /// Of all agents, for one kind of exploration.
  std::vector<ExplorationPlan> plans(Exploration kind) const {
    std::vector<ExplorationPlan> plans = plans_;
    for (ExplorationPlan& plan : plans) plan.first.kind = kind;
    return plans;
  }

  static constexpr RowLayout layout = {E::observation_size, E::action_size};
  EnvironmentsState state;

 private:
  ReplayView replay_of(int agent) {
    const auto first = static_cast<std::size_t>(agent * environments_);
    return {&state.rows[first * static_cast<std::size_t>(rows_per_environment * layout.floats())],
            &state.rows_written[first], environments_, rows_per_environment, layout};
  }
  EnvironmentsView<E> environments_of(int agent) {
    const auto first = static_cast<std::size_t>(agent * environments_);
    return {reinterpret_cast<typename E::State*>(&state.states[first * E::state_size]),
            &state.noise[first * E::action_size], &state.episode_steps[first],
            &state.returns[first], &state.totals[first]};
  }

  int agents_;
  std::int64_t environments_;
  std::vector<std::uint64_t> seeds_;
  std::vector<ExplorationPlan> plans_;
};

/// A copy of an EnvironmentsState on the device, and the kernels on it.
template <Environment E>
class DeviceEnvironments {
 public:
  explicit DeviceEnvironments(const EnvironmentCase<E>& source)
      : agents_(source.agents()),
        environments_(source.environments()),
        parameters_(source.parameter_values()),
        seeds_(source.seeds()),
        gaussian_(source.plans(Exploration::gaussian)),
        ornstein_uhlenbeck_(source.plans(Exploration::ornstein_uhlenbeck)),
        states_(source.state.states),
        noise_(source.state.noise),
        rows_(source.state.rows),
        returns_(source.state.returns),
        episode_steps_(source.state.episode_steps),
        totals_(source.state.totals),
        rows_written_(source.state.rows_written),
        max_closed_rows_(std::vector<std::int64_t>(static_cast<std::size_t>(agents_), 0)),
        observation_(agents_, static_cast<int>(environments_), E::observation_size, 1) {}

  void vector_step(Exploration kind, bool warmup, std::int64_t step,
                   const std::vector<float>& policy_action) {
    const DeviceBuffer<float> actions(policy_action);
    const DeviceBuffer<std::int64_t> counter(std::vector<std::int64_t>{step});
    const DeviceBuffer<unsigned> arrivals(std::vector<unsigned>{0});
    finish(kernels::launch_vector_step(
        {environment(),
         agents_,
         {states_.data(), noise_.data(), episode_steps_.data(), returns_.data(), totals_.data()},
         {rows_.data(), rows_written_.data(), max_closed_rows_.data(), environments_,
          EnvironmentCase<E>::rows_per_environment, EnvironmentCase<E>::layout},
         exploration(kind, warmup),
         seeds_.data(),
         counter.data(),
         arrivals.data(),
         {warmup ? nullptr : actions.data(), E::action_size, environments_ * E::action_size},
         observation_.view()},
        nullptr));
    const bool anything_to_do = agents_ > 0 && environments_ > 0;
    EXPECT_EQ(counter.download()[0], step + (anything_to_do ? 1 : 0));
    EXPECT_EQ(arrivals.download()[0], 0u);
  }

  std::vector<float> choose_actions(Exploration kind, bool warmup, std::int64_t step,
                                    const std::vector<float>& policy_action) {
    const DeviceBuffer<float> actions(policy_action);
    const DeviceBuffer<std::int64_t> counter(std::vector<std::int64_t>{step});
    const MatrixBuffer result(agents_, static_cast<int>(environments_), E::action_size, 1);
    finish(kernels::launch_choose_actions(
        {environment(),
         agents_,
         environments_,
         noise_.data(),
         exploration(kind, warmup),
         seeds_.data(),
         counter.data(),
         {warmup ? nullptr : actions.data(), E::action_size, environments_ * E::action_size},
         result.view()},
        nullptr));
    return result.values();
  }

  void step_environments(int steps, std::int64_t first_step, const std::vector<float>& action) {
    const DeviceBuffer<float> actions(action);
    const DeviceBuffer<std::int64_t> counter(std::vector<std::int64_t>{first_step});
    finish(kernels::launch_step_environments(
        {environment(),
         agents_,
         environments_,
         steps,
         seeds_.data(),
         counter.data(),
         states_.data(),
         returns_.data(),
         {actions.data(), E::action_size, environments_ * E::action_size}},
        nullptr));
  }

  void observe() {
    finish(kernels::launch_observe(
        {environment(), agents_, environments_, states_.data(), observation_.view()}, nullptr));
  }

  EnvironmentsState download() const {
    return {states_.download(),      noise_.download(),         rows_.download(),
            returns_.download(),     episode_steps_.download(), totals_.download(),
            rows_written_.download()};
  }
  std::vector<float> observations() const { return observation_.values(); }
  std::vector<std::int64_t> max_closed_rows() const { return max_closed_rows_.download(); }

 private:
  kernels::EnvironmentChoice environment() const {
    return {E::name, parameters_, EnvironmentCase<E>::time_limit};
  }
  kernels::ExplorationArrays exploration(Exploration kind, bool warmup) const {
    return {warmup, kind == Exploration::gaussian ? gaussian_.data() : ornstein_uhlenbeck_.data()};
  }

  int agents_;
  std::int64_t environments_;
  std::vector<float> parameters_;
  DeviceBuffer<std::uint64_t> seeds_;
  DeviceBuffer<ExplorationPlan> gaussian_, ornstein_uhlenbeck_;
  DeviceBuffer<float> states_, noise_, rows_;
  DeviceBuffer<double> returns_;
  DeviceBuffer<std::int32_t> episode_steps_;
  DeviceBuffer<EpisodeTotals> totals_;
  DeviceBuffer<std::int64_t> rows_written_, max_closed_rows_;
  MatrixBuffer observation_;
};

}  // namespace polyak::test
