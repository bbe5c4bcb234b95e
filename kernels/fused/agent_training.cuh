#pragma once

// One agent's training in the blocks of a cluster: deep deterministic policy gradient (Lillicrap et
// al. 2015, arXiv 1509.02971, algorithm 1), in the order of Spinning Up.
//
// Every block has its own rows of the batch and its own environments, and passes them through whole
// networks without asking the other blocks. Only to learn do they need each other's rows: an update
// waits for the other blocks before and after each network learns, and once before it samples.

#include "kernels/adam_steps.cuh"
#include "kernels/fused/block_memory.cuh"
#include "kernels/fused/collect.cuh"
#include "kernels/fused/network_storage.cuh"
#include "kernels/fused/update_report.cuh"
#include "polyak/core/losses.hpp"

namespace polyak::kernels::fused {

template <Environment E, Precision precision, class Shape>
class AgentTraining {
 public:
  __device__ POLYAK_INLINE AgentTraining(const Training& arguments,
                                         const BlockEnvironments<E>& environments,
                                         const BlockMemory& memory, AdamStep* steps,
                                         Transfers* transfers)
      : arguments_(arguments),
        plan_(Shape::plan(arguments.plan)),
        memory_(memory),
        environments_(environments),
        random_{arguments.seed[memory.agent]},
        steps_(steps),
        transfers_(transfers),
        report_{arguments, plan_, memory} {}

  __device__ POLYAK_INLINE void run() {
    load();
    std::int64_t vector_step = arguments_.vector_steps_before;
    std::int64_t update_number = arguments_.updates_before;
    for (std::int64_t i = 0; i < arguments_.iterations; ++i) {
      for (std::int64_t j = 0; j < arguments_.vector_steps; ++j) collect(vector_step++);
      for (std::int64_t j = 0; j < arguments_.updates; ++j) {
        update(update_number++, j > 0, j + 1 < arguments_.updates);
      }
    }
    if (arguments_.updates == 0) return;
    memory_.wait_for_agent();
    report_.add(update_number - 1);
    if (plan_.sums_by_block) follow(plan_.actor, memory_.actor);
    __syncthreads();
    store();
  }

 private:
  __device__ POLYAK_INLINE void collect(std::int64_t vector_step) {
    const Acting acting{plan_.actor, memory_.actor.parameters, memory_.sampled(0).next,
                        memory_.actor_hidden};
    step_block<Shape, precision>(environments_, vector_step, random_, acting, memory_.rows);
  }

  /// An update may be the first after vector steps, and the last before others.
  __device__ POLYAK_INLINE void update(std::int64_t number, bool follows_another,
                                       bool precedes_another) {
    const bool is_first = number == arguments_.updates_before;
    memory_.arrive_for_agent();
    if (plan_.sums_by_block && !is_first) follow(plan_.actor, memory_.actor);
    memory_.wait_for_arrivals();  // for what the environments of all blocks have stored
    if (!plan_.sums_by_block && !is_first) report_.add(number - 1);
    if ((!plan_.draws_ahead || is_first) && warp_from_last() == 0) prepare_steps(number);
    const bool samples = !plan_.draws_ahead || !follows_another;
    if (samples) sample(number, static_cast<int>(threadIdx.x), Shape::threads());
    // The actor's target may have followed since the block arrived at its barrier.
    if (samples || plan_.sums_by_block) __syncthreads();
    const SampledRows rows = memory_.sampled(number);
    pass_forwards(rows);
    critic_backward(rows, memory_.losses(number));
    // The next batch is drawn in two parts, each in the time that a network takes to learn; by an
    // agent's only block, which has many rows, at once.
    ReplayIndex drawn{};
    learn(plan_.critic, memory_.critic, memory_.critic_learning(number), number,
          [&](int warp) POLYAK_INLINE_LAMBDA {
            const bool draws = plan_.sums_by_block && precedes_another;
            if (warp == 0 && draws) drawn = draw(number + 1, lane());
            if (warp != (plan_.pairs_passes() ? 1 : 0)) return;
            prepare_steps(number + 1);
            if (plan_.sums_by_block && !is_first) report_.add_by_blocks(number - 1);
          });
    actor_backward(rows, memory_.losses(number));
    learn(plan_.actor, memory_.actor, memory_.actor_learning(number), number,
          [&](int warp) POLYAK_INLINE_LAMBDA {
            if (!precedes_another) return;
            if (!plan_.sums_by_block) {
              sample_by_some(number + 1, warp);
            } else if (warp == 0) {
              copy_drawn(number + 1, drawn);
            }
          });
  }

