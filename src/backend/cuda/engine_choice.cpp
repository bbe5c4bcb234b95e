#include "backend/cuda/engine_choice.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "backend/cuda/runtime_compilation/kernel_source.hpp"
#include "config/derived.hpp"
#include "kernels/fused/training.hpp"

namespace polyak::cuda {
namespace {

// The one table of what the choice rests on, fitted to whole trainings on an H200 (commit b2c1d56,
// 2026-11-29, bench/results/cuda/throughput.json), and within a sixth of them. Microseconds for an
// update of every agent in fp32, in the fused and in the layered engine: 32.5 and 108 (64-64, with
// a kernel of its own), 358 and 863 (512 of these), 427 and 234 (256-256, general kernel).

/// A fused update: clocks for each layer of either network, and multiply-adds per clock of one
/// block.
struct FusedCost {
  double clocks_per_layer, multiply_adds_per_clock;
};
constexpr FusedCost general_kernel{18'800.0, 16.0}, own_kernel{8'000.0, 34.5};

/// A layered update: clocks from one kernel's start to that of the next, without its products, and
/// multiply-adds per clock of one multiprocessor that has a tile of a product to compute.
constexpr double clocks_per_kernel = 6'000.0, layered_multiply_adds_per_clock = 11.6;

/// Multiply-adds of one network over one row.
double weights(const NetworkLayout& layout) {
  return std::accumulate(layout.layers.begin(), layout.layers.end(), 0.0,
                         [](double sum, const LinearLayout& layer) {
                           return sum + static_cast<double>(layer.inputs) * layer.outputs;
                         });
}

/// What there is to compute for one agent, for each of its updates.
struct Work {
  explicit Work(const Config& config) : actor(actor_layout(config)), critic(critic_layout(config)) {
    // Of each network: forwards with its target, forwards and backwards to its inputs and weights;
    // of the critic once more forwards and backwards for the actor: some ten passes of either.
    constexpr double passes = 5.0;
    const DerivedConfig derived = derive(config);
    const double steps = static_cast<double>(derived.vector_steps_per_iteration) /
                         static_cast<double>(derived.updates_per_iteration);
    multiply_adds = passes * config.batch_size * (weights(actor) + weights(critic)) +
                    steps * config.environments * weights(actor);
  }
  NetworkLayout actor, critic;
  double multiply_adds;
};

bool has_own_kernel(const Config& config, int blocks, const DeviceSize& device) {
  return kernels::fused::has_own_kernel(config.environment, config.precision,
                                        make_fused_plan(config, blocks, device.fused)) ||
         (device.compiles_kernels && may_be_compiled(kernel_shape(config, blocks, device.fused)));
}

double fused_clocks(const Config& config, const Work& work, int blocks, const DeviceSize& device) {
  const FusedCost& cost = has_own_kernel(config, blocks, device) ? own_kernel : general_kernel;
  const auto layers = static_cast<double>(work.actor.layers.size() + work.critic.layers.size());
  // An agent waits until there is room for it.
  const int at_once = std::max(1, device.multiprocessors / blocks);
  const int turns = (config.agents + at_once - 1) / at_once;
  return turns * (layers * cost.clocks_per_layer +
                  work.multiply_adds / (blocks * cost.multiply_adds_per_clock));
}

/// How many multiprocessors the products of every agent can keep busy.
double busy_multiprocessors(const Config& config, const Work& work, const DeviceSize& device) {
  constexpr double side = 32.0;  // of a small tile
  int width = 1;
  for (const NetworkLayout* network : {&work.actor, &work.critic}) {
    for (const LinearLayout& layer : network->layers) width = std::max(width, layer.outputs);
  }
  const int rows = std::max(config.batch_size, config.environments);
  const double tiles = config.agents * std::ceil(rows / side) * std::ceil(width / side);
  return std::min<double>(device.multiprocessors, tiles);
}

double layered_clocks(const Config& config, const Work& work, const DeviceSize& device) {
  return layered_kernels(work.actor, work.critic) * clocks_per_kernel +
         config.agents * work.multiply_adds /
             (busy_multiprocessors(config, work, device) * layered_multiply_adds_per_clock);
}

/// Whether an agent may have so many blocks.
bool may_have_blocks(const Config& config, int blocks, const DeviceSize& device) {
  if (blocks > std::min(device.fused.cluster_blocks, device.multiprocessors)) return false;
  // Rows come by eights: with fewer, much of a block's tiles is padding, of which only a kernel of
  // its own is worth some.
  const int fewest_rows = has_own_kernel(config, blocks, device) ? 6 : 12;
  return blocks == 1 || (blocks - 1) * fewest_rows < config.batch_size;
}

/// The best number of blocks and its clocks.
std::pair<int, double> best_fused(const Config& config, const Work& work,
                                  const DeviceSize& device) {
  std::pair best(1, fused_clocks(config, work, 1, device));
  constexpr int max_blocks = 16;
  for (int blocks = 2; blocks <= max_blocks; blocks *= 2) {
    if (!may_have_blocks(config, blocks, device)) continue;
    const double clocks = fused_clocks(config, work, blocks, device);
    if (clocks < best.second) best = {blocks, clocks};
  }
  return best;
}

}  // namespace

int layered_kernels(const NetworkLayout& actor, const NetworkLayout& critic) {
  const int actor_layers = static_cast<int>(actor.layers.size());
  const int critic_layers = static_cast<int>(critic.layers.size());
  const int update = 8 + 3 * (actor_layers + critic_layers), vector_step = actor_layers + 1;
  return update + vector_step;
}

EngineClocks predicted_clocks(const Config& config, const DeviceSize& device) {
  const Work work(config);
  return {layered_clocks(config, work, device), best_fused(config, work, device).second};
}

int choose_cluster_blocks(const Config& config, const DeviceSize& device) {
  return best_fused(config, Work(config), device).first;
}

bool is_worth_compiling(const Config& config, const DeviceSize& device) {
  constexpr double clocks_per_second = 1.98e9, seconds_to_compile = 10.0;
  const auto best_clocks = [&](bool compiles_kernels) {
    DeviceSize assumed = device;
    assumed.compiles_kernels = compiles_kernels;
    const EngineClocks clocks = predicted_clocks(config, assumed);
    const bool may_choose = config.engine == Engine::automatic;
    return may_choose ? std::min(clocks.fused, clocks.layered) : clocks.fused;
  };
  const double saved = best_clocks(false) - best_clocks(true);
  return static_cast<double>(derive(config).updates) * saved >
         seconds_to_compile * clocks_per_second;
}

bool prefers_fused_engine(const Config& config, const DeviceSize& device) {
  Config judged = config;
  if (config.precision != Precision::fp32) judged.agents = 1;
  const EngineClocks clocks = predicted_clocks(judged, device);
  return clocks.fused <= clocks.layered;
}

}  // namespace polyak::cuda
