// Environments: whole vector steps, steps alone, and whole episodes. On Pendulum-v1.
#include "kernels/environments.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "backend/cuda/device/check.hpp"
#include "kernels/episodes.hpp"
#include "micro/operands.hpp"
#include "micro/operation.hpp"

namespace polyak::bench {
namespace {

constexpr int state_size = 2, observation_size = 3, action_size = 1, time_limit = 200;
constexpr RowLayout row_layout = {observation_size, action_size};
constexpr int row_floats = observation_size + action_size + 2;
constexpr std::array<float, 1> gravity = {10.0f};

kernels::EnvironmentChoice pendulum() { return {"Pendulum-v1", gravity, time_limit}; }

std::string population(int agents, std::int64_t environments) {
  return std::to_string(agents) + " x " + std::to_string(environments);
}

/// Everything that a vector step reads and writes.
struct EnvironmentOperands {
  EnvironmentOperands(int agents, std::int64_t environments, std::int64_t rows_per_environment)
      : states(random_floats(agents * environments * state_size, "environment states")),
        noise(filled(agents * environments * action_size, 0.0f, "environment states")),
        returns(filled(agents * environments, 0.0, "environment states")),
        rows(filled(agents * environments * rows_per_environment * row_floats, 0.0f, "replay")),
        episode_steps(filled(agents * environments, std::int32_t{0}, "environment states")),
        totals(filled(agents * environments, EpisodeTotals{}, "episode totals")),
        rows_written(filled(agents * environments, std::int64_t{1}, "replay")),
        max_closed_rows(filled(agents, std::int64_t{0}, "replay")),
        vector_steps(filled(1, std::int64_t{0}, "a counter")),
        arrivals(filled(1, 0u, "a counter")),
        seed(filled(agents, std::uint64_t{5}, "seeds")),
        plans(filled(
            agents,
            ExplorationPlan{{Exploration::gaussian, 0.1f, 0.1f, 0.1f}, 0.0f, 0.0f, 0, false, false},
            "settings")),
        policy_action(agents, environments, action_size),
        observation(agents, environments, observation_size) {}

