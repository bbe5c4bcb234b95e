#pragma once

// One agent's update by its clusters: deep deterministic policy gradient (Lillicrap et al. 2015,
// arXiv 1509.02971, algorithm 1), in the order of Spinning Up.
//
// Within a cluster, barriers part the layers of a pass; over the whole agent, the sums of a
// network's gradients from its step and the step from the next pass. The weights of the next
// product are fetched in the time of the one before.

#include "kernels/adam_steps.cuh"
#include "kernels/clustered/agent_barrier.cuh"
#include "kernels/clustered/fetch.cuh"
#include "kernels/clustered/gradient_sums.cuh"
#include "kernels/clustered/learn.cuh"
#include "polyak/core/losses.hpp"

namespace polyak::kernels::clustered {

template <class S>
class AgentUpdate {
 public:
  __device__ POLYAK_INLINE explicit AgentUpdate(const ClusteredUpdate& arguments)
      : arguments_(arguments),
        memory_(block_memory<S>()),
        groups_(RowOrder{arguments.batch}.groups()),
        agent_(blockIdx.x / (static_cast<unsigned>(groups_) * S::blocks)),
        block_(static_cast<int>(blockIdx.x) % (groups_ * S::blocks)),
        first_row_(block_ / S::blocks * S::rows),
        batch_rows_(min(S::rows, arguments.batch - first_row_)),
        barrier_(arguments.arrivals + agent_, static_cast<unsigned>(block_),
                 static_cast<unsigned>(groups_) * S::blocks) {}

  __device__ POLYAK_INLINE void run() {
    load();
    evaluate_batch();
    evaluate_target();
    sum_critic_gradients();
    barrier_.arrive();
    evaluate_actor();  // in the time that the other clusters take
    barrier_.wait();
    learn_by_all(arguments_.critic, memory_.critic_step);
    synchronise_agent();
    evaluate_policy();
    action_gradient();
    sum_actor_gradients();
    synchronise_agent();
    learn_by_all(arguments_.actor, memory_.actor_step);
  }

 private:
  __device__ POLYAK_INLINE void load() {
    cluster_arrive();  // to say that the block has started, so that others may store into it
    load_rows<S>(memory_, arguments_, agent_, first_row_, batch_rows_);
    fetch_by_all(forward_weights(arguments_.critic, parameters(arguments_.critic), 0));
    fetch_by_all(forward_weights(arguments_.actor, targets(arguments_.actor), 1));
    const ClusteredNetwork &actor = arguments_.actor, &critic = arguments_.critic;
    fetch_edge_by(0, memory_.critic_edge, critic, parameters(critic), 1);
    fetch_edge_by(1, memory_.target_actor_edge, actor, targets(actor), arguments_.action_size);
    fetch_edge_by(2, memory_.target_critic_edge, critic, targets(critic), 1);
    fetch_edge_by(3, memory_.actor_edge, actor, parameters(actor), arguments_.action_size);
    __syncthreads();
    cluster_wait();
  }

  /// actor'(o') and Q(o, a), side by side.
  __device__ POLYAK_INLINE void evaluate_batch() {
    const Pass actor =
        actor_pass(targets(arguments_.actor), memory_.target_actor_edge, memory_.next, 1);
    pass_hidden_layers<S>(critic_pass(parameters(arguments_.critic), memory_.critic_edge,
                                      memory_.critic, memory_.transition, 0),
                          &actor, Fetch{}, []() POLYAK_INLINE_LAMBDA {});
    if (is_first_half()) {
      value_of(half_of_block(), memory_.critic_edge, memory_.critic, memory_.value);
    } else {
      action_of(half_of_block(), memory_.target_actor_edge, memory_.next);
    }
    fetch_by_all(forward_weights(arguments_.critic, targets(arguments_.critic), 0));
    __syncthreads();
  }

  /// Q'(o', actor'(o')), and from y = r + gamma^k Q' the gradient of mean (Q(o, a) - y)^2.
  __device__ POLYAK_INLINE void evaluate_target() {
    pass_hidden_layers<S>(critic_pass(targets(arguments_.critic), memory_.target_critic_edge,
                                      memory_.other, memory_.next, 0),
                          nullptr,
                          backward_weights(arguments_.critic, parameters(arguments_.critic), 1),
                          [&]() POLYAK_INLINE_LAMBDA { prepare_steps(); });
    value_of(whole_block(), memory_.target_critic_edge, memory_.other, memory_.next_value);
    __syncthreads();
    const float scale = critic_gradient_scale(arguments_.batch);
    for_each_row([&](int row, bool is_real) POLYAK_INLINE_LAMBDA {
      const float target =
          td_target(memory_.reward[row], memory_.bootstrap_discount[row], memory_.next_value[row]);
      const LossRow loss = critic_loss_row(memory_.value[row], target, scale);
      memory_.value_gradient[row] = is_real ? loss.gradient : 0.0f;
      report(arguments_.value, row, memory_.value[row], is_real);
      report(arguments_.target, row, target, is_real);
    });
    __syncthreads();
  }

