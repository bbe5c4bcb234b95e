// What the layered engine does for recurrent policies besides running their networks.
#include <utility>

#include "backend/cuda/device/check.hpp"
#include "backend/cuda/layered/layered_engine.hpp"
#include "config/derived.hpp"
#include "kernels/recurrent_streams.hpp"
#include "kernels/sequences.hpp"
#include "kernels/stored_states.hpp"

namespace polyak::cuda {

/// The streams' states outlive a step; sequences begin with zeros unless the replay stores states.
void LayeredEngine::begin_states(const Stream& stream) {
  const NetworkLayout& critic = training_.critic.layout;
  const int row_floats = stream_state_floats(config_);
  kernels::Matrices states = {training_.streams.recurrent_states.data(), row_floats,
                              std::int64_t{config_.environments} * row_floats};
  acting_.cell().keep_states_in(states);
  for (CellBuffers& buffers : buffers_.acting_critic_cells) {
    states.data += critic.cell->state_floats();
    acting_critic_cells_.emplace_back(critic, config_.agents, StepShape{config_.environments, 1, 1},
                                      std::move(buffers), operations_);
    acting_critic_cells_.back().keep_states_in(states);
  }
  for (NetworkPass* network : {&actor_, &target_actor_}) network->cell().clear_first_state(stream);
  for (auto* networks : {&critics_, &target_critics_}) {
    for (NetworkPass& network : *networks) network.cell().clear_first_state(stream);
  }
}

/// What recurrent networks see of the streams, as the actors see their observations; where the
/// replay stores states, the critics' follow.
void LayeredEngine::follow_streams(const kernels::ConstMatrices& observation) const {
  check(kernels::launch_recurrent_inputs({.agents = config_.agents,
                                          .streams = config_.environments,
                                          .replays = training_.replay.view(),
                                          .episode_steps = training_.streams.episode_steps.data(),
                                          .observation = observation,
                                          .returns = training_.settings.returns.data(),
                                          .input = buffers_.recurrent_input.view(),
                                          .state_floats = stream_state_floats(config_),
                                          .states = training_.streams.recurrent_states.data()},
                                         stream_),
        "launch_recurrent_inputs");
  std::vector<CellPass::Operands> cells;
  const float* parameters = training_.critic.parameters.data();
  for (const CellPass& cell : acting_critic_cells_) {
    cells.push_back({cell, parameters, buffers_.recurrent_input.view()});
    parameters += training_.critic.layout.network_floats;
  }
  CellPass::forward_together(cells);
}

void LayeredEngine::sample_sequences() const {
  check(kernels::launch_draw_sequences({.draws = draws(),
                                        .settings = sequence_settings(config_),
                                        .sequences = buffers_.sequences.data(),
                                        .learned_steps = buffers_.learned_steps.data(),
                                        .updates_copy = buffers_.updates.data()},
                                       stream_),
        "launch_draw_sequences");
  check(kernels::launch_gather_sequences({.agents = config_.agents,
                                          .batch = config_.batch_size,
                                          .replays = training_.replay.view(),
                                          .settings = sequence_settings(config_),
                                          .sequences = buffers_.sequences.data(),
                                          .returns = training_.settings.returns.data(),
                                          .normalisers = training_.normalisation.view(),
                                          .transition = buffers_.transition.view(),
                                          .next = buffers_.next.view(),
                                          .policy = buffers_.policy.view(),
                                          .reward = buffers_.reward.data(),
                                          .bootstrap_discount = buffers_.bootstrap_discount.data(),
                                          .weight = buffers_.weight.data(),
                                          .bootstrap_row = buffers_.bootstrap_row.data()},
                                         stream_),
        "launch_gather_sequences");
  if (stores_states(config_)) load_stored_states();
}

/// To where the cells of all networks begin, those of the targets too.
void LayeredEngine::load_stored_states() const {
  const CellLayout& cell = *training_.actor.layout.cell;
  std::vector<kernels::StateTarget> targets;
  const auto load_into = [&](const NetworkPass& network, std::size_t number) {
    const CellStates& states = network.cell().states();
    targets.push_back({static_cast<int>(number) * cell.state_floats(), states.hidden, states.cell});
  };
  load_into(actor_, 0);
  load_into(target_actor_, 0);
  for (std::size_t i = 0; i < critics_.size(); ++i) {
    load_into(critics_[i], i + 1);
    load_into(target_critics_[i], i + 1);
  }
  check(kernels::launch_load_states({.agents = config_.agents,
                                     .batch = config_.batch_size,
                                     .units = cell.units,
                                     .replays = training_.replay.view(),
                                     .sequences = buffers_.sequences.data(),
                                     .targets = targets},
                                    stream_),
        "launch_load_states");
}

}  // namespace polyak::cuda
