// The oracle's updates: batches from the replay, and what is learnt from them.
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "config/derived.hpp"
#include "oracle/batch_norm.hpp"
#include "oracle/training.hpp"

namespace polyak::oracle {

/// The return from row `number` on, backwards from its last reward.
Transition Training::transition_at(const EnvironmentInstance& instance, std::int64_t number) const {
  const auto most = static_cast<std::size_t>(config_.n_step[agent_]);
  const std::int64_t open_row = instance.rows_written - 1;
  std::vector<double> rewards;
  std::int64_t at = number;
  RowKind kind = RowKind::continuing;
  while (kind == RowKind::continuing && rewards.size() < most && at < open_row) {
    rewards.push_back(instance.rows.at(at).reward);
    kind = instance.rows.at(at++).kind;
  }
  double sum = 0.0;
  for (std::size_t i = rewards.size(); i-- > 0;) {
    sum = static_cast<double>(config_.reward_scale[agent_]) * rewards[i] +
          static_cast<double>(config_.discount[agent_]) * sum;
  }
  const Row& first = instance.rows.at(number);
  return {
      normalised(first.observation),
      first.action,
      sum,
      normalised(instance.rows.at(at).observation),
      kind == RowKind::terminated || (kind == RowKind::truncated && config_.time_limit_terminal),
      static_cast<int>(rewards.size())};
}

/// Uniform over all transitions held, or over those not taken before, by rejection over the
/// rectangle of environments and ages (age 0 is the newest), with the words of the blocks (batch
/// row, update, replay_sample, 0, 1, ...).
Training::Place Training::sample(std::uint32_t batch_row, std::set<Place>& taken) const {
  std::size_t max_rows = 0;
  for (const EnvironmentInstance& instance : instances_)
    max_rows = std::max(max_rows, instance.rows.size());
  const std::uint64_t ages = max_rows - 1;
  const std::uint64_t candidates = ages * instances_.size();
  __extension__ using uint128 = unsigned __int128;
  const auto remainder = static_cast<std::uint64_t>((uint128{1} << 64) % candidates);
  for (std::uint32_t attempt = 0;; ++attempt) {
    const RandomBits bits = random_(batch_row, static_cast<std::uint64_t>(updates_),
                                    Purpose::replay_sample, attempt / 2);
    const std::uint64_t high = attempt % 2 == 0 ? bits.x : bits.z;
    const std::uint64_t low = attempt % 2 == 0 ? bits.y : bits.w;
    const uint128 product = uint128{high << 32 | low} * candidates;
    if (static_cast<std::uint64_t>(product) < remainder) continue;
    const auto candidate = static_cast<std::uint64_t>(product >> 64);
    const EnvironmentInstance& instance = instances_[candidate / ages];
    const std::int64_t number =
        instance.rows_written - 2 - static_cast<std::int64_t>(candidate % ages);
    const auto row = instance.rows.find(number);
    if (row == instance.rows.end() || row->second.kind == RowKind::last_observation) continue;
    const bool is_new = taken.insert({&instance, number}).second;
    if (config_.sampling == Sampling::without_replacement && !is_new) continue;
    return {&instance, number};
  }
}

Batch Training::sample_batch() const {
  Batch batch;
  std::set<Place> taken;
  for (int i = 0; i < config_.batch_size; ++i) {
    const auto [instance, number] = sample(static_cast<std::uint32_t>(i), taken);
    batch.push_back(transition_at(*instance, number));
  }
  return batch;
}

/// One value for each dimension of a next action.
std::vector<double> Training::target_noise_of(std::uint32_t index) const {
  const double sigma = static_cast<double>(config_.target_noise[agent_]);
  const double largest = static_cast<double>(config_.target_noise_clip[agent_]);
  std::vector<double> noise;
  for (int i = 0; i < actor_layout(config_).outputs(); ++i) {
    const RandomBits bits = random_(index, static_cast<std::uint64_t>(updates_),
                                    Purpose::target_noise, static_cast<std::uint32_t>(i / 4));
    noise.push_back(std::clamp(sigma * standard_normal(bits, i % 4), -largest, largest));
  }
  return noise;
}

std::vector<std::vector<double>> Training::target_noise(const Batch& batch) const {
  std::vector<std::vector<double>> noise;
  for (std::uint32_t row = 0; row < batch.size(); ++row) noise.push_back(target_noise_of(row));
  return noise;
}

/// What is left of the learning rates.
double Training::learning_rate_left() const {
  if (config_.learning_rate_decay == LearningRateDecay::constant) return 1.0;
  const double iterations_before =
      std::floor(static_cast<double>(config_.learning_starts - 1) /
                 static_cast<double>(config_.environments * derived_.vector_steps_per_iteration));
  const double iterations =
      std::ceil(static_cast<double>(config_.total_steps) /
                static_cast<double>(config_.environments * derived_.vector_steps_per_iteration));
  const double all = (iterations - iterations_before) * config_.update_to_data *
                     config_.environments * derived_.vector_steps_per_iteration;
  return 1.0 - static_cast<double>(updates_) / std::round(all);
}

void Training::learn(Learner& learner, Network gradient, const AdamSettings& settings,
                     std::int64_t t) const {
  clip_gradient(gradient, static_cast<double>(config_.gradient_clip[agent_]));
  adam(learner, gradient, settings, t);
}

template <class AnyBatch>
double Training::take_critic_loss(Network& critic, const AnyBatch& batch,
                                  const std::vector<double>& targets, Network& gradient) const {
  if constexpr (std::is_same_v<AnyBatch, Batch>) {
    if (config_.batch_norm) {
      follow_batch(critic, batch_forward(critic, observations_and_actions_of(batch), NormBy::batch),
                   static_cast<double>(config_.batch_norm_momentum));
      return batch_critic_loss(critic, batch, targets, gradient);
    }
  }
  return critic_loss(critic, batch, targets, gradient);
}

template <class AnyBatch>
double Training::take_actor_loss(const AnyBatch& batch, Network& gradient) {
  if constexpr (std::is_same_v<AnyBatch, Batch>) {
    if (config_.batch_norm) {
      follow_batch(actor_.network,
                   batch_forward(actor_.network, observations_of(batch), NormBy::batch),
                   static_cast<double>(config_.batch_norm_momentum));
      return batch_actor_loss(
          actor_.network, critics_[0].network, batch,
          config_.batch_norm_policy_evaluation ? NormBy::running : NormBy::batch, gradient);
    }
  }
  return actor_loss(actor_.network, critics_[0].network, batch, gradient);
}

/// mean Q(o, a), from what the loss L loses when every target y is raised by 1:
/// mean (Q - y)^2 - mean (Q - y - 1)^2 = 2 mean Q - 2 mean y - 1.
template <class AnyBatch>
double Training::mean_value(Network critic, const AnyBatch& batch,
                            const std::vector<double>& targets) const {
  std::vector<double> raised = targets;
  double mean_target = 0.0;
  for (double& target : raised) {
    mean_target += target / static_cast<double>(targets.size());
    target += 1.0;
  }
  Network ignored = zeros_like(critic), same = critic;
  const double lost = take_critic_loss(critic, batch, targets, ignored) -
                      take_critic_loss(same, batch, raised, ignored);
  return 0.5 * (lost + 1.0) + mean_target;
}

template <class AnyBatch>
void Training::learn_critics(const AnyBatch& batch, const std::vector<double>& targets,
                             double rate) {
  const AdamSettings settings{rate * static_cast<double>(config_.learning_rate_critic[agent_]),
                              static_cast<double>(config_.adam_beta1),
                              static_cast<double>(config_.adam_beta2),
                              static_cast<double>(config_.adam_epsilon),
                              static_cast<double>(config_.critic_weight_decay[agent_]),
                              config_.decoupled_weight_decay};
  for (std::size_t i = 0; i < critics_.size(); ++i) {
    Learner& critic = critics_[i];
    Network gradient = zeros_like(critic.network);
    AnyBatch seen = batch;
    if constexpr (std::is_same_v<AnyBatch, SequenceBatch>) seen = as_critic_sees(batch, i);
    const double critics = static_cast<double>(critics_.size());
    totals_.mean_q_sum += mean_value(critic.network, seen, targets) / critics;
    totals_.critic_loss_sum += take_critic_loss(critic.network, seen, targets, gradient) / critics;
    totals_.critic_gradient_norm_sum += gradient_norm(gradient) / critics;
    learn(critic, gradient, settings, updates_ + 1);
  }
}

template <class AnyBatch>
void Training::learn_actor(const AnyBatch& batch, double rate) {
  const AdamSettings settings{rate * static_cast<double>(config_.learning_rate_actor[agent_]),
                              static_cast<double>(config_.adam_beta1),
                              static_cast<double>(config_.adam_beta2),
                              static_cast<double>(config_.adam_epsilon),
                              static_cast<double>(config_.actor_weight_decay[agent_]),
                              config_.decoupled_weight_decay};
  Network gradient = zeros_like(actor_.network);
  totals_.actor_loss_sum += take_actor_loss(batch, gradient);
  totals_.actor_updates += 1;
  totals_.actor_gradient_norm_sum += gradient_norm(gradient);
  learn(actor_, gradient, settings, (updates_ + 1) / config_.actor_delay);
}

template <class AnyBatch>
void Training::learn_from(const AnyBatch& batch) {
  std::vector<Network> target_critics;
  for (const Learner& critic : critics_) target_critics.push_back(critic.target);
  const std::vector<double> targets =
      bootstrap_targets(actor_.target, target_critics, batch,
                        static_cast<double>(config_.discount[agent_]), target_noise(batch));
  const double rate = learning_rate_left();
  const bool actor_learns = (updates_ + 1) % config_.actor_delay == 0;
  if (actor_learns && config_.actor_first) learn_actor(batch, rate);
  learn_critics(batch, targets, rate);
  if (actor_learns && !config_.actor_first) learn_actor(batch, rate);
}

void Training::update() {
  is_recurrent(config_) ? learn_from(sample_sequences()) : learn_from(sample_batch());
  ++updates_;
  totals_.updates += 1;
  if (updates_ % config_.target_delay != 0) return;
  const double tau = static_cast<double>(config_.tau[agent_]);
  for (Learner& critic : critics_) polyak_average(critic, tau);
  polyak_average(actor_, tau);
}

}  // namespace polyak::oracle
