#include "backend/cuda/layered/clustered_update.hpp"

#include <algorithm>
#include <utility>

#include "backend/cuda/device/check.hpp"
#include "backend/cuda/device/graph.hpp"
#include "config/derived.hpp"
#include "config/fields.hpp"
#include "kernels/clustered_update.hpp"
#include "polyak/core/error.hpp"
#include "polyak/core/summation.hpp"

namespace polyak::cuda {
namespace {

/// Of all hidden layers of both networks, if there are two in each and all are alike; else 0.
int common_width(const Config& config) {
  const int width = config.actor_hidden.front();
  for (const std::vector<int>* hidden : {&config.actor_hidden, &config.critic_hidden}) {
    const bool is_alike =
        hidden->size() == 2 && hidden->front() == width && hidden->back() == width;
    if (!is_alike) return 0;
  }
  return width;
}

/// The fused engine has plain DDPG alone, as this has.
bool is_plain(const Config& config) {
  return config.precision == Precision::fp32 && config.matrix_product != MatrixProduct::cublas &&
         beyond_engine(config, &Engines::fused).empty();
}

/// Whether the device runs such clusters in a graph as the engine plays it: not every driver takes
/// clusters in a cooperative launch.
bool runs_clusters(const Config& config, int width, int cluster_blocks) {
  try {
    const Stream stream;
    const Graph graph(
        stream,
        [&] {
          for (int i = 0; i < 2; ++i) {
            check(kernels::probe_clustered_update(width, config.batch_size, config.agents,
                                                  cluster_blocks, stream.get()),
                  "probe_clustered_update");
          }
        },
        Launches::overlapping);
    graph.launch(stream);
    stream.synchronize();
    return true;
  } catch (const RunError&) {
    (void)cudaGetLastError();
    return false;
  }
}

kernels::ClusteredNetwork kernel_network(const NetworkBuffers& network,
                                         const DeviceBuffer<float>& sums,
                                         const float* learning_rate) {
  kernels::ClusteredNetwork result{.parameters = network.parameters.data(),
                                   .target = network.target.data(),
                                   .first_moment = network.first_moment.data(),
                                   .second_moment = network.second_moment.data(),
                                   .gradient = network.gradient.data(),
                                   .sums = sums.data(),
                                   .stride = network.layout.stride,
                                   .weight = {},
                                   .bias = {},
                                   .hidden = {},
                                   .learning_rate = learning_rate};
  for (std::size_t i = 0; i < network.layout.layers.size(); ++i) {
    const LinearLayout& layer = network.layout.layers[i];
    result.weight[i] = layer.weight_offset;
    result.bias[i] = layer.bias_offset;
    if (i < std::size(result.hidden)) result.hidden[i] = layer.activation;
  }
  return result;
}

}  // namespace

int clustered_update_blocks(const Config& config) {
  if (!is_plain(config)) return 0;
  const int width = common_width(config);
  const NetworkLayout actor = actor_layout(config);
  if (!kernels::has_clustered_update(width, config.batch_size, actor.inputs(), actor.outputs())) {
    return 0;
  }
  int blocks = 0;
  check(kernels::choose_cluster_blocks(width, config.batch_size, config.agents, &blocks),
        "choose_cluster_blocks");
  return blocks > 0 && runs_clusters(config, width, blocks) ? blocks : 0;
}

ClusteredBuffers::ClusteredBuffers(const Config& config, MemoryBudget& budget) {
  cluster_blocks = clustered_update_blocks(config);
  if (cluster_blocks == 0) return;
  const MemorySize groups = MemorySize(config.agents) * RowOrder{config.batch_size}.groups();
  actor_sums = budget.buffer<float>(groups * actor_layout(config).stride, batch_purpose);
  critic_sums = budget.buffer<float>(groups * critic_layout(config).stride, batch_purpose);
  arrivals = budget.buffer<unsigned>(config.agents, batch_purpose);
}

ClusteredUpdate::ClusteredUpdate(const Config& config, const Stream& stream,
                                 const TrainingBuffers& training, ClusteredBuffers buffers)
    : config_(config), stream_(stream.get()), training_(training), buffers_(std::move(buffers)) {
  // Between tensors they stay zero; barriers leave the arrivals as they were.
  zero(buffers_.actor_sums, stream);
  zero(buffers_.critic_sums, stream);
  zero(buffers_.arrivals, stream);
}

void ClusteredUpdate::run(const SampledBatch& batch, const BatchValues& values) const {
  const AgentSettings& settings = training_.settings;
  check(kernels::launch_clustered_update(
            {.agents = config_.agents,
             .batch = config_.batch_size,
             .width = common_width(config_),
             .cluster_blocks = buffers_.cluster_blocks,
             .observation_size = training_.actor.layout.inputs(),
             .action_size = training_.actor.layout.outputs(),
             .transition = batch.transition.view(),
             .next = batch.next.view(),
             .reward = batch.reward.data(),
             .bootstrap_discount = batch.bootstrap_discount.data(),
             .actor = kernel_network(training_.actor, buffers_.actor_sums,
                                     settings.values_of(&Config::learning_rate_actor)),
             .critic = kernel_network(training_.critic, buffers_.critic_sums,
                                      settings.values_of(&Config::learning_rate_critic)),
             .tau = settings.values_of(&Config::tau),
             .beta1 = config_.adam_beta1,
             .beta2 = config_.adam_beta2,
             .epsilon = config_.adam_epsilon,
             .updates = batch.updates.data(),
             .value = values.value,
             .target = values.target,
             .policy_value = values.policy_value,
             .arrivals = buffers_.arrivals.data()},
            stream_),
        "launch_clustered_update");
}

}  // namespace polyak::cuda