  /// By a warp (adam_steps.cuh).
  __device__ POLYAK_INLINE void prepare_steps(std::int64_t number) {
    prepare_adam_steps({arguments_.learning_rate_critic[memory_.agent],
                        arguments_.learning_rate_actor[memory_.agent], arguments_.beta1,
                        arguments_.beta2, arguments_.epsilon},
                       number + 1, lane(), steps_of(number)[0], steps_of(number)[1]);
  }

  /// The critic's and the actor's step of an update.
  __device__ POLYAK_INLINE AdamStep* steps_of(std::int64_t number) const {
    return steps_ + number % 2 * 2;
  }

  /// (o, a, r, o') drawn uniformly from the replay, by `threads` threads of which this is one.
  __device__ POLYAK_INLINE void sample(std::int64_t number, int thread, int threads) const {
    call<Shape, SampleRows>(environments_.replay, arguments_.replays.max_closed_rows[memory_.agent],
                            environments_.returns, random_, number, memory_.first_row,
                            memory_.batch_rows, thread, threads, memory_.sampled(number));
  }

  /// The same by as many of the last warps as there are schedulers.
  __device__ POLYAK_INLINE void sample_by_some(std::int64_t number, int warp) const {
    constexpr int warps = 4;  // of which a block has as many at least
    if (warp < warps) sample(number, warp * 32 + lane(), warps * 32);
  }

  __device__ POLYAK_INLINE static int lane() { return static_cast<int>(threadIdx.x) % 32; }
  /// The last warps seldom have something else to do.
  __device__ POLYAK_INLINE static int warp_from_last() {
    return warps_of_block<Shape>() - 1 - warp_of_block();
  }

  /// What is row i of the block's of an update. The general kernel, which has no registers to keep
  /// it in, draws when it copies.
  __device__ POLYAK_INLINE ReplayIndex draw(std::int64_t number, int i) const {
    if (!Shape::is_known || i >= memory_.batch_rows) return {};
    return draw_row(environments_.replay, arguments_.replays.max_closed_rows[memory_.agent],
                    random_, number, memory_.first_row + i);
  }

  /// The rows of an update by one warp, whose lanes have drawn the first of them.
  __device__ POLYAK_INLINE void copy_drawn(std::int64_t number,
                                           [[maybe_unused]] const ReplayIndex& drawn) const {
    if constexpr (Shape::is_known) {
      for (int i = lane(); i < memory_.batch_rows; i += 32) {
        copy_row(environments_.replay, environments_.returns, i < 32 ? drawn : draw(number, i), i,
                 memory_.sampled(number));
      }
    } else {
      sample(number, lane(), 32);
    }
  }

  /// actor'(o'), Q'(o', actor'(o')) and Q(o, a). Where passes are made by twos, actor(o) as well.
  __device__ POLYAK_INLINE void pass_forwards(const SampledRows& rows) {
    float* const next_action = memory_.action_of(rows.next);
    const ForwardPass next_actor{plan_.actor, memory_.actor.target, rows.next,
                                 memory_.target_hidden, next_action};
    const ForwardPass critic{plan_.critic, memory_.critic.parameters, rows.transition,
                             memory_.critic_hidden, memory_.value};
    if (plan_.pairs_passes()) {
      forward_two<Shape, precision>(next_actor, critic, memory_.rows);
      forward_two<Shape, precision>(
          {plan_.critic, memory_.critic.target, rows.next, memory_.target_hidden, memory_.target},
          {plan_.actor, memory_.actor.parameters, rows.transition, memory_.actor_hidden,
           memory_.policy_action},
          memory_.rows);
    } else {
      forward<Shape, precision>(next_actor, memory_.rows);
      forward<Shape, precision>(
          {plan_.critic, memory_.critic.target, rows.next, memory_.critic_hidden, memory_.target},
          memory_.rows);
      forward<Shape, precision>(critic, memory_.rows);
    }
  }

  /// Calls visit(row) for the block's rows of the batch, each by one thread. No barrier within.
  template <class Visit>
  __device__ POLYAK_INLINE void for_each_row(const Visit& visit) {
    for (int row = static_cast<int>(threadIdx.x); row < memory_.batch_rows;
         row += Shape::threads()) {
      visit(row);
    }
  }

