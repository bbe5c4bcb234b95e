#include "backend/sharded/sharded_backend.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>

#include "agent/agent_arrays.hpp"
#include "backend/checks/memory_check.hpp"
#include "backend/sharded/shard_thread.hpp"
#include "config/derived.hpp"

namespace polyak {
namespace {

/// A share that is being trained.
struct Shard {
  ShardPlace place;
  AgentRange agents;                         // of the whole population
  std::unique_ptr<Backend> backend = {};     // of these agents, the first of which it calls 0
  std::unique_ptr<ShardThread> thread = {};  // the first one's is the caller's
};

template <class Value>
std::vector<Value> joined(const std::vector<std::vector<Value>>& parts) {
  std::vector<Value> all;
  for (const std::vector<Value>& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// "2 x A + B" of A, A and B.
std::string counted_in_turn(const std::vector<std::string>& descriptions) {
  std::string text;
  for (auto begin = descriptions.begin(); begin != descriptions.end();) {
    const auto end = std::find_if(begin, descriptions.end(),
                                  [&](const std::string& other) { return other != *begin; });
    const auto count = end - begin;
    text += (text.empty() ? "" : " + ") + (count > 1 ? std::to_string(count) + " x " : "") + *begin;
    begin = end;
  }
  return text;
}

class ShardedBackend final : public Backend {
 public:
  ShardedBackend(const Config& config, std::vector<ShardPlace> places)
      : agents_(config.agents),
        floats_per_agent_(config.environments * derive(config).rows_per_environment *
                          row_layout(config).floats()) {
    const std::vector<AgentRange> ranges = ranges_at(config, places.size());
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      shards_.push_back({std::move(places[i]), ranges[i]});
      if (i > 0) shards_.back().thread = std::make_unique<ShardThread>();
    }
    for_each_shard([&](Shard& shard) { shard.place.require_memory(share(config, shard)); });
    for_each_shard([&](Shard& shard) { shard.backend = shard.place.make(share(config, shard)); });
  }

  std::string description() const override {
    std::vector<std::string> descriptions;
    for (const Shard& shard : shards_) descriptions.push_back(shard.backend->description());
    return counted_in_turn(descriptions);
  }

  void advance(std::int64_t iterations) override {
    for_each_shard([&](Shard& shard) { shard.backend->advance(iterations); });
  }

  std::vector<AgentMetrics> metrics() override {
    return joined(ask([](Backend& backend) { return backend.metrics(); }));
  }

  std::vector<float> evaluate(std::span<const float> starts, EpisodeRandom random) override {
    return joined(ask([&](Backend& backend) { return backend.evaluate(starts, random); }));
  }

  void require_evaluation_memory(std::int64_t starts) override {
    polyak::require_evaluation_memory(agents_, starts);
    for_each_shard([&](Shard& shard) { shard.backend->require_evaluation_memory(starts); });
  }

  TrainingState export_state() override {
    return join_agents(ask([](Backend& backend) { return backend.export_state(); }));
  }
  void import_state(const TrainingState& state) override {
    for_each_shard([&](Shard& shard) {
      shard.backend->import_state(agents_of(state, agents_, shard.agents));
    });
  }

  TrainingState export_state_without_rows() override {
    return join_agents(ask([](Backend& backend) { return backend.export_state_without_rows(); }));
  }
  void import_state_without_rows(const TrainingState& state) override {
    for_each_shard([&](Shard& shard) {
      shard.backend->import_state_without_rows(agents_of(state, agents_, shard.agents));
    });
  }

  void read_rows(std::int64_t first, std::span<float> values) override {
    visit_rows(first, values, [](Backend& backend, std::int64_t own_first, std::span<float> own) {
      backend.read_rows(own_first, own);
    });
  }
  void write_rows(std::int64_t first, std::span<const float> values) override {
    visit_rows(first, values,
               [](Backend& backend, std::int64_t own_first, std::span<const float> own) {
                 backend.write_rows(own_first, own);
               });
  }

  TrainingState export_agent(int agent, AgentPart part) override {
    const Place place = place_of(agent);
    return place.backend().export_agent(place.agent, part);
  }
  void import_agent(int agent, const TrainingState& state) override {
    const Place place = place_of(agent);
    place.backend().import_agent(place.agent, state);
  }

  void copy_agents(std::span<const AgentCopy> copies) override {
    // Each shard's own, which need not leave it, at the same time; then those between shards.
    std::vector<std::vector<AgentCopy>> own(shards_.size());
    std::vector<AgentCopy> between;
    for (const AgentCopy& copy : copies) {
      const Place from = place_of(copy.from), to = place_of(copy.to);
      if (from.shard == to.shard) {
        own[index_of(*from.shard)].push_back({from.agent, to.agent, copy.part});
      } else {
        between.push_back(copy);
      }
    }
    for_each_shard([&](Shard& shard) {
      const std::vector<AgentCopy>& inside = own[index_of(shard)];
      if (!inside.empty()) shard.backend->copy_agents(inside);
    });
    for (const AgentCopy& copy : between) {
      import_agent(copy.to, export_agent(copy.from, copy.part));
    }
  }

  void reconfigure(const Config& config) override {
    const std::vector<AgentRange> ranges = ranges_at(config, shards_.size());
    // No shard grows when the population shrinks, and every agent moves to the same place or to one
    // further on: from the last agent on, nobody is overwritten who has yet to move.
    for (std::size_t i = ranges.size(); i-- > 0;) {
      for (int own = ranges[i].count; own-- > 0;) {
        move_agent(ranges[i].first + own, {&shards_[i], own});
      }
    }
    shards_.erase(shards_.begin() + static_cast<std::ptrdiff_t>(ranges.size()), shards_.end());
    agents_ = config.agents;
    for (std::size_t i = 0; i < ranges.size(); ++i) shards_[i].agents = ranges[i];
    for_each_shard([&](Shard& shard) { shard.backend->reconfigure(share(config, shard)); });
  }

  std::vector<float> actor_parameters() override {
    return joined(ask([](Backend& backend) { return backend.actor_parameters(); }));
  }
  std::vector<float> actor_statistics() override {
    return joined(ask([](Backend& backend) { return backend.actor_statistics(); }));
  }
  ObservationNormalisers observation_normalisers() override {
    ObservationNormalisers all;
    for (const ObservationNormalisers& own :
         ask([](Backend& backend) { return backend.observation_normalisers(); })) {
      all.mean.insert(all.mean.end(), own.mean.begin(), own.mean.end());
      all.scale.insert(all.scale.end(), own.scale.begin(), own.scale.end());
    }
    return all;
  }

  bool has_phase(Phase phase) const override {
    return std::all_of(shards_.begin(), shards_.end(),
                       [phase](const Shard& shard) { return shard.backend->has_phase(phase); });
  }
  void run_phase(Phase phase, std::int64_t repetitions) override {
    for_each_shard([&](Shard& shard) { shard.backend->run_phase(phase, repetitions); });
  }

 private:
  /// An agent in its shard.
  struct Place {
    Shard* shard;
    int agent;  // there
    Backend& backend() const { return *shard->backend; }
    bool operator==(const Place&) const = default;
  };

  static Config share(const Config& config, const Shard& shard) {
    return share_at(shard.place, config, shard.agents);
  }

  std::size_t index_of(const Shard& shard) const {
    return static_cast<std::size_t>(&shard - shards_.data());
  }

  Place place_of(int agent) {
    const auto shard =
        std::find_if(shards_.begin(), shards_.end(), [agent](const Shard& candidate) {
          return agent < candidate.agents.first + candidate.agents.count;
        });
    return {&*shard, agent - shard->agents.first};
  }

  /// Calls work(shard) for all at once, the first one's in this thread, and waits for all. Throws
  /// what the first that failed threw.
  template <class Work>
  void for_each_shard(const Work& work) {
    for (std::size_t i = 1; i < shards_.size(); ++i) {
      shards_[i].thread->begin([&work, &shard = shards_[i]] { work(shard); });
    }
    std::exception_ptr failure;
    try {
      work(shards_.front());
    } catch (...) {
      failure = std::current_exception();
    }
    for (std::size_t i = 1; i < shards_.size(); ++i) {
      const std::exception_ptr other = shards_[i].thread->finish();
      if (!failure) failure = other;
    }
    if (failure) std::rethrow_exception(failure);
  }

  /// The answers of all shards, in order.
  template <class Question, class Answer = std::invoke_result_t<Question, Backend&>>
  std::vector<Answer> ask(const Question& question) {
    std::vector<Answer> answers(shards_.size());
    for_each_shard([&](Shard& shard) { answers[index_of(shard)] = question(*shard.backend); });
    return answers;
  }

  /// Calls visit(backend, first, values) for the part of the replay's rows that each shard has.
  template <class Value, class Visitor>
  void visit_rows(std::int64_t first, std::span<Value> values, const Visitor& visit) {
    const std::int64_t end = first + static_cast<std::int64_t>(values.size());
    for (const Shard& shard : shards_) {
      const std::int64_t shard_first = shard.agents.first * floats_per_agent_;
      const std::int64_t begin = std::max(first, shard_first);
      const std::int64_t count =
          std::min(end, shard_first + shard.agents.count * floats_per_agent_) - begin;
      if (count <= 0) continue;
      visit(
          *shard.backend, begin - shard_first,
          values.subspan(static_cast<std::size_t>(begin - first), static_cast<std::size_t>(count)));
    }
  }

  void move_agent(int agent, const Place& to) {
    const Place from = place_of(agent);
    if (from == to) return;
    if (from.shard == to.shard) {
      const AgentCopy copy{from.agent, to.agent};
      to.backend().copy_agents({&copy, 1});
    } else {
      to.backend().import_agent(to.agent,
                                from.backend().export_agent(from.agent, AgentPart::everything));
    }
  }

  int agents_;
  std::int64_t floats_per_agent_;  // of the replay
  std::vector<Shard> shards_;      // in the order of their agents
};

}  // namespace

std::unique_ptr<Backend> make_sharded_backend(const Config& config,
                                              std::vector<ShardPlace> places) {
  if (places.size() == 1)
    return places.front().make(share_at(places.front(), config, {0, config.agents}));
  return std::make_unique<ShardedBackend>(config, std::move(places));
}

}  // namespace polyak
