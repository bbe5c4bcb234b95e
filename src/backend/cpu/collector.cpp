#include "backend/cpu/collector.hpp"

#include <optional>

#include "backend/cpu/environment_memory.hpp"
#include "config/derived.hpp"
#include "polyak/core/summation.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::cpu {
namespace {

template <Environment E>
class CollectorOf final : public Collector {
 public:
  CollectorOf(const Config& config, int threads)
      : config_(config), derived_(derive(config)), actor_layout_(actor_layout(config)) {
    settings_.parameters = parameters_from<E>(environment_parameter_values(config));
    settings_.time_limit = derived_.time_limit;
    for (int thread = 0; thread < threads; ++thread) {
      scratch_.push_back({NetworkPass(actor_layout_, BatchShape::rows(chunk_columns)),
                          PanelMatrix(actor_layout_.inputs(), chunk_columns),
                          {}});
      if (is_recurrent(config)) scratch_.back().memory.emplace(config);
    }
    last_actions_.resize(static_cast<std::size_t>(config.agents) *
                         static_cast<std::size_t>(config.environments) * E::action_size);
  }

  void vector_step(const AgentForSteps& agent, std::int64_t vector_step, bool warmup,
                   const Executor& execute) override {
    const EnvironmentSettings<E> settings = settings_for(agent.agent, warmup);
    const PhiloxRandom random{agent_seed(config_, agent.agent)};
    const EnvironmentsView<E> environments = environments_of(agent);
    if (config_.normalise_observations) fold_observations(agent, environments, vector_step);
    execute(chunk_count(config_.environments), [&](std::int64_t index, int thread) {
      const Chunk chunk = chunk_at(index, config_.environments);
      NetworkPass& pass = scratch_[static_cast<std::size_t>(thread)].pass;
      // A memory is of all observations, those of the warm-up too.
      if (!warmup || actor_layout_.cell) forward(agent, environments, chunk, thread);
      for (std::ptrdiff_t i = 0; i < chunk.count; ++i) {
        const std::int64_t environment = chunk.begin + i;
        float action[E::action_size];
        choose(settings, pass, i, environments, environment, vector_step, random, action);
        if (!warmup) note_saturation(pass, i, environments.totals[environment]);
        step_and_store(settings, environments, agent.replay, action, environment, vector_step,
                       random);
      }
    });
  }

  void act(const AgentForSteps& agent, std::int64_t vector_step, const Executor& execute) override {
    const EnvironmentSettings<E> settings = settings_for(agent.agent, false);
    const PhiloxRandom random{agent_seed(config_, agent.agent)};
    const EnvironmentsView<E> environments = environments_of(agent);
    execute(chunk_count(config_.environments), [&](std::int64_t index, int thread) {
      const Chunk chunk = chunk_at(index, config_.environments);
      NetworkPass& pass = scratch_[static_cast<std::size_t>(thread)].pass;
      forward(agent, environments, chunk, thread);
      for (std::ptrdiff_t i = 0; i < chunk.count; ++i) {
        choose(settings, pass, i, environments, chunk.begin + i, vector_step, random,
               last_action(agent.agent, chunk.begin + i));
      }
    });
  }

  void step_environments(const AgentForSteps& agent, std::int64_t vector_step,
                         const Executor& execute) override {
    const PhiloxRandom random{agent_seed(config_, agent.agent)};
    const EnvironmentsView<E> environments = environments_of(agent);
    execute(chunk_count(config_.environments), [&](std::int64_t index, int) {
      const Chunk chunk = chunk_at(index, config_.environments);
      for (std::int64_t environment = chunk.begin; environment < chunk.begin + chunk.count;
           ++environment) {
        const auto result = step_normalised<E>(
            settings_.parameters, environments.states[environment],
            last_action(agent.agent, environment),
            environment_random(random, environment, vector_step, Purpose::environment_step));
        environments.states[environment] = result.next;
        environments.episode_returns[environment] += static_cast<double>(result.reward);
      }
    });
  }

 private:
  struct Scratch {
    NetworkPass pass;
    PanelMatrix inputs;                       // [the actor's, chunk_columns]
    std::optional<EnvironmentMemory> memory;  // of a recurrent policy
  };

  EnvironmentSettings<E> settings_for(int agent, bool warmup) const {
    EnvironmentSettings<E> settings = settings_;
    settings.exploration = exploration_plan(config_, agent);
    settings.warmup = warmup;
    return settings;
  }