  /// The gradient of mean (Q(o, a) - y)^2 back to the critic's first layer, where
  /// y = r + gamma^k Q'(o', actor'(o')) from the return of k steps, without Q' after a termination.
  __device__ POLYAK_INLINE void critic_backward(const SampledRows& rows,
                                                const UpdateLosses& losses) {
    const float scale = critic_gradient_scale(plan_.batch);
    for_each_row([&](int row) {
      const float target =
          td_target(rows.reward[row], rows.bootstrap_discount[row], memory_.target[row]);
      const LossRow loss = critic_loss_row(memory_.value[row], target, scale);
      memory_.critic_gradient[row] = loss.gradient;
      losses.critic[memory_.first_row + row] = loss.sums.loss;
      losses.value[memory_.first_row + row] = loss.sums.value;
    });
    __syncthreads();
    share_with_group(rows.transition, plan_.observation_size + plan_.action_size);
    share_with_group(memory_.critic_hidden, plan_.critic.output_layer().hidden);
    share_with_group(memory_.critic_gradient, 1);
    // The targets' hidden outputs are not needed now: their place takes the gradients.
    backward_hidden<Shape, precision>(plan_.critic, memory_.critic.parameters,
                                      memory_.critic_gradient, memory_.critic_hidden,
                                      memory_.target_hidden, memory_.rows);
  }

  /// The gradient of mean -Q(o, actor(o)) through the critic back to the actor's first layer. The
  /// batch's own actions have served: the actor's take their place.
  __device__ POLYAK_INLINE void actor_backward(const SampledRows& rows,
                                               const UpdateLosses& losses) {
    float* const action = memory_.action_of(rows.transition);
    act(rows.transition, action);
    forward<Shape, precision>({plan_.critic, memory_.critic.parameters, rows.transition,
                               memory_.critic_hidden, memory_.value},
                              memory_.rows);
    const float gradient = actor_loss_gradient(plan_.batch);
    for_each_row([&](int row) {
      const LossRow loss = actor_loss_row(memory_.value[row], gradient);
      memory_.critic_gradient[row] = loss.gradient;
      losses.actor[memory_.first_row + row] = loss.sums.loss;
    });
    __syncthreads();
    backward_hidden<Shape, precision>(plan_.critic, memory_.critic.parameters,
                                      memory_.critic_gradient, memory_.critic_hidden,
                                      memory_.critic_hidden, memory_.rows);
    const Activation activation = plan_.actor.output_layer().activation;
    const int pitch = memory_.rows.pitch;
    input_gradient<Shape>(
        plan_.critic, memory_.critic.parameters, memory_.critic_hidden, plan_.observation_size,
        plan_.action_size, memory_.rows, [&](int dimension, int row, float sum) {
          const int at = dimension * pitch + row;
          memory_.actor_gradient[at] = sum * activation_derivative(activation, action[at]);
        });
    share_with_group(memory_.actor_hidden, plan_.actor.output_layer().hidden);
    share_with_group(memory_.actor_gradient, plan_.action_size);
    // The critic's gradients are not needed any more: their place takes the actor's.
    backward_hidden<Shape, precision>(plan_.actor, memory_.actor.parameters, memory_.actor_gradient,
                                      memory_.actor_hidden, memory_.critic_hidden, memory_.rows);
  }

  /// The actor's actions for the batch, which a pair of passes may have made.
  __device__ POLYAK_INLINE void act(const float* observation, float* action) {
    if (!plan_.pairs_passes()) {
      return forward<Shape, precision>(
          {plan_.actor, memory_.actor.parameters, observation, memory_.actor_hidden, action},
          memory_.rows);
    }
    for (int i = 0; i < plan_.action_size; ++i) {
      const int at = i * memory_.rows.pitch;
      for_each_row([&](int row) { action[at + row] = memory_.policy_action[at + row]; });
    }
    __syncthreads();
  }

  /// Adam on one network and its target's Polyak step, each block some of its tiles. Where the next
  /// batch is drawn meanwhile, every warp calls aside(its number from the last) on the way.
  template <class Aside>
  __device__ POLYAK_INLINE void learn(const Network& network, const BlockNetwork& place,
                                      const LearningInput& input, std::int64_t number,
                                      const Aside& aside) {
    const bool is_critic = &network == &plan_.critic;
    const AdamStep& step = steps_of(number)[is_critic ? 0 : 1];
    const LearningOutput output{place.parameters,
                                place.target,
                                place.published,
                                place.moments,
                                arguments_.tau[memory_.agent],
                                memory_.squares(place, number)};
    if (clusters_exist() && plan_.sums_by_block) {
      return learn_by_groups(network, input, step, output, is_critic, number, aside);
    }
    memory_.template exchange_features<Shape>();
    memory_.wait_for_agent();
    if (plan_.draws_ahead) aside(warp_from_last());
    if constexpr (Shape::is_known) {
      if (plan_.cluster_blocks == 1) {
        learn_alone<Shape, precision>(network, input, step, output);
        return memory_.wait_for_agent();
      }
    }
    call<Shape, LearnTiles<Shape, precision>>(network, input, step, output, memory_.block,
                                              plan_.cluster_blocks);
    memory_.wait_for_agent();
    adopt_parameters<Shape>(network, output);
  }

