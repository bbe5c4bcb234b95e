#include "backend/cpu/cpu_backend.hpp"

#include <algorithm>
#include <functional>
#include <span>

#include "agent/agent_arrays.hpp"
#include "agent/batch_norm.hpp"
#include "agent/policy_actions.hpp"
#include "backend/checks/memory_check.hpp"
#include "backend/cpu/agent_report.hpp"
#include "backend/cpu/collector.hpp"
#include "backend/cpu/ddpg_update.hpp"
#include "backend/cpu/episodes.hpp"
#include "backend/cpu/matrix_product.hpp"
#include "backend/first_failure.hpp"
#include "config/derived.hpp"

namespace polyak {
namespace {

using namespace cpu;

/// A population on the CPU. With at least as many agents as threads, whole agents are shared out
/// and never wait for each other; with fewer, the pieces of each agent's batch are.
class CpuBackend final : public Backend {
 public:
  explicit CpuBackend(const Config& config)
      : config_(config),
        derived_(derive(config)),
        actor_layout_(actor_layout(config)),
        critic_layout_(critic_layout(config)),
        row_layout_(row_layout(config)),
        pool_(config.threads),
        state_(initial_state(config)),
        normalisers_(polyak::observation_normalisers(config, state_)) {
    make_workers();
  }

  std::string description() const override {
    return "cpu, " + pool_.description() + ", " + instruction_set();
  }

  void advance(std::int64_t iterations) override {
    for_each_agent([&](int agent, DdpgUpdate& update, const Executor& execute) {
      Counters counters{state_.vector_steps, state_.updates};
      for (std::int64_t i = 0; i < iterations; ++i) iterate(agent, counters, update, execute);
    });
    // Every agent counts the same; iterations before learning starts make no update.
    const std::int64_t done = state_.vector_steps / derived_.vector_steps_per_iteration;
    state_.vector_steps += iterations * derived_.vector_steps_per_iteration;
    const std::int64_t learning = std::clamp<std::int64_t>(
        done + iterations - derived_.first_update_iteration, 0, iterations);
    state_.updates += learning * derived_.updates_per_iteration;
  }

  std::vector<AgentMetrics> metrics() override {
    std::vector<AgentMetrics> metrics;
    const auto environments = static_cast<std::size_t>(config_.environments);
    const std::int64_t policy_actions =
        polyak::policy_actions(config_, vector_steps_reported_, state_.vector_steps);
    for (std::size_t agent = 0; agent < update_totals_.size(); ++agent) {
      const EpisodeTotals episodes =
          take_totals(std::span(episode_totals_).subspan(agent * environments, environments));
      const UpdateTotals& updates = update_totals_[agent];
      metrics.push_back(make_metrics(episodes, updates, policy_actions));
      metrics.back().non_finite = first_failure(
          {episodes, updates.non_finite, parameters_finite(agent), state_.updates}, derived_);
      update_totals_[agent] = {};
    }
    vector_steps_reported_ = state_.vector_steps;
    return metrics;
  }

  void require_evaluation_memory(std::int64_t starts) override {
    polyak::require_evaluation_memory(config_.agents, starts);
  }

  std::vector<float> evaluate(std::span<const float> starts, EpisodeRandom random) override {
    if (!config_.batch_norm)
      return run_episodes(actor_layout_, state_.actor.parameters, starts, random);
    const PlainNetworks actors =
        fold_batch_norm(actor_layout_, state_.actor.parameters, state_.actor.statistics);
    return run_episodes(actors.layout, actors.parameters, starts, random);
  }

  TrainingState export_state() override { return state_; }
  void import_state(const TrainingState& state) override {
    state_ = state;
    begin_from_state();
  }

  TrainingState export_state_without_rows() override {
    const RowsAside rows(state_.replay_rows);
    return state_;
  }
  void import_state_without_rows(const TrainingState& state) override {
    const RowsAside rows(state_.replay_rows);
    state_ = state;
    begin_from_state();
  }
  void look_at_state(const std::function<void(const TrainingState& state)>& look) override {
    look(state_);
  }
  void change_state(const std::function<void(TrainingState& state)>& change) override {
    change(state_);
    begin_from_state();
  }
  void read_rows(std::int64_t first, std::span<float> values) override {
    std::copy_n(state_.replay_rows.begin() + first, values.size(), values.begin());
  }
  void write_rows(std::int64_t first, std::span<const float> values) override {
    std::copy(values.begin(), values.end(), state_.replay_rows.begin() + first);
  }