  /// The place of the first layer's gradients is free until the actor's second layer comes, which
  /// is after a barrier.
  __device__ POLYAK_INLINE void sum_critic_gradients() {
    sum_gradients<S>(critic_pass(parameters(arguments_.critic), memory_.critic_edge, memory_.critic,
                                 memory_.transition, 1),
                     1, place_of(memory_.value_gradient), place_of(memory_.other.second),
                     arguments_.critic, sums_of(arguments_.critic),
                     forward_weights(arguments_.actor, parameters(arguments_.actor), 0));
  }

  /// actor(o).
  __device__ POLYAK_INLINE void evaluate_actor() {
    pass_hidden_layers<S>(
        actor_pass(parameters(arguments_.actor), memory_.actor_edge, memory_.policy, 0), nullptr,
        Fetch{}, []() POLYAK_INLINE_LAMBDA {});
    action_of(whole_block(), memory_.actor_edge, memory_.policy);
    __syncthreads();
  }

  /// Q(o, actor(o)) by the critic that has learnt.
  __device__ POLYAK_INLINE void evaluate_policy() {
    const ClusteredNetwork& critic = arguments_.critic;
    fetch_by_all(forward_weights(critic, parameters(critic), 0));
    fetch_edge_by(0, memory_.critic_edge, critic, parameters(critic), 1);
    fetch_action_weights<S>(action_weights(), critic, parameters(critic),
                            arguments_.observation_size, arguments_.action_size);
    pass_hidden_layers<S>(
        critic_pass(parameters(critic), memory_.critic_edge, memory_.critic, memory_.policy, 0),
        nullptr, backward_weights(critic, parameters(critic), 1), []() POLYAK_INLINE_LAMBDA {});
    value_of(whole_block(), memory_.critic_edge, memory_.critic, memory_.value);
    for_each_row([&](int row, bool is_real) POLYAK_INLINE_LAMBDA {
      memory_.value_gradient[row] = is_real ? actor_loss_gradient(arguments_.batch) : 0.0f;
    });
    __syncthreads();
    for_each_row([&](int row, bool is_real) POLYAK_INLINE_LAMBDA {
      report(arguments_.policy_value, row, memory_.value[row], is_real);
    });
  }

  /// The gradient of -mean Q(o, actor(o)) with respect to the action before its activation. The
  /// critic's first layer gets its gradients in its own place: of a block's features nobody else
  /// reads the outputs any more.
  __device__ POLYAK_INLINE void action_gradient() {
    const ClusteredNetwork &actor = arguments_.actor, &critic = arguments_.critic;
    pass_gradients<S>(
        critic_pass(parameters(critic), memory_.critic_edge, memory_.critic, memory_.policy, 1), 1,
        place_of(memory_.value_gradient), place_of(memory_.critic.first), true,
        backward_weights(actor, parameters(actor), 0));
    const float* const action = action_in(memory_.policy);
    fused::thin_product<S>(
        action_weights(), S::width, 1, arguments_.action_size, memory_.critic.first, S::pitch,
        S::rows, S::width,
        [&](int output, int row, float sum) POLYAK_INLINE_LAMBDA {
          const int at = output * S::pitch + row;
          memory_.action_gradient[at] = sum * activation_derivative(Activation::tanh, action[at]);
        },
        whole_block());
    __syncthreads();
  }

  __device__ POLYAK_INLINE void sum_actor_gradients() {
    sum_gradients<S>(
        actor_pass(parameters(arguments_.actor), memory_.actor_edge, memory_.policy, 0),
        arguments_.action_size, place_of(memory_.action_gradient), place_of(memory_.critic.second),
        arguments_.actor, sums_of(arguments_.actor), Fetch{});
  }

  /// A critic's output layer.
  __device__ POLYAK_INLINE void value_of(const Team& team, const EdgeParameters<S>& edge,
                                         const HiddenLayers<S>& hidden, const float* value) const {
    output_layer<S>(team, place_of(edge), 1, Activation::identity, place_of(hidden),
                    fused::shared_offset(value));
  }
  /// An actor's, to where the action is beside an observation.
  __device__ POLYAK_INLINE void action_of(const Team& team, const EdgeParameters<S>& edge,
                                          float* matrix) const {
    output_layer<S>(team, place_of(edge), arguments_.action_size, Activation::tanh,
                    place_of(memory_.other), fused::shared_offset(action_in(matrix)));
  }

  __device__ POLYAK_INLINE void synchronise_agent() {
    barrier_.arrive();
    barrier_.wait();
  }