  /// The same where a group's blocks sum its rows, with no barrier but the arrival of what is sent.
  template <class Aside>
  __device__ POLYAK_INLINE void learn_by_groups(const Network& network, const LearningInput& input,
                                                const AdamStep& step, const LearningOutput& output,
                                                bool is_critic, std::int64_t number,
                                                const Aside& aside) {
    const GroupSums group = memory_.group_sums(transfers_);
    const auto phase =
        static_cast<unsigned>(2 * (number - arguments_.updates_before) + (is_critic ? 0 : 1));
    share_with_group(is_critic ? memory_.target_hidden : memory_.critic_hidden,
                     network.output_layer().hidden);
    if (plan_.group_blocks > 1) transfers_->rows.wait(phase);
    send_sums_of<Shape, precision>(network, input, plan_.group_rows(), group);
    // While the sums travel. The actor's target follows while the next update waits for all blocks.
    const int others = Shape::threads() - 32;  // than the last warp, which has something aside
    if (!is_critic && static_cast<int>(threadIdx.x) < others) {
      follow(plan_.critic, memory_.critic, others);
    }
    aside(warp_from_last());
    transfers_->sums.wait(phase);
    call<Shape, LearnFromSums<Shape>>(network, step, output, group);
    transfers_->parameters.wait(phase);
    if (threadIdx.x == 0) expect_transfers(is_critic ? plan_.actor : plan_.critic);
  }

  /// Features of this block's rows that learning reads, where a group has several blocks.
  __device__ POLYAK_INLINE void share_with_group(float* first, int count) {
    if (!clusters_exist() || plan_.group_blocks == 1) return;
    share_rows<Shape>(memory_.group_sums(transfers_), first, count, memory_.rows);
  }

  /// Of the features that a group shares, the actor's inputs have come with the critic's.
  __device__ POLYAK_INLINE void expect_transfers(const Network& network) {
    const bool is_critic = &network == &plan_.critic;
    const int inputs = is_critic ? plan_.observation_size + plan_.action_size : 0;
    const int outputs = network.output_layer().outputs;
    transfers_->expect(plan_, network, inputs + 2 * network.output_layer().hidden + outputs,
                       memory_.block);
  }

  /// A target takes its Polyak step.
  __device__ POLYAK_INLINE void follow(const Network& network, const BlockNetwork& place,
                                       int threads = Shape::threads()) {
    follow_parameters<Shape>(network, place.parameters, place.target, arguments_.tau[memory_.agent],
                             threads);
  }

  /// The networks from the training's arrays to where the block works on them. This and store() are
  /// done once a launch, so they read the layers' sizes from its arguments and take little code.
  __device__ POLYAK_INLINE void load() {
    memory_.clear_features();
    if (clusters_exist() && plan_.sums_by_block && threadIdx.x == 0) {
      transfers_->initialise();
      expect_transfers(plan_.critic);
    }
    const Plan& plan = arguments_.plan;
    load_network(memory_, plan.actor, plan.actor_parameters, arguments_.actor, memory_.actor);
    load_network(memory_, plan.critic, plan.critic_parameters, arguments_.critic, memory_.critic);
    memory_.wait_for_agent();
  }

  /// The networks from where the block works on them to the training's arrays.
  __device__ POLYAK_INLINE void store() {
    store_network(memory_, arguments_.plan.actor, memory_.actor, arguments_.actor);
    store_network(memory_, arguments_.plan.critic, memory_.critic, arguments_.critic);
  }

  const Training& arguments_;
  const Plan& plan_;
  const BlockMemory& memory_;
  const BlockEnvironments<E>& environments_;
  const CurandRandom random_;
  AdamStep* const steps_;  // [2, 2] by steps_of(), in shared memory
  Transfers* const transfers_;
  const UpdateReport<Shape> report_;
};

}  // namespace polyak::kernels::fused
