// A whole training of one agent in double precision: environments, exploration, replay,
// updates. It shares with the project the contracts (configuration, state, Philox and its counters)
// and none of the code that computes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "agent/agent.hpp"
#include "config/derived.hpp"
#include "oracle/ddpg.hpp"
#include "oracle/environment.hpp"
#include "oracle/recurrent.hpp"
#include "polyak/core/philox.hpp"
#include "polyak/core/replay.hpp"

namespace polyak::oracle {

/// A row of the replay, by its contents.
struct Row {
  std::vector<double> observation, action;
  double reward;
  RowKind kind;
  std::vector<CellState> memories = {};  // before the row, where states are stored
};

/// One of the vectorised environments, with its part of the replay.
struct EnvironmentInstance {
  std::vector<double> state, noise;
  int steps;                         // in the current episode
  double episode_return;             // so far
  std::map<std::int64_t, Row> rows;  // those still in the ring, by number
  std::int64_t rows_written;
  // Of a recurrent policy, after the observations acted on so far: the actor's and, where states
  // are stored, the critics'.
  std::vector<CellState> memories;
};

/// Sums since the beginning.
struct Totals {
  std::int64_t episodes = 0, episode_steps = 0, updates = 0, actor_updates = 0;
  double return_sum = 0.0, critic_loss_sum = 0.0, actor_loss_sum = 0.0;
  double mean_q_sum = 0.0, critic_gradient_norm_sum = 0.0, actor_gradient_norm_sum = 0.0;
  std::int64_t policy_actions = 0, saturated_actions = 0;  // by dimensions, without exploration
};

/// Running sums over the observations acted on, feature by feature: the mean, and the squared
/// deviations from it (Welford 1962).
struct RunningMoments {
  std::int64_t count;
  std::vector<double> mean, squares;
};

class Training {
 public:
  /// Continues from `state`, which may be initial_state(config).
  Training(const Config& config, const TrainingState& state, int agent);

  /// The vector steps of an iteration, and its updates if learning has started.
  void iterate();

  const Learner& actor() const { return actor_; }
  const std::vector<Learner>& critics() const { return critics_; }
  const std::vector<EnvironmentInstance>& instances() const { return instances_; }
  const Totals& totals() const { return totals_; }
  int agent() const { return agent_; }

  const RunningMoments& moments() const { return moments_; }

 private:
  using Place = std::pair<const EnvironmentInstance*, std::int64_t>;  // of a transition
  void vector_step(bool warmup);
  std::vector<double> policy_action(EnvironmentInstance& instance) const;
  void follow(EnvironmentInstance& instance, const std::vector<double>& input, bool begins) const;
  std::vector<double> choose_action(EnvironmentInstance& instance, std::uint32_t index,
                                    bool warmup);
  void step(EnvironmentInstance& instance, std::uint32_t index, const std::vector<double>& action);
  RandomBlocks blocks(std::uint32_t index, std::int64_t vector_step, Purpose purpose) const;
  void append_row(EnvironmentInstance& instance, const std::vector<double>& observation,
                  RowKind kind) const;
  double noise_scale(std::uint32_t index) const;
  void fold_observations();
  std::vector<double> normalised(std::vector<double> observation) const;
  Transition transition_at(const EnvironmentInstance& instance, std::int64_t number) const;
  Place sample(std::uint32_t batch_row, std::set<Place>& taken) const;
  Batch sample_batch() const;
  bool continues_before(const EnvironmentInstance& instance, std::int64_t number) const;
  std::vector<double> cell_input(const EnvironmentInstance& instance, std::int64_t number,
                                 bool begins) const;
  Sequence sequence_at(const Place& drawn) const;
  SequenceBatch sample_sequences() const;
  std::vector<double> target_noise_of(std::uint32_t index) const;
  std::vector<std::vector<double>> target_noise(const Batch& batch) const;
  std::vector<std::vector<double>> target_noise(const SequenceBatch& batch) const;
  double learning_rate_left() const;
  template <class AnyBatch>
  double take_critic_loss(Network& critic, const AnyBatch& batch,
                          const std::vector<double>& targets, Network& gradient) const;
  template <class AnyBatch>
  double mean_value(Network critic, const AnyBatch& batch,
                    const std::vector<double>& targets) const;
  template <class AnyBatch>
  double take_actor_loss(const AnyBatch& batch, Network& gradient);
  template <class AnyBatch>
  void learn_critics(const AnyBatch& batch, const std::vector<double>& targets, double rate);
  template <class AnyBatch>
  void learn_actor(const AnyBatch& batch, double rate);
  template <class AnyBatch>
  void learn_from(const AnyBatch& batch);
  void learn(Learner& learner, Network gradient, const AdamSettings& settings,
             std::int64_t t) const;
  void update();

  Config config_;
  DerivedConfig derived_;
  int agent_;
  PhiloxRandom random_;
  std::unique_ptr<OracleEnvironment> environment_;
  Learner actor_;
  std::vector<Learner> critics_;
  std::vector<EnvironmentInstance> instances_;
  RunningMoments moments_;
  std::int64_t vector_steps_, updates_;
  Totals totals_;
};

}  // namespace polyak::oracle