  EnvironmentsView<E> environments_of(const AgentForSteps& agent) const {
    TrainingState& state = agent.state;
    const std::size_t first =
        static_cast<std::size_t>(agent.agent) * static_cast<std::size_t>(config_.environments);
    return {reinterpret_cast<typename E::State*>(&state.environment_states[first * E::state_size]),
            &state.exploration_noise[first * E::action_size], &state.episode_steps[first],
            &state.episode_returns[first], agent.totals};
  }

  float* last_action(int agent, std::int64_t environment) {
    const std::int64_t first = static_cast<std::int64_t>(agent) * config_.environments;
    return &last_actions_[static_cast<std::size_t>((first + environment) * E::action_size)];
  }

  /// The moments of one feature over all environments.
  Moments moments_of_environments(const EnvironmentsView<E>& environments, int feature) const {
    const auto sum_over_environments = [&](const auto& term) {
      return double_sum_over_rows({config_.environments}, [&](int environment) {
        float observation[E::observation_size];
        E::observe(environments.states[environment], observation);
        return term(static_cast<double>(observation[feature]));
      });
    };
    const double mean =
        sum_over_environments([](double value) { return value; }) / config_.environments;
    return {mean, sum_over_environments(
                      [mean](double value) { return (value - mean) * (value - mean); })};
  }

  /// Adds the current observations to the agent's running moments, the environments in their order,
  /// and makes its normaliser from these.
  void fold_observations(const AgentForSteps& agent, const EnvironmentsView<E>& environments,
                         std::int64_t vector_step) const {
    const double added = static_cast<double>(config_.environments);
    const double count = static_cast<double>(vector_step) * added;
    auto at = static_cast<std::size_t>(agent.agent) * E::observation_size;
    for (int feature = 0; feature < E::observation_size; ++feature, ++at) {
      Moments& moments = agent.state.observation_moments[at];
      moments =
          merge_moments(count, moments, added, moments_of_environments(environments, feature));
      agent.normalisers.mean[at] = static_cast<float>(moments.mean);
      agent.normalisers.scale[at] = observation_scale(count + added, moments);
    }
  }

  /// The actor's output for the environments of a chunk, to the thread's scratch.
  void forward(const AgentForSteps& agent, const EnvironmentsView<E>& environments, Chunk chunk,
               int thread) {
    Scratch& scratch = scratch_[static_cast<std::size_t>(thread)];
    const ObservationNormaliser normalise =
        agent.normalisers.of_agent(agent.agent, E::observation_size);
    for (std::ptrdiff_t i = 0; i < chunk.count; ++i) {
      float observation[E::observation_size];
      E::observe(environments.states[chunk.begin + i], observation);
      for (int feature = 0; feature < E::observation_size; ++feature) {
        scratch.inputs(feature, i) = normalise(feature, observation[feature]);
      }
    }
    if (scratch.memory) scratch.memory->recall(agent, chunk, scratch.pass.cell(), scratch.inputs);
    scratch.pass.forward(agent.actor, {agent.actor_statistics}, scratch.inputs, {0, chunk.count});
    if (scratch.memory) scratch.memory->keep(agent, chunk, scratch.pass.cell());
  }

  void choose(const EnvironmentSettings<E>& settings, NetworkPass& pass, std::ptrdiff_t column,
              const EnvironmentsView<E>& environments, std::int64_t environment,
              std::int64_t vector_step, const PhiloxRandom& random, float* action) const {
    float policy_action[E::action_size];
    for (int i = 0; i < E::action_size; ++i) {
      policy_action[i] = pass.output()(i, column);
    }
    choose_action(settings, policy_action, environment, vector_step, random,
                  environments.exploration_noise + environment * E::action_size, action);
  }

  /// Of the actor's own output in a column of its pass.
  static void note_saturation(NetworkPass& pass, std::ptrdiff_t column, EpisodeTotals& totals) {
    float policy_action[E::action_size];
    for (int i = 0; i < E::action_size; ++i) policy_action[i] = pass.output()(i, column);
    polyak::note_saturation<E::action_size>(policy_action, totals);
  }

  Config config_;
  DerivedConfig derived_;
  NetworkLayout actor_layout_;
  EnvironmentSettings<E> settings_{};
  std::vector<Scratch> scratch_;     // [threads]
  std::vector<float> last_actions_;  // [agents, environments, action_size]
};

}  // namespace

std::unique_ptr<Collector> make_collector(const Config& config, int threads) {
  return visit_environment(config.environment, [&]<class E>() -> std::unique_ptr<Collector> {
    return std::make_unique<CollectorOf<E>>(config, threads);
  });
}

}  // namespace polyak::cpu