  cuda::DeviceBuffer<float> states, noise;
  cuda::DeviceBuffer<double> returns;
  cuda::DeviceBuffer<float> rows;
  cuda::DeviceBuffer<std::int32_t> episode_steps;
  cuda::DeviceBuffer<EpisodeTotals> totals;
  cuda::DeviceBuffer<std::int64_t> rows_written, max_closed_rows, vector_steps;
  cuda::DeviceBuffer<unsigned> arrivals;
  cuda::DeviceBuffer<std::uint64_t> seed;
  cuda::DeviceBuffer<ExplorationPlan> plans;
  RandomMatrices policy_action, observation;
};

/// Of every environment: state, steps, return and rows written are read and written; the action is
/// read; written are the last row's action, reward and kind, a new row, and the observation.
constexpr double vector_step_bytes =
    2.0 * (state_size * sizeof(float) + sizeof(std::int32_t) + sizeof(double) +
           sizeof(std::int64_t)) +
    sizeof(float) * (action_size + (action_size + 2) + row_floats + observation_size);

Operation vector_step(int agents, std::int64_t environments, std::int64_t rows_per_environment) {
  const auto operands =
      std::make_shared<EnvironmentOperands>(agents, environments, rows_per_environment);
  return {"vector step",
          population(agents, environments),
          Bound::memory,
          vector_step_bytes * agents * static_cast<double>(environments),
          "",
          [=](const cuda::Stream& stream, std::int64_t) {
            const EnvironmentOperands& o = *operands;
            cuda::check(
                kernels::launch_vector_step(
                    {.environment = pendulum(),
                     .agents = agents,
                     .environments = {o.states.data(), o.noise.data(), o.episode_steps.data(),
                                      o.returns.data(), o.totals.data()},
                     .replays = {o.rows.data(), o.rows_written.data(), o.max_closed_rows.data(),
                                 environments, rows_per_environment, row_layout},
                     .exploration = {false, o.plans.data()},
                     .seed = o.seed.data(),
                     .vector_steps = o.vector_steps.data(),
                     .arrivals = o.arrivals.data(),
                     .policy_action = o.policy_action.view(),
                     .observation = o.observation.view()},
                    stream.get()),
                "launch_vector_step");
          }};
}

Operation step_environments(int agents, std::int64_t environments, int steps) {
  struct Operands {
    cuda::DeviceBuffer<float> states;
    cuda::DeviceBuffer<double> returns;
    cuda::DeviceBuffer<std::uint64_t> seed;
    cuda::DeviceBuffer<std::int64_t> vector_steps;
    RandomMatrices action;
  };
  const auto operands = std::make_shared<Operands>(
      Operands{random_floats(agents * environments * state_size, "environment states"),
               filled(agents * environments, 0.0, "environment states"),
               filled(agents, std::uint64_t{1}, "seeds"),
               filled(1, std::int64_t{0}, "a counter"),
               {agents, environments, action_size}});
  return {"environment steps alone",
          population(agents, environments) + ", " + std::to_string(steps) + " steps",
          Bound::none,
          static_cast<double>(agents) * static_cast<double>(environments) * steps,
          "steps",
          [=](const cuda::Stream& stream, std::int64_t) {
            cuda::check(
                kernels::launch_step_environments({.environment = pendulum(),
                                                   .agents = agents,
                                                   .environments = environments,
                                                   .steps = steps,
                                                   .seed = operands->seed.data(),
                                                   .vector_steps = operands->vector_steps.data(),
                                                   .states = operands->states.data(),
                                                   .episode_returns = operands->returns.data(),
                                                   .action = operands->action.view()},
                                                  stream.get()),
                "launch_step_environments");
          }};
}

kernels::Policies policies(const NetworkLayout& layout, const float* parameters) {
  kernels::Policies result{
      static_cast<int>(layout.layers.size()), {}, parameters, layout.stride, {}};
  for (std::size_t i = 0; i < layout.layers.size(); ++i) {
    const LinearLayout& layer = layout.layers[i];
    result.layers[i] = {layer.inputs, layer.outputs, layer.weight_offset, layer.bias_offset,
                        layer.activation};
  }
  return result;
}

/// Whole episodes; what counts are the actor's products.
Operation evaluate(int agents, std::int64_t starts, int width) {
  Config config;
  config.actor_hidden = {width, width};
  const NetworkLayout layout = actor_layout(config);
  struct Operands {
    cuda::DeviceBuffer<float> parameters, starts, returns;
  };
  const auto operands =
      std::make_shared<Operands>(Operands{random_floats(agents * layout.stride, "actors"),
                                          random_floats(starts * state_size, "start states"),
                                          {agents * starts, "returns"}});
  double operations = 0.0;
  for (const LinearLayout& layer : layout.layers) operations += 2.0 * layer.inputs * layer.outputs;
  return {"evaluate episodes",
          population(agents, starts) + " episodes, " + std::to_string(width) + "-" +
              std::to_string(width),
          Bound::arithmetic,
          operations * agents * static_cast<double>(starts) * time_limit,
          "",
          [=](const cuda::Stream& stream, std::int64_t) {
            cuda::check(kernels::launch_evaluate_episodes(
                            {.environment = pendulum(),
                             .agents = agents,
                             .starts = starts,
                             .start_states = operands->starts.data(),
                             .policies = policies(layout, operands->parameters.data()),
                             .returns = operands->returns.data(),
                             .trajectories = nullptr},
                            stream.get()),
                        "launch_evaluate_episodes");
          }};
}

}  // namespace

std::vector<OperationMaker> environment_operations(Sizes sizes) {
  if (sizes == Sizes::tiny) {
    return {[] { return vector_step(2, 33, 5); }, [] { return step_environments(2, 33, 3); },
            [] { return evaluate(1, 3, 8); }};
  }
  return {[] { return vector_step(1, 8, 1024); },
          [] { return vector_step(512, 8, 1024); },
          [] { return vector_step(1, 1 << 20, 64); },
          [] { return step_environments(1, 1 << 20, 1000); },
          [] { return step_environments(1, 4096, 1000); },
          [] { return evaluate(1, 500, 64); },
          [] { return evaluate(512, 500, 64); },
          [] { return evaluate(1, 500, 256); }};
}

}  // namespace polyak::bench
