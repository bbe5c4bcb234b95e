#include "backend/cpu/episodes.hpp"

#include <algorithm>
#include <cstring>

#include "backend/cpu/network_pass.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak::cpu {
namespace {

/// Where a step of an episode is written down; nothing is written where there is no trajectory.
template <Environment E>
void record_step(Trajectories* trajectories, std::size_t episode, int step, int time_limit,
                 const float* normalised_action, const EnvironmentStep<typename E::State>& result) {
  if (!trajectories) return;
  const std::size_t at =
      episode * static_cast<std::size_t>(time_limit) + static_cast<std::size_t>(step);
  for (int i = 0; i < E::action_size; ++i) {
    trajectories->actions[at * E::action_size + static_cast<std::size_t>(i)] =
        action_offset<E>(i) + action_scale<E>(i) * normalised_action[i];
  }
  trajectories->rewards[at] = result.reward;
  trajectories->terminated[episode] = result.terminated;
  trajectories->lengths[episode] = step + 1;
  // One more state than steps: episode * (time_limit + 1) + step + 1.
  std::memcpy(&trajectories->states[(at + episode + 1) * E::state_size], &result.next,
              sizeof(result.next));
}

/// The episodes of one chunk of start states with one actor, in step with each other.
template <Environment E>
class EpisodeChunk {
 public:
  EpisodeChunk(const EpisodeRequest& request, int agent, Chunk chunk)
      : request_(request),
        actor_(request.actors.data() + agent * request.layout.stride),
        normalise_(request.normalisers.of_agent(agent, E::observation_size)),
        reward_scale_(request.reward_scale[agent]),
        chunk_(chunk),
        parameters_(parameters_from<E>(request.parameters)),
        pass_(request.layout, BatchShape::rows(chunk.count)),
        inputs_(request.layout.inputs(), chunk.count),
        states_(static_cast<std::size_t>(chunk.count)),
        return_sums_(static_cast<std::size_t>(chunk.count), 0.0),
        running_(static_cast<std::size_t>(chunk.count), 1) {
    std::memcpy(states_.data(),
                &request.starts[static_cast<std::size_t>(chunk.begin) * E::state_size],
                states_.size() * sizeof(typename E::State));
  }

  void run(float* returns, Trajectories* trajectories) {
    bool any_running = true;
    for (int step = 0; step < request_.time_limit && any_running; ++step) {
      act();
      any_running = false;
      for (std::size_t i = 0; i < states_.size(); ++i) {
        if (!running_[i]) continue;
        float action[E::action_size];
        for (int d = 0; d < E::action_size; ++d) {
          action[d] = pass_.output()(d, static_cast<std::ptrdiff_t>(i));
        }
        const auto result = step_normalised<E>(parameters_, states_[i], action, random_of(i, step));
        return_sums_[i] += static_cast<double>(result.reward);
        record_step<E>(trajectories, static_cast<std::size_t>(chunk_.begin) + i, step,
                       request_.time_limit, action, result);
        states_[i] = result.next;
        if (request_.layout.cell) remember(static_cast<std::ptrdiff_t>(i), action, result.reward);
        running_[i] = !result.terminated;
        any_running |= !result.terminated;
      }
    }
    for (std::size_t i = 0; i < return_sums_.size(); ++i) {
      returns[i] = static_cast<float>(return_sums_[i]);
    }
  }

 private:
  /// Of column i's episode, for every agent the same.
  EnvironmentRandom<PhiloxRandom> random_of(std::size_t i, int step) const {
    return environment_random(
        PhiloxRandom{request_.random.seed},
        request_.random.first_episode + chunk_.begin + static_cast<std::int64_t>(i), step,
        Purpose::evaluation_step);
  }

  void act() {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      float observation[E::observation_size];
      E::observe(states_[i], observation);
      for (int feature = 0; feature < E::observation_size; ++feature) {
        inputs_(feature, static_cast<std::ptrdiff_t>(i)) =
            normalise_(feature, observation[feature]);
      }
    }
    // The recurrent states of the episodes stay in the pass from step to step.
    pass_.forward(actor_, {}, inputs_, {0, chunk_.count});
  }

  /// What a recurrent actor sees of this step at the next one.
  void remember(std::ptrdiff_t column, const float* action, float reward) {
    for (int d = 0; d < E::action_size; ++d) inputs_(E::observation_size + d, column) = action[d];
    inputs_(E::observation_size + E::action_size, column) = reward_scale_ * reward;
  }

  const EpisodeRequest& request_;
  const float* actor_;
  ObservationNormaliser normalise_;
  float reward_scale_;
  Chunk chunk_;
  typename E::Parameters parameters_;
  NetworkPass pass_;
  PanelMatrix inputs_;  // [the actor's, columns]
  std::vector<typename E::State> states_;
  std::vector<double> return_sums_;  // over a million steps float32 loses one part in a hundred
  std::vector<char> running_;
};

template <Environment E>
std::vector<float> run_episodes(const EpisodeRequest& request, ThreadPool& pool,
                                Trajectories* trajectories) {
  const auto count = static_cast<std::ptrdiff_t>(request.starts.size()) / E::state_size;
  const auto agents = static_cast<std::int64_t>(request.actors.size()) / request.layout.stride;
  const std::int64_t chunks = chunk_count(count);
  std::vector<float> returns(static_cast<std::size_t>(agents * count));
  pool.parallel_for(agents * chunks, [&](std::int64_t index, int) {
    const std::int64_t agent = index / chunks;
    const Chunk chunk = chunk_at(index % chunks, count);
    EpisodeChunk<E> episodes(request, static_cast<int>(agent), chunk);
    episodes.run(returns.data() + agent * count + chunk.begin, trajectories);
  });
  return returns;
}

}  // namespace

std::vector<float> episode_returns(const EpisodeRequest& request, ThreadPool& pool) {
  return visit_environment(request.environment,
                           [&]<class E>() { return run_episodes<E>(request, pool, nullptr); });
}

Trajectories episode_trajectories(const EpisodeRequest& request, ThreadPool& pool) {
  return visit_environment(request.environment, [&]<class E>() {
    const std::size_t count = request.starts.size() / E::state_size;
    const std::size_t steps = count * static_cast<std::size_t>(request.time_limit);
    Trajectories trajectories;
    trajectories.lengths.assign(count, 0);
    trajectories.states.assign((steps + count) * E::state_size, 0.0f);
    trajectories.actions.assign(steps * E::action_size, 0.0f);
    trajectories.rewards.assign(steps, 0.0f);
    trajectories.terminated.assign(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t first = i * static_cast<std::size_t>(request.time_limit + 1);
      std::copy_n(&request.starts[i * E::state_size], E::state_size,
                  &trajectories.states[first * E::state_size]);
    }
    run_episodes<E>(request, pool, &trajectories);
    return trajectories;
  });
}

}  // namespace polyak::cpu