  __device__ POLYAK_INLINE void learn_by_all(const ClusteredNetwork& network,
                                             const AdamStep& step) const {
    learn(network, agent_, groups_, step, arguments_.tau[agent_], thread_of_block(), block_,
          groups_ * S::blocks);
  }

  __device__ POLYAK_INLINE void prepare_steps() {
    prepare_adam_steps(
        {arguments_.critic.learning_rate[agent_], arguments_.actor.learning_rate[agent_],
         arguments_.beta1, arguments_.beta2, arguments_.epsilon},
        *arguments_.updates + 1, thread_of_block() % 32, memory_.critic_step, memory_.actor_step);
  }

  /// Calls visit(row, whether it is one of the batch) for the group's rows, each by one thread.
  template <class Visit>
  __device__ POLYAK_INLINE void for_each_row(const Visit& visit) const {
    const int row = thread_of_block();
    if (row < S::rows) visit(row, row < batch_rows_);
  }

  /// A row's value to an array [agents, batch], by one block of the cluster.
  __device__ POLYAK_INLINE void report(float* values, int row, float value, bool is_real) const {
    if (is_real && cluster_rank() == 0) {
      values[agent_ * arguments_.batch + first_row_ + row] = value;
    }
  }

  __device__ POLYAK_INLINE Pass critic_pass(const float* parameters, const EdgeParameters<S>& edge,
                                            const HiddenLayers<S>& hidden, const float* input,
                                            int which_weights) const {
    return pass_of(arguments_.critic, critic_inputs(), parameters, edge, hidden, input,
                   which_weights);
  }
  __device__ POLYAK_INLINE Pass actor_pass(const float* parameters, const EdgeParameters<S>& edge,
                                           const float* input, int which_weights) const {
    return pass_of(arguments_.actor, arguments_.observation_size, parameters, edge, memory_.other,
                   input, which_weights);
  }
  __device__ POLYAK_INLINE Pass pass_of(const ClusteredNetwork& network, int inputs,
                                        const float* parameters, const EdgeParameters<S>& edge,
                                        const HiddenLayers<S>& hidden, const float* input,
                                        int which_weights) const {
    const int first = static_cast<int>(cluster_rank()) * S::features;
    return {.edge = place_of(edge),
            .hidden = place_of(hidden),
            .input = fused::shared_offset(input),
            .weights = weights(which_weights),
            .inputs = inputs,
            .first = network.hidden[0],
            .second = network.hidden[1],
            .first_weight = parameters + network.weight[0] + first * inputs,
            .first_bias = parameters + network.bias[0] + first};
  }

  /// To one of the two slices.
  __device__ POLYAK_INLINE Fetch forward_weights(const ClusteredNetwork& network,
                                                 const float* parameters, int which) const {
    return {weights(which), parameters + network.weight[1], false};
  }
  __device__ POLYAK_INLINE Fetch backward_weights(const ClusteredNetwork& network,
                                                  const float* parameters, int which) const {
    return {weights(which), parameters + network.weight[1], true};
  }
  __device__ POLYAK_INLINE static void fetch_by_all(const Fetch& fetch) {
    fetch_weights<S, threads>(fetch);
  }
  __device__ POLYAK_INLINE static void fetch_edge_by(int warp, const EdgeParameters<S>& edge,
                                                     const ClusteredNetwork& network,
                                                     const float* parameters, int outputs) {
    if (warp_of_block() == warp) fetch_edge<S>(place_of(edge), network, parameters, outputs);
  }
  /// The place of one of the two slices.
  __device__ POLYAK_INLINE int weights(int which) const {
    return fused::shared_offset(memory_.weights[which]);
  }

  __device__ POLYAK_INLINE int critic_inputs() const {
    return arguments_.observation_size + arguments_.action_size;
  }
  __device__ POLYAK_INLINE float* action_in(float* matrix) const {
    return matrix + arguments_.observation_size * S::pitch;
  }
  /// [actions, width], where the target's output layer was.
  __device__ POLYAK_INLINE float* action_weights() const {
    return memory_.target_critic_edge.last_weight;
  }
  __device__ POLYAK_INLINE float* parameters(const ClusteredNetwork& network) const {
    return network.parameters + agent_ * network.stride;
  }
  __device__ POLYAK_INLINE float* targets(const ClusteredNetwork& network) const {
    return network.target + agent_ * network.stride;
  }
  __device__ POLYAK_INLINE float* sums_of(const ClusteredNetwork& network) const {
    return network.sums + (agent_ * groups_ + block_ / S::blocks) * network.stride;
  }

  const ClusteredUpdate& arguments_;
  BlockMemory<S>& memory_;
  const int groups_;
  const std::int64_t agent_;
  const int block_;  // of the agent's
  const int first_row_, batch_rows_;
  AgentBarrier barrier_;
};

}  // namespace polyak::kernels::clustered