  TrainingState export_agent(int agent, AgentPart part) override {
    return agent_of(state_, config_.agents, agent, part);
  }
  void import_agent(int agent, const TrainingState& state) override {
    set_agent(state_, config_.agents, agent, state);
    normalisers_ = polyak::observation_normalisers(config_, state_);
  }
  void copy_agents(std::span<const AgentCopy> copies) override {
    polyak::copy_agents(state_, config_.agents, copies);
    normalisers_ = polyak::observation_normalisers(config_, state_);
  }
  void reconfigure(const Config& config) override {
    keep_first_agents(state_, config_.agents, config.agents);
    config_ = config;
    make_workers();
    begin_from_state();
  }

  std::vector<float> actor_parameters() override { return state_.actor.parameters; }
  std::vector<float> actor_statistics() override { return state_.actor.statistics; }
  ObservationNormalisers observation_normalisers() override { return normalisers_; }

  void run_phase(Phase phase, std::int64_t repetitions) override {
    if (phase == Phase::iteration) return advance(repetitions);
    const bool samples = phase == Phase::sample || phase == Phase::update;
    if (samples && state_.vector_steps == 0) collect_first_transitions();
    for_each_agent([&](int agent, DdpgUpdate& update, const Executor& execute) {
      const AgentForSteps steps = agent_for_steps(agent);
      const AgentForUpdate learner = agent_for_update(agent);
      UpdateTotals totals;
      for (std::int64_t i = 0; i < repetitions; ++i) {
        const std::int64_t step = state_.vector_steps + i;
        switch (phase) {
          case Phase::environment_step:
            collector_->step_environments(steps, step, execute);
            break;
          case Phase::act:
            collector_->act(steps, step, execute);
            break;
          case Phase::vector_step:
            collector_->vector_step(steps, step, false, execute);
            break;
          case Phase::sample:
            update.sample(learner, state_.updates + i, execute);
            break;
          case Phase::update:
          case Phase::iteration:
            update.run(learner, state_.updates + i, execute, totals);
            break;
        }
      }
    });
    if (phase == Phase::vector_step) state_.vector_steps += repetitions;
    if (phase == Phase::update) state_.updates += repetitions;
  }

 private:
  struct Counters {
    std::int64_t vector_steps, updates;
  };

  /// While it lives, the rows are not where they belong: they are not copied with the rest.
  class RowsAside {
   public:
    explicit RowsAside(std::vector<float>& place) : place_(place) { rows_.swap(place_); }
    ~RowsAside() { rows_.swap(place_); }
    RowsAside(const RowsAside&) = delete;
    RowsAside& operator=(const RowsAside&) = delete;

   private:
    std::vector<float>& place_;
    std::vector<float> rows_;
  };

  /// What works on the agents, and counts for each of them.
  void make_workers() {
    collector_ = make_collector(config_, pool_.size());
    const auto agents = static_cast<std::size_t>(config_.agents);
    episode_totals_.assign(agents * static_cast<std::size_t>(config_.environments), {});
    update_totals_.assign(agents, {});
    updates_.clear();
    const int workspaces = agents_in_parallel() ? pool_.size() : 1;
    for (int i = 0; i < workspaces; ++i) updates_.emplace_back(config_);
  }

  /// Everything that follows from the state, or belongs to what was before it.
  void begin_from_state() {
    normalisers_ = polyak::observation_normalisers(config_, state_);
    episode_totals_.assign(episode_totals_.size(), {});
    update_totals_.assign(update_totals_.size(), {});
    vector_steps_reported_ = state_.vector_steps;
  }

  std::vector<float> run_episodes(const NetworkLayout& layout, std::span<const float> actors,
                                  std::span<const float> starts, EpisodeRandom random) {
    const std::vector<float> parameters = environment_parameter_values(config_);
    return episode_returns({config_.environment, parameters, derived_.evaluation_time_limit, layout,
                            actors, normalisers_, config_.reward_scale, starts, random},
                           pool_);
  }

