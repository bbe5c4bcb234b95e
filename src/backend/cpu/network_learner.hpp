// How an agent's networks of one kind learn from their gradients, on the CPU.
#pragma once

#include <optional>
#include <vector>

#include "backend/cpu/agent_view.hpp"
#include "backend/cpu/executor.hpp"
#include "backend/cpu/network_pass.hpp"
#include "polyak/core/adam.hpp"

namespace polyak::cpu {

/// One step of learning.
struct LearningStep {
  AdamStep adam;
  float learning_rate;
  float weight_decay;
  bool decoupled_weight_decay;
  float gradient_clip;       // largest norm of a network's gradient; 0: no limit
  std::optional<float> tau;  // nothing: the targets stay where they are
};

/// The passes over a batch of an agent's networks of one kind, and what follows from them.
class NetworkLearner {
 public:
  NetworkLearner(const NetworkLayout& layout, const BatchShape& shape);

  int networks() const { return layout_.networks; }
  NetworkPass& pass(int network = 0) { return passes_[static_cast<std::size_t>(network)]; }

  /// After backward_to_parameters() of every chunk of `input` in every pass: the gradients over the
  /// batch,
  /// Adam, and the targets' Polyak step towards the new parameters. The target of a network is read
  /// next in the following update, so it may move as soon as its network has. Returns the norm of a
  /// network's gradient before clipping, the mean over the networks.
  double learn(const NetworkView& networks, const PanelMatrix& input, const LearningStep& step,
               const Executor& execute);

  /// The targets' Polyak step alone.
  void move_targets(const NetworkView& networks, float tau) const;

 private:
  struct Tile {
    int network;
    WeightTile weights;
    std::vector<GradientPiece> pieces;
    std::vector<std::int64_t> first_tiles;  // of each piece, TileOrder
  };
  void move_target_statistics(const NetworkView& networks, float tau) const;
  double squared_norm(int network) const;
  double mean_gradient_norm() const;
  void learn_tile(const NetworkView& networks, const Tile& tile, const LearningStep& step,
                  float gradient_scale);

  NetworkLayout layout_;
  std::vector<NetworkPass> passes_;           // [networks]
  std::vector<Tile> tiles_;                   // of all networks
  std::vector<std::vector<double>> squares_;  // [networks][tiles of TileOrder]
};

}  // namespace polyak::cpu
