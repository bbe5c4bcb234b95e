#include "backend/cpu/network_learner.hpp"

#include <cmath>

namespace polyak::cpu {
namespace {

void regularise_all(const Regularisation& rule, std::int64_t count, float* gradient,
                    float* parameters) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < count; ++i) regularise(rule, gradient[i], parameters[i]);
}

void move_target(std::int64_t count, float tau, const float* parameters, float* target) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < count; ++i) target[i] += tau * (parameters[i] - target[i]);
}

/// Adam and, with tau, the target's Polyak step. The pointers are to `count` values each.
void adam_all(const LearningStep& step, std::int64_t count, const float* gradient,
              const NetworkView& at) {
  if (!step.tau) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < count; ++i) {
      adam_update(step.adam, gradient[i], at.parameters[i], at.first_moment[i],
                  at.second_moment[i]);
    }
    return;
  }
  const float tau = *step.tau;
#pragma GCC ivdep
  for (std::int64_t i = 0; i < count; ++i) {
    adam_update(step.adam, gradient[i], at.parameters[i], at.first_moment[i], at.second_moment[i]);
    at.target[i] += tau * (at.parameters[i] - at.target[i]);
  }
}

/// The sum of squares, in double: float32 has no room for them. Running sums enough to keep the
/// adders busy, then a tree: an order that no machine's registers change.
double sum_of_squares(const float* values, std::int64_t count) {
  constexpr std::int64_t running = 32;
  double sums[running] = {};
  const std::int64_t whole = count / running * running;
  for (std::int64_t first = 0; first < whole; first += running) {
    for (std::int64_t lane = 0; lane < running; ++lane) {
      const auto value = static_cast<double>(values[first + lane]);
      sums[lane] += value * value;
    }
  }
  for (std::int64_t i = whole; i < count; ++i) {
    sums[i - whole] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  }
  for (std::int64_t half = running / 2; half > 0; half /= 2) {
    for (std::int64_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  }
  return sums[0];
}

}  // namespace

NetworkLearner::NetworkLearner(const NetworkLayout& layout, const BatchShape& shape)
    : layout_(layout) {
  passes_.reserve(static_cast<std::size_t>(layout.networks));
  for (int network = 0; network < layout.networks; ++network) {
    passes_.emplace_back(layout, shape);
    for (const WeightTile& tile : weight_tiles(layout)) {
      tiles_.push_back({network, tile, passes_.back().gradient_pieces(tile)});
    }
  }
  squared_gradient_.resize(tiles_.size());
}

double NetworkLearner::learn(const NetworkView& networks, const LearningStep& step,
                             const Executor& execute) {
  const auto for_each_tile = [&](const auto& work) {
    execute(static_cast<std::int64_t>(tiles_.size()), [&](std::int64_t index, int) {
      work(static_cast<std::size_t>(index), tiles_[static_cast<std::size_t>(index)]);
    });
  };
  if (step.tau) move_target_statistics(networks, *step.tau);
  const bool clips = step.gradient_clip > 0.0f;
  for_each_tile([&](std::size_t index, const Tile& tile) {
    pass(tile.network).tile_gradient(tile.weights);
    double& sum = squared_gradient_[index] = 0.0;
    for (const GradientPiece& piece : tile.pieces) {
      sum += sum_of_squares(piece.gradient, piece.count);
    }
    if (!clips) learn_tile(networks, tile, step, 1.0f);
  });
  if (!clips) return mean_gradient_norm();
  std::vector<float> scales;
  for (int network = 0; network < layout_.networks; ++network) {
    scales.push_back(clipping_scale(squared_norm(network), step.gradient_clip));
  }
  for_each_tile([&](std::size_t, const Tile& tile) {
    learn_tile(networks, tile, step, scales[static_cast<std::size_t>(tile.network)]);
  });
  return mean_gradient_norm();
}

void NetworkLearner::move_targets(const NetworkView& networks, float tau) const {
  move_target(layout_.stride, tau, networks.parameters, networks.target);
  move_target_statistics(networks, tau);
}

/// The running statistics of targets follow as their parameters do (Stable-Baselines3, issue 996).
void NetworkLearner::move_target_statistics(const NetworkView& networks, float tau) const {
  move_target(layout_.statistics_stride, tau, networks.statistics, networks.target_statistics);
}

double NetworkLearner::squared_norm(int network) const {
  double sum = 0.0;
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    if (tiles_[i].network == network) sum += squared_gradient_[i];
  }
  return sum;
}

double NetworkLearner::mean_gradient_norm() const {
  double sum = 0.0;
  for (int network = 0; network < layout_.networks; ++network) {
    sum += std::sqrt(squared_norm(network));
  }
  return sum / layout_.networks;
}

void NetworkLearner::learn_tile(const NetworkView& networks, const Tile& tile,
                                const LearningStep& step, float gradient_scale) {
  const NetworkView network = one_network(networks, layout_, tile.network);
  const Regularisation rule = make_regularisation(gradient_scale, step.weight_decay,
                                                  step.decoupled_weight_decay, step.learning_rate);
  for (const GradientPiece& piece : tile.pieces) {
    NetworkView at = network;
    for (float** const pointer :
         {&at.parameters, &at.target, &at.first_moment, &at.second_moment}) {
      *pointer += piece.offset;
    }
    if (rule.is_needed()) regularise_all(rule, piece.count, piece.gradient, at.parameters);
    adam_all(step, piece.count, piece.gradient, at);
  }
}

}  // namespace polyak::cpu
