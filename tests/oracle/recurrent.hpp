// Networks behind a recurrent cell in double precision, from PyTorch's definitions of LSTM and GRU
// (torch.nn.LSTM, torch.nn.GRU) and not from the project's code.
//
// A recurrent network is a Network whose first two layers are the cell's products: layer 0 makes
// W x + b of x = [observation | action before | reward before], layer 1 makes U h + b' of the
// hidden state. The layers behind them read [h | observation], and a critic's the action.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "oracle/ddpg.hpp"
#include "oracle/network.hpp"

namespace polyak::oracle {

/// What a cell carries from step to step: each [units]; `cell` is empty in a GRU.
struct CellState {
  std::vector<double> hidden, cell;
};
CellState zero_state(const Network& network);

/// One step of a cell, kept for the backward pass.
struct CellPass {
  CellState before, after;
  ForwardPass input, recurrent;  // the two products: [gates * units] each
};
CellPass cell_forward(const Network& network, const std::vector<double>& input,
                      const CellState& before);

/// Given dLoss/dState of the state after adds dLoss/dParameters to `gradient` and returns that of
/// the state before.
CellState cell_backward(const Network& network, const CellPass& pass, const CellState& after,
                        Network& gradient);

/// A whole sequence from a state on, or from zero.
std::vector<CellPass> run_cell(const Network& network,
                               const std::vector<std::vector<double>>& inputs, CellState state);
inline std::vector<CellPass> run_cell(const Network& network,
                                      const std::vector<std::vector<double>>& inputs) {
  return run_cell(network, inputs, zero_state(network));
}

/// Adds the gradient of the cell. Nothing goes back to the steps before `first`.
///   hidden_gradients  dLoss/dHidden by what reads the hidden state of each step: [steps][units]
void backward_through_time(const Network& network, const std::vector<CellPass>& passes,
                           const std::vector<std::vector<double>>& hidden_gradients,
                           std::size_t first, Network& gradient);

/// The layers behind the cell, and what they read.
std::span<const Layer> layers_of(const Network& network);
std::vector<double> layers_input(const CellPass& pass, const std::vector<double>& observation,
                                 const std::vector<double>& action = {});

/// A part of one episode. Its first `learned_from` steps are burn-in.
struct Sequence {
  std::vector<std::vector<double>> inputs;  // x of each step, those bootstrapped from included
  std::size_t learned_from;
  std::vector<Transition> learned;  // of the steps from learned_from on
  // Before the first step, of the actor and of the critics, their targets' too; empty: zero.
  std::vector<CellState> first_states = {};
};
using SequenceBatch = std::vector<Sequence>;

/// The batch with critic `number`'s states where the first critic's are.
SequenceBatch as_critic_sees(SequenceBatch batch, std::size_t number);

/// As for single transitions (oracle/ddpg.hpp), over all that are learnt from in the order of the
/// batch, with every network run over each whole sequence.
std::vector<double> bootstrap_targets(const Network& target_actor,
                                      const std::vector<Network>& target_critics,
                                      const SequenceBatch& batch, double discount,
                                      const std::vector<std::vector<double>>& noise);

/// mean (Q(o, a) - y)^2; adds its gradient, but for what would go through burn-in.
double critic_loss(const Network& critic, const SequenceBatch& batch,
                   const std::vector<double>& targets, Network& gradient);

/// -mean Q(o, actor(o)); adds its gradient with respect to the actor, but for what would go through
/// burn-in. The critic's own state is that of the actions taken.
double actor_loss(const Network& actor, const Network& critic, const SequenceBatch& batch,
                  Network& gradient);

}  // namespace polyak::oracle
