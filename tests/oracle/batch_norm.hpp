// Batch normalisation in double precision, from the formulas of Ioffe & Szegedy 2015 (arXiv
// 1502.03167, algorithms 1 and 2) and not from the project's code. Everything here runs whole
// batches in training mode; oracle::forward() is evaluation.
#pragma once

#include <vector>

#include "oracle/ddpg.hpp"
#include "oracle/network.hpp"

namespace polyak::oracle {

using Rows = std::vector<std::vector<double>>;  // [rows][features]

/// Whose mean and variance normalise.
enum class NormBy { batch, running };

/// What a batch's forward pass leaves, per layer.
struct BatchPass {
  std::vector<Rows> inputs, sums, preactivations;
  Rows output;
};
BatchPass batch_forward(const Network& network, Rows inputs, NormBy statistics);

/// Given dLoss/dOutput of every row, after a pass by the batch's statistics, adds dLoss/dParameters
/// to `gradient` and returns dLoss/dInput.
Rows batch_backward(const Network& network, const BatchPass& pass, Rows output_gradients,
                    Network& gradient);

/// The running statistics after such a pass: momentum is the share of the batch, whose variance is
/// estimated without bias.
void follow_batch(Network& network, const BatchPass& pass, double momentum);

/// As critic_loss() and actor_loss() (oracle/ddpg.hpp), with actor and critic in training mode; in
/// the actor's loss the critic may normalise by its running statistics.
double batch_critic_loss(const Network& critic, const Batch& batch,
                         const std::vector<double>& targets, Network& gradient);
double batch_actor_loss(const Network& actor, const Network& critic, const Batch& batch,
                        NormBy critic_statistics, Network& gradient);

/// What actor and critic see of a batch.
Rows observations_of(const Batch& batch);
Rows observations_and_actions_of(const Batch& batch);

}  // namespace polyak::oracle
