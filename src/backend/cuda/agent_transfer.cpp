#include "backend/cuda/agent_transfer.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "backend/cuda/device/check.hpp"
#include "backend/cuda/training_arrays.hpp"
#include "kernels/agent_copies.hpp"
#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

using Pairs = std::vector<kernels::CopyAgents::Pair>;

template <class T>
std::int64_t bytes_of_agent(const DeviceBuffer<T>& buffer, int agents) {
  return buffer.bytes() / agents;
}

template <class T>
T* start_of_agent(const DeviceBuffer<T>& buffer, int agents, int agent) {
  return buffer.data() + agent * (buffer.size() / agents);
}

/// The same with the replay's rows.
template <class State, class Visitor>
void visit_arrays_and_rows(const TrainingBuffers& training, State& state, const Visitor& visitor) {
  visit_arrays(training, state, visitor);
  visitor("replay rows", ArrayOf::data, training.replay.rows, state.replay_rows);
}

/// Those pairs that concern what agents have learned, or what they have seen.
Pairs pairs_of(std::span<const AgentCopy> copies, ArrayOf array_of) {
  Pairs pairs;
  for (const AgentCopy& copy : copies) {
    if (!has_part(copy.part, array_of)) continue;
    pairs.push_back({copy.from, copy.to});
  }
  return pairs;
}

void count_closed_rows(const TrainingBuffers& training, int agents, const Stream& stream) {
  check(kernels::launch_count_closed_rows(agents, training.replay.view(), stream.get()),
        "launch_count_closed_rows");
}

}  // namespace

TrainingState download_agent(const TrainingBuffers& training, int agents, int agent, AgentPart part,
                             const Stream& stream) {
  TrainingState state;
  visit_arrays_and_rows(
      training, state, [&](std::string_view, ArrayOf array_of, const auto& buffer, auto& values) {
        if (!has_part(part, array_of)) return;
        values.resize(static_cast<std::size_t>(buffer.size() / agents));
        copy_bytes(values.data(), start_of_agent(buffer, agents, agent),
                   bytes_of_agent(buffer, agents), cudaMemcpyDeviceToHost, stream);
      });
  download(std::span(&state.vector_steps, 1), training.vector_steps, stream);
  download(std::span(&state.updates, 1), training.updates, stream);
  stream.synchronize();
  return state;
}

void upload_agent(const TrainingState& state, int agents, int agent,
                  const TrainingBuffers& training, const Stream& stream) {
  visit_arrays_and_rows(
      training, state,
      [&](std::string_view, ArrayOf array_of, const auto& buffer, const auto& values) {
        if (array_of == ArrayOf::data && values.empty()) return;
        if (static_cast<std::int64_t>(values.size()) != buffer.size() / agents) {
          throw RunError("an agent's state does not fit the population that it is to join");
        }
        copy_bytes(start_of_agent(buffer, agents, agent), values.data(),
                   bytes_of_agent(buffer, agents), cudaMemcpyHostToDevice, stream);
      });
  count_closed_rows(training, agents, stream);
  stream.synchronize();
}

void copy_agents(std::span<const AgentCopy> copies, int agents, const TrainingBuffers& training,
                 const Stream& stream) {
  const auto on_device = [&](const Pairs& pairs) {
    DeviceBuffer<kernels::CopyAgents::Pair> buffer;
    if (!pairs.empty()) buffer = {static_cast<std::int64_t>(pairs.size()), "pairs of agents"};
    upload(buffer, pairs, stream);
    stream.synchronize();
    return buffer;
  };
  const auto of_networks = on_device(pairs_of(copies, ArrayOf::networks));
  const auto of_data = on_device(pairs_of(copies, ArrayOf::data));
  TrainingState unused;
  visit_arrays_and_rows(
      training, unused, [&](std::string_view, ArrayOf array_of, const auto& buffer, const auto&) {
        const auto& pairs = array_of == ArrayOf::networks ? of_networks : of_data;
        constexpr std::int64_t word = sizeof(std::uint32_t);
        check(
            kernels::launch_copy_agents({.count = static_cast<int>(pairs.size()),
                                         .pairs = pairs.data(),
                                         .words = bytes_of_agent(buffer, agents) / word,
                                         .array = reinterpret_cast<std::uint32_t*>(buffer.data())},
                                        stream.get()),
            "launch_copy_agents");
      });
  count_closed_rows(training, agents, stream);
  stream.synchronize();
}

void keep_first_agents(TrainingBuffers& training, int agents, int kept) {
  const auto shorten = [&](auto& buffer) { buffer.shorten(buffer.size() / agents * kept); };
  TrainingState unused;
  visit_arrays(training, unused,
               [&](std::string_view, ArrayOf, auto& buffer, const auto&) { shorten(buffer); });
  shorten(training.replay.rows);
  shorten(training.replay.max_closed_rows);
  shorten(training.actor.gradient);
  shorten(training.critic.gradient);
  shorten(training.normalisation.mean);
  shorten(training.normalisation.scale);
  shorten(training.environments.totals);
  shorten(training.update_totals);
  shorten(training.episode_totals);
  shorten(training.bad_parameters);
}

}  // namespace polyak::cuda
