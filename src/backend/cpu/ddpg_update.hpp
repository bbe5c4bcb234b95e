// One update of one agent on the CPU: DDPG (Lillicrap et al. 2015, arXiv 1509.02971, algorithm 1)
// with the parts of TD3 (Fujimoto et al. 2018, arXiv 1802.09477, algorithm 1).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "backend/cpu/agent_view.hpp"
#include "backend/cpu/executor.hpp"
#include "backend/cpu/network_learner.hpp"
#include "backend/cpu/sampler.hpp"
#include "polyak/core/losses.hpp"
#include "polyak/metrics.hpp"

namespace polyak::cpu {

/// What the updates of one agent add up to since somebody last asked.
struct UpdateTotals {
  std::int64_t updates = 0;
  std::int64_t actor_updates = 0;
  double critic_loss_sum = 0.0;
  double actor_loss_sum = 0.0;
  double mean_q_sum = 0.0;
  double critic_gradient_norm_sum = 0.0;
  double actor_gradient_norm_sum = 0.0;
  std::optional<NonFinite> non_finite;
};

/// One agent as an update sees it. Its settings are those of the configuration.
struct AgentForUpdate {
  int agent;
  NetworkView actor, critic;
  SampleSource source;
};

/// The algorithm and its scratch memory; serves one agent at a time.
class DdpgUpdate {
 public:
  explicit DdpgUpdate(const Config& config);

  /// Makes update number `update` (0 for the first).
  void run(const AgentForUpdate& agent, std::int64_t update, const Executor& execute,
           UpdateTotals& totals);

  /// Draws and gathers one batch without learning from it. For benchmarks.
  void sample(const AgentForUpdate& agent, std::int64_t update, const Executor& execute);

 private:
  SampledBatch batch() {
    return {transition_,        next_,        policy_, rewards_, discounts_, weights_,
            bootstrap_columns_, first_states_};
  }
  void draw_with_targets(const AgentForUpdate& agent, std::int64_t update, Chunk chunk);
  void begin_sequences(Chunk chunk);
  void bootstrap_targets(const AgentForUpdate& agent, std::int64_t update, Chunk chunk);
  void smooth_next_actions(const AgentForUpdate& agent, std::int64_t update, Chunk chunk);
  void learn_critics(const AgentForUpdate& agent, std::int64_t update, const Executor& execute,
                     UpdateTotals& totals);
  void critic_backward(const AgentForUpdate& agent, Chunk chunk);
  void learn_actor(const AgentForUpdate& agent, std::int64_t update, const Executor& execute,
                   UpdateTotals& totals);
  void actor_backward(const AgentForUpdate& agent, Chunk chunk);
  template <class LossOf>
  void take_loss(NetworkPass& critic, Chunk chunk, const LossOf& loss_of);
  void clear_losses(Chunk chunk);
  LossSums mean_losses() const;
  LearningStep learning_step(const AgentForUpdate& agent, std::int64_t update, float learning_rate,
                             float weight_decay, std::int64_t step_number) const;

  Config config_;
  std::int64_t decay_updates_;  // over which learning rates fall to zero; 0: they do not
  NetworkLayout actor_layout_, critic_layout_;
  int action_size_, action_row_;  // of the critic's inputs, which end with the action
  std::unique_ptr<Sampler> sampler_;
  BatchShape shape_;
  NetworkLearner actor_, critics_;

  // The batch: the critic's three inputs. The actions of the next observations and of the actor's
  // loss are written by the actors.
  PanelMatrix transition_, next_, policy_;         // each [critic's inputs, columns]
  AlignedArray rewards_, discounts_;               // [columns]: SampledReturn
  AlignedArray weights_;                           // [columns]: 1 if learnt from
  std::vector<std::ptrdiff_t> bootstrap_columns_;  // [columns]
  std::vector<const float*> first_states_;         // [columns]
  std::ptrdiff_t learned_columns_ = 0;             // how many weights are 1
  AlignedArray targets_;                           // [columns]: y
  std::vector<LossSums> losses_;                   // [columns]: of all critics
};

}  // namespace polyak::cpu
