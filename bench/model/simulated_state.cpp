#include "model/simulated_state.hpp"

#include <algorithm>
#include <cstring>
#include <random>

#include "config/derived.hpp"

namespace polyak::model {
namespace {

constexpr std::int64_t vector_steps_before = 750, updates_before = 187;

// Where sm_90's constant bank 0 has what a kernel is launched with (CUDA 12 and 13).
constexpr std::size_t block_size_at = 0x0, cluster_size_at = 0xc, local_window_at = 0x20,
                      stack_at = 0x28, is_cluster_at = 0x140, parameters_pointer_at = 0x198,
                      parameters_at = 0x210;
constexpr std::uint32_t local_window = 0x10000000, local_memory_bytes = 4096;

template <class T>
void put(std::vector<std::uint8_t>& bytes, std::size_t at, const T& value) {
  std::memcpy(&bytes[at], &value, sizeof(value));
}

/// Random transitions before the one that is open; some end an episode for good.
void fill_replay(const Config& config, TrainingState& state) {
  constexpr std::int64_t episode = 50;
  const RowLayout layout = row_layout(config);
  const std::int64_t rows = derive(config).rows_per_environment;
  const auto floats = static_cast<std::size_t>(layout.floats());
  std::mt19937 generator(7);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  for (std::int64_t e = 0; e < simulated_environments; ++e) {
    float* const ring = &state.replay_rows[static_cast<std::size_t>(e * rows) * floats];
    const auto row = [&](std::int64_t number) { return ring + number * layout.floats(); };
    std::copy_n(row(0), floats, row(vector_steps_before));
    for (std::int64_t i = 0; i < vector_steps_before; ++i) {
      std::generate_n(row(i), floats, [&] { return uniform(generator); });
      const RowKind kind = i % episode == episode - 2   ? RowKind::terminated
                           : i % episode == episode - 1 ? RowKind::last_observation
                                                        : RowKind::continuing;
      row(i)[layout.kind_offset()] = static_cast<float>(static_cast<int>(kind));
    }
    state.rows_written[static_cast<std::size_t>(e)] = vector_steps_before + 1;
  }
}

/// As after many updates; with moments near zero Adam would enlarge rounding errors of gradients.
void fill_moments(NetworkState& network) {
  std::mt19937 generator(11);
  std::uniform_real_distribution<float> uniform(0.0f, 1.0f);
  for (std::size_t i = 0; i < network.parameters.size(); ++i) {
    if (network.parameters[i] == 0.0f) continue;  // between the tensors
    network.first_moment[i] = 1e-2f * (uniform(generator) - 0.5f);
    network.second_moment[i] = 1e-4f * (0.5f + uniform(generator));
    network.target[i] += 1e-2f * (uniform(generator) - 0.5f);
  }
}

}  // namespace

TrainingState simulated_state(const Config& config) {
  TrainingState state = initial_state(config);
  state.vector_steps = vector_steps_before;
  state.updates = updates_before;
  fill_replay(config, state);
  fill_moments(state.actor);
  fill_moments(state.critic);
  return state;
}

void announce_network(const NetworkState& network, Memory& memory) {
  for (const std::vector<float>* array :
       {&network.parameters, &network.target, &network.first_moment, &network.second_moment}) {
    memory.announce(array->data(), array->size() * sizeof(float));
  }
}

std::vector<std::uint8_t> constant_bank(std::span<const std::uint8_t> parameters, int threads,
                                        int blocks) {
  std::vector<std::uint8_t> constants(parameters_at + parameters.size() + 16);
  put(constants, block_size_at, static_cast<std::uint32_t>(threads));
  put(constants, cluster_size_at, static_cast<std::uint32_t>(blocks));
  put(constants, local_window_at, local_window);
  put(constants, stack_at, local_memory_bytes);
  put(constants, is_cluster_at, static_cast<std::uint32_t>(blocks > 1 ? 1 : 0));
  put(constants, parameters_pointer_at, reinterpret_cast<std::uint64_t>(parameters.data()));
  std::copy(parameters.begin(), parameters.end(), constants.begin() + parameters_at);
  return constants;
}

}  // namespace polyak::model
