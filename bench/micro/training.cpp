// The optimiser and the replay: bound by memory. Operands come from memory, not from the L2 cache.
#include <memory>
#include <string>
#include <vector>

#include "backend/cuda/device/check.hpp"
#include "kernels/adam.hpp"
#include "kernels/replay.hpp"
#include "micro/operands.hpp"
#include "micro/operation.hpp"

namespace polyak::bench {
namespace {

/// Adam with the target's Polyak step: reads gradient, parameter, two moments and target, writes
/// all but the gradient.
Operation adam(int agents, std::int64_t parameters) {
  constexpr int arrays = 5, floats_moved = 9;
  const std::int64_t count = agents * parameters;
  const std::int64_t sets =
      sets_beyond_cache(count * arrays * static_cast<std::int64_t>(sizeof(float)));
  struct Operands {
    cuda::DeviceBuffer<float> values[arrays];  // each [sets, agents, parameters]
    cuda::DeviceBuffer<float> learning_rate, tau;
    cuda::DeviceBuffer<std::int64_t> updates;
  };
  const auto operands = std::make_shared<Operands>();
  for (auto& values : operands->values) values = filled(sets * count, 0.5f, "parameters");
  operands->learning_rate = filled(agents, 1e-3f, "settings");
  operands->tau = filled(agents, 0.01f, "settings");
  operands->updates = filled(1, std::int64_t{9}, "a counter");
  return {"Adam and Polyak average",
          std::to_string(agents) + " x " + std::to_string(parameters),
          Bound::memory,
          static_cast<double>(count) * floats_moved * sizeof(float),
          "",
          [=](const cuda::Stream& stream, std::int64_t turn) {
            const auto part = [&](int array) {
              return operands->values[array].data() + turn % sets * count;
            };
            cuda::check(kernels::launch_adam({.agents = agents,
                                              .parameters_per_agent = parameters,
                                              .gradient = part(0),
                                              .parameters = part(1),
                                              .first_moment = part(2),
                                              .second_moment = part(3),
                                              .learning_rate = operands->learning_rate.data(),
                                              .beta1 = 0.9f,
                                              .beta2 = 0.999f,
                                              .epsilon = 1e-8f,
                                              .updates = operands->updates.data(),
                                              .target = part(4),
                                              .tau = operands->tau.data()},
                                             stream.get()),
                        "launch_adam");
          }};
}

/// Pendulum-v1's rows.
constexpr RowLayout transition_layout = {3, 1};

struct SampleShape {
  int agents, batch;
  std::int64_t environments, rows_per_environment;
};

/// The replays of every agent, full, and where one batch goes.
struct SampleOperands {
  explicit SampleOperands(const SampleShape& s)
      : rows(filled(s.agents * s.environments * s.rows_per_environment * transition_layout.floats(),
                    static_cast<float>(static_cast<int>(RowKind::continuing)), "replay")),
        rows_written(filled(s.agents * s.environments, s.rows_per_environment, "replay")),
        max_closed_rows(filled(s.agents, s.rows_per_environment - 1, "replay")),
        seed(filled(s.agents, std::uint64_t{5}, "seeds")),
        returns(filled(s.agents, ReturnSettings{0.99f, 1.0f, 1, false}, "settings")),
        transition(s.agents, s.batch,
                   transition_layout.observation_size + transition_layout.action_size),
        observation(s.agents, s.batch, transition_layout.observation_size),
        next_observation(s.agents, s.batch, transition_layout.observation_size),
        reward(std::int64_t{s.agents} * s.batch, "a batch"),
        bootstrap_discount(std::int64_t{s.agents} * s.batch, "a batch") {
    std::vector<std::int64_t> numbers(different_updates);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int64_t>(i);
    const cuda::Stream stream;
    cuda::upload(updates, numbers, stream);
    stream.synchronize();
  }

  // A replayed graph draws the same rows again: enough different updates to exceed the cache.
  static constexpr std::int64_t different_updates = 64;

  cuda::DeviceBuffer<float> rows;
  cuda::DeviceBuffer<std::int64_t> rows_written, max_closed_rows;
  cuda::DeviceBuffer<std::uint64_t> seed;
  cuda::DeviceBuffer<ReturnSettings> returns;
  cuda::DeviceBuffer<std::int64_t> updates{different_updates, "counters"};
  cuda::DeviceBuffer<std::int64_t> updates_copy{1, "a counter"};
  RandomMatrices transition, observation, next_observation;
  cuda::DeviceBuffer<float> reward, bootstrap_discount;
};

/// Reads a row and the next observation of every transition, writes o | a, o, o', r and the
/// discount. Only the bytes that are asked for count; memory moves whole sectors of 32.
Operation sample_batch(const SampleShape& s) {
  const auto operands = std::make_shared<SampleOperands>(s);
  constexpr int o = transition_layout.observation_size, a = transition_layout.action_size;
  constexpr int floats_read = (o + a + 2) + o, floats_written = (o + a) + o + o + 2;
  const double bytes = (floats_read + floats_written) * sizeof(float);
  return {"sample a batch",
          std::to_string(s.agents) + " x " + std::to_string(s.batch) + " of " +
              std::to_string(s.environments * (s.rows_per_environment - 1)),
          Bound::memory,
          bytes * s.agents * s.batch,
          "",
          [=](const cuda::Stream& stream, std::int64_t turn) {
            cuda::check(
                kernels::launch_sample_batch(
                    {.draws = {.agents = s.agents,
                               .batch = s.batch,
                               .replays = {operands->rows.data(), operands->rows_written.data(),
                                           operands->max_closed_rows.data(), s.environments,
                                           s.rows_per_environment, transition_layout},
                               .seed = operands->seed.data(),
                               .updates = operands->updates.data() +
                                          turn % SampleOperands::different_updates,
                               .claims = nullptr},
                     .returns = operands->returns.data(),
                     .normalisers = {},
                     .updates_copy = operands->updates_copy.data(),
                     .transition = operands->transition.view(),
                     .observation = operands->observation.view(),
                     .next_observation = operands->next_observation.view(),
                     .reward = operands->reward.data(),
                     .bootstrap_discount = operands->bootstrap_discount.data()},
                    stream.get()),
                "launch_sample_batch");
          }};
}

}  // namespace

std::vector<OperationMaker> training_operations(Sizes sizes) {
  if (sizes == Sizes::tiny) {
    return {[] { return adam(2, 64); }, [] { return sample_batch({2, 33, 3, 9}); }};
  }
  return {[] { return adam(1, 4672); },     // 64-64
          [] { return adam(1, 67840); },    // 256-256
          [] { return adam(512, 4672); },   // a population of 64-64
          [] { return adam(1, 1 << 22); },  // several 1024-1024
          [] {
            return sample_batch({1, 256, 8, 131072});
          },
          [] {
            return sample_batch({512, 100, 8, 1024});
          },
          [] {
            return sample_batch({1, 32768, 4096, 1024});
          },
          [] {
            return sample_batch({1, 1 << 20, 4096, 16384});
          }};
}

}  // namespace polyak::bench
