// A training between the device and the host.
#include <algorithm>
#include <string>

#include "backend/cuda/device/check.hpp"
#include "backend/cuda/training_arrays.hpp"
#include "backend/cuda/training_buffers.hpp"
#include "kernels/first_rows.hpp"
#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

void check_size(std::string_view name, std::size_t values, std::int64_t expected) {
  if (static_cast<std::int64_t>(values) == expected) return;
  throw RunError("a training state with " + std::to_string(values) + " values of " +
                 std::string(name) + " does not fit this configuration, which has " +
                 std::to_string(expected));
}

/// Everything of the state but the rows of the replay, which has been checked and written before.
void upload_all_but_rows(const TrainingState& state, int agents, const TrainingBuffers& training,
                         const Stream& stream) {
  visit_arrays(training, state,
               [&](std::string_view, ArrayOf, const auto& buffer, const auto& values) {
                 upload(buffer, values, stream);
               });
  upload(training.vector_steps, std::span(&state.vector_steps, 1), stream);
  upload(training.updates, std::span(&state.updates, 1), stream);
  zero(training.environments.totals, stream);
  zero(training.update_totals, stream);
  // The gaps between tensors have no gradient, and must not get one from memory's old contents.
  zero(training.actor.gradient, stream);
  zero(training.critic.gradient, stream);
  check(kernels::launch_count_closed_rows(agents, training.replay.view(), stream.get()),
        "launch_count_closed_rows");
  stream.synchronize();
}

void check_sizes(const TrainingState& state, const TrainingBuffers& training,
                 std::int64_t replay_floats) {
  visit_arrays(training, state,
               [](std::string_view name, ArrayOf, const auto& buffer, const auto& values) {
                 check_size(name, values.size(), buffer.size());
               });
  check_size("replay rows", state.replay_rows.size(), replay_floats);
}

}  // namespace

TrainingState download_state(const TrainingBuffers& training, const Stream& stream) {
  TrainingState state = download_state_without_rows(training, stream);
  state.replay_rows.resize(static_cast<std::size_t>(training.replay.rows.size()));
  download(state.replay_rows, training.replay.rows, stream);
  stream.synchronize();
  return state;
}

TrainingState download_state_without_rows(const TrainingBuffers& training, const Stream& stream) {
  TrainingState state;
  visit_arrays(training, state, [&](std::string_view, ArrayOf, const auto& buffer, auto& values) {
    values.resize(static_cast<std::size_t>(buffer.size()));
    download(values, buffer, stream);
  });
  std::int64_t counters[2] = {};
  download(std::span(counters).first(1), training.vector_steps, stream);
  download(std::span(counters).last(1), training.updates, stream);
  stream.synchronize();
  state.vector_steps = counters[0];
  state.updates = counters[1];
  return state;
}

void upload_state(const TrainingState& state, int agents, const TrainingBuffers& training,
                  const Stream& stream) {
  check_sizes(state, training, training.replay.rows.size());
  upload(training.replay.rows, state.replay_rows, stream);
  upload_all_but_rows(state, agents, training, stream);
}

void upload_state_without_rows(const TrainingState& state, int agents,
                               const TrainingBuffers& training, const Stream& stream) {
  check_sizes(state, training, 0);
  upload_all_but_rows(state, agents, training, stream);
}

void upload_first_state(const TrainingState& state, int agents, const TrainingBuffers& training,
                        const Stream& stream) {
  const std::int64_t floats =
      agents * training.replay.environments * training.replay.layout.floats();
  check_sizes(state, training, floats);
  zero(training.replay.rows, stream);
  const PinnedBuffer<float> first_rows(floats, "the first observations");
  std::copy(state.replay_rows.begin(), state.replay_rows.end(), first_rows.data());
  check(kernels::launch_store_first_rows(
            {.agents = agents, .rows = first_rows.data(), .replays = training.replay.view()},
            stream.get()),
        "launch_store_first_rows");
  upload_all_but_rows(state, agents, training, stream);
}

}  // namespace polyak::cuda