  bool agents_in_parallel() const { return config_.agents >= pool_.size(); }

  template <class Work>
  void for_each_agent(const Work& work) {
    if (agents_in_parallel()) {
      pool_.parallel_for(config_.agents, [&](std::int64_t agent, int thread) {
        work(static_cast<int>(agent), updates_[static_cast<std::size_t>(thread)],
             serial_executor(thread));
      });
    } else {
      for (int agent = 0; agent < config_.agents; ++agent) {
        work(agent, updates_.front(), parallel_executor(pool_));
      }
    }
  }

  /// One iteration of one agent: vector steps, then updates.
  void iterate(int agent, Counters& counters, DdpgUpdate& update, const Executor& execute) {
    const std::int64_t iteration = counters.vector_steps / derived_.vector_steps_per_iteration;
    const bool warmup = iteration < derived_.warmup_iterations;
    const AgentForSteps steps = agent_for_steps(agent);
    for (int i = 0; i < derived_.vector_steps_per_iteration; ++i) {
      collector_->vector_step(steps, counters.vector_steps++, warmup, execute);
    }
    if (iteration < derived_.first_update_iteration) return;
    const AgentForUpdate learner = agent_for_update(agent);
    UpdateTotals& totals = update_totals_[static_cast<std::size_t>(agent)];
    for (std::int64_t i = 0; i < derived_.updates_per_iteration; ++i) {
      update.run(learner, counters.updates++, execute, totals);
    }
  }

  /// One vector step in warm-up, without which there is nothing to sample.
  void collect_first_transitions() {
    for_each_agent([&](int agent, DdpgUpdate&, const Executor& execute) {
      collector_->vector_step(agent_for_steps(agent), 0, true, execute);
    });
    state_.vector_steps = 1;
  }

  ReplayView replay_of(int agent) {
    return replay_view(state_, row_layout_, config_.environments, derived_.rows_per_environment,
                       agent);
  }

  AgentForSteps agent_for_steps(int agent) {
    const auto first =
        static_cast<std::size_t>(agent) * static_cast<std::size_t>(config_.environments);
    return {state_,
            &episode_totals_[first],
            replay_of(agent),
            &state_.actor.parameters[static_cast<std::size_t>(agent * actor_layout_.stride)],
            &state_.critic.parameters[static_cast<std::size_t>(agent * critic_layout_.stride)],
            state_.actor.statistics.data() + agent * actor_layout_.statistics_stride,
            normalisers_,
            agent};
  }

  AgentForUpdate agent_for_update(int agent) {
    const ReplayView replay = replay_of(agent);
    std::int64_t max_closed_rows = 0;
    for (std::int64_t environment = 0; environment < replay.environments; ++environment) {
      max_closed_rows = std::max(max_closed_rows, closed_rows(replay, environment));
    }
    return {agent,
            network_view(state_.actor, actor_layout_, agent),
            network_view(state_.critic, critic_layout_, agent),
            {replay, max_closed_rows, agent_seed(config_, agent), return_settings(config_, agent),
             normalisers_.of_agent(agent, row_layout_.observation_size)}};
  }

  bool parameters_finite(std::size_t agent) const {
    const auto finite = [agent](const NetworkState& networks, const NetworkLayout& layout) {
      const auto stride = static_cast<std::size_t>(layout.stride);
      return all_finite(std::span(networks.parameters).subspan(agent * stride, stride));
    };
    return finite(state_.actor, actor_layout_) && finite(state_.critic, critic_layout_);
  }

  Config config_;
  DerivedConfig derived_;
  NetworkLayout actor_layout_, critic_layout_;
  RowLayout row_layout_;
  ThreadPool pool_;
  TrainingState state_;
  ObservationNormalisers normalisers_;
  std::unique_ptr<Collector> collector_;
  std::vector<DdpgUpdate> updates_;            // one for every agent that may be at work at a time
  std::vector<EpisodeTotals> episode_totals_;  // [agents, environments]
  std::vector<UpdateTotals> update_totals_;    // [agents]
  std::int64_t vector_steps_reported_ = 0;     // made when metrics() was last called
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(const Config& config) {
  return std::make_unique<CpuBackend>(config);
}

}  // namespace polyak
