#include "backend/remote/remote_backend.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace polyak {
namespace {

class RemoteBackend final : public Backend {
 public:
  RemoteBackend(std::shared_ptr<Peer> peer, const Config& share)
      : peer_(std::move(peer)), number_(peer_->call<int>(Command::make, share)) {}

  ~RemoteBackend() override {
    try {
      call(Command::remove);
    } catch (const std::exception&) {
      // Whatever is wrong with it has been, or will be, reported by what it was needed for.
    }
  }

  std::string description() const override { return call<std::string>(Command::description); }

  void advance(std::int64_t iterations) override { call(Command::advance, iterations); }

  std::vector<AgentMetrics> metrics() override {
    return call<std::vector<AgentMetrics>>(Command::metrics);
  }

  std::vector<float> evaluate(std::span<const float> starts, EpisodeRandom random) override {
    return call<std::vector<float>>(Command::evaluate, starts, random);
  }
  void require_evaluation_memory(std::int64_t starts) override {
    call(Command::require_evaluation_memory, starts);
  }

  TrainingState export_state() override { return call<TrainingState>(Command::export_state); }
  void import_state(const TrainingState& state) override { call(Command::import_state, state); }
  TrainingState export_state_without_rows() override {
    return call<TrainingState>(Command::export_state_without_rows);
  }
  void import_state_without_rows(const TrainingState& state) override {
    call(Command::import_state_without_rows, state);
  }

  void read_rows(std::int64_t first, std::span<float> values) override {
    const auto rows = call<std::vector<float>>(Command::read_rows, first,
                                               static_cast<std::int64_t>(values.size()));
    std::copy(rows.begin(), rows.end(), values.begin());
  }
  void write_rows(std::int64_t first, std::span<const float> values) override {
    call(Command::write_rows, first, values);
  }

  TrainingState export_agent(int agent, AgentPart part) override {
    return call<TrainingState>(Command::export_agent, agent, part);
  }
  void import_agent(int agent, const TrainingState& state) override {
    call(Command::import_agent, agent, state);
  }
  void copy_agents(std::span<const AgentCopy> copies) override {
    call(Command::copy_agents, copies);
  }
  void reconfigure(const Config& config) override { call(Command::reconfigure, config); }

  std::vector<float> actor_parameters() override {
    return call<std::vector<float>>(Command::actor_parameters);
  }
  std::vector<float> actor_statistics() override {
    return call<std::vector<float>>(Command::actor_statistics);
  }
  ObservationNormalisers observation_normalisers() override {
    return call<ObservationNormalisers>(Command::observation_normalisers);
  }

  bool has_phase(Phase phase) const override { return call<bool>(Command::has_phase, phase); }
  void run_phase(Phase phase, std::int64_t repetitions) override {
    call(Command::run_phase, phase, repetitions);
  }

 private:
  template <class Answer = void, class... Arguments>
  Answer call(Command command, const Arguments&... arguments) const {
    return peer_->call<Answer>(command, number_, arguments...);
  }

  std::shared_ptr<Peer> peer_;
  int number_;  // which of its back ends
};

}  // namespace

ShardPlace remote_place(std::shared_ptr<Peer> peer, const Config& config) {
  return {config.device, config.threads,
          [peer](const Config& share) { peer->call(Command::require_memory, share); },
          [peer](const Config& share) { return std::make_unique<RemoteBackend>(peer, share); }};
}

}  // namespace polyak
