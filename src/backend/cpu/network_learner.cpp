#include "backend/cpu/network_learner.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "polyak/core/summation.hpp"

namespace polyak::cpu {
namespace {

void regularise_all(const Regularisation& rule, std::int64_t count, float* gradient,
                    float* parameters) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < count; ++i) regularise(rule, gradient[i], parameters[i]);
}

void move_target(std::int64_t count, float tau, const float* parameters, float* target) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < count; ++i)
    target[i] = polyak_average(target[i], parameters[i], tau);
}

/// Adam and, with tau, the target's Polyak step. The pointers are to `count` values each.
void adam_all(const LearningStep& step, std::int64_t count, const float* gradient,
              const NetworkView& at) {
  const AdamStep adam = step.adam;
  if (!step.tau) {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < count; ++i) {
      adam_update(adam, gradient[i], at.parameters[i], at.first_moment[i], at.second_moment[i]);
    }
    return;
  }
  const float tau = *step.tau;
#pragma GCC ivdep
  for (std::int64_t i = 0; i < count; ++i) {
    adam_update(adam, gradient[i], at.parameters[i], at.first_moment[i], at.second_moment[i]);
    at.target[i] = polyak_average(at.target[i], at.parameters[i], tau);
  }
}

/// A tile's columns.
typedef float TileRow
    __attribute__((vector_size(TileOrder::tile_columns * sizeof(float)), aligned(4), may_alias));
typedef double SquaredRow __attribute__((vector_size(TileOrder::tile_columns * sizeof(double))));

/// TileOrder::sum_of_squares() of a tile with `Rows` rows, `pitch` floats apart, and all columns.
/// Those that are missing, of 1 or of 16, are 0 and change nothing.
template <int Rows>
double sum_of_squares(const float* tile, std::int64_t pitch) {
  SquaredRow squares[Rows];
  for (int row = 0; row < Rows; ++row) {
    const auto values =
        __builtin_convertvector(*reinterpret_cast<const TileRow*>(tile + row * pitch), SquaredRow);
    squares[row] = values * values;
  }
  const SquaredRow sums = sum_of_lanes(squares);
  double columns[TileOrder::tile_columns];
  for (int column = 0; column < TileOrder::tile_columns; ++column) columns[column] = sums[column];
  return sum_of_lanes(columns);
}

/// The squares of the piece's tiles, the first of which is number `tile`.
void square_tiles(const GradientPiece& piece, std::int64_t tile, std::vector<double>& squares) {
  constexpr int rows = TileOrder::tile_rows, columns = TileOrder::tile_columns;
  for (std::int64_t row = 0; row < piece.rows; row += rows) {
    for (std::int64_t column = 0; column < piece.columns; column += columns, ++tile) {
      const float* const first = piece.gradient + row * piece.columns + column;
      const int height = static_cast<int>(std::min<std::int64_t>(rows, piece.rows - row));
      const int width = static_cast<int>(std::min<std::int64_t>(columns, piece.columns - column));
      double& sum = squares[static_cast<std::size_t>(tile)];
      if (width == columns && height == rows) {
        sum = sum_of_squares<rows>(first, piece.columns);
      } else if (width == columns && height == 1) {
        sum = sum_of_squares<1>(first, piece.columns);
      } else if (height == rows && piece.columns == 1) {
        // Sixteen times one have the tree of two times eight, and sixteen times four of eight times
        // eight: their halves are the same.
        sum = sum_of_squares<2>(first, columns);
      } else if (height == rows && piece.columns == 4) {
        sum = sum_of_squares<8>(first, columns);
      } else {
        sum = TileOrder::sum_of_squares(height, width,
                                        [&](int i, int j) { return first[i * piece.columns + j]; });
      }
    }
  }
}

/// The number of a piece's first tile.
std::int64_t first_tile(std::span<const ParameterMatrix> matrices, const GradientPiece& piece) {
  for (const ParameterMatrix& matrix : matrices) {
    const std::int64_t within = piece.offset - matrix.offset;
    if (within < 0 || within >= matrix.rows * matrix.columns) continue;
    return matrix.first_tile + TileOrder::tiles(within / matrix.columns, matrix.columns);
  }
  throw std::logic_error("a gradient without parameters");
}

}  // namespace

NetworkLearner::NetworkLearner(const NetworkLayout& layout, const BatchShape& shape)
    : layout_(layout) {
  const std::vector<ParameterMatrix> matrices = parameter_matrices(layout);
  passes_.reserve(static_cast<std::size_t>(layout.networks));
  for (int network = 0; network < layout.networks; ++network) {
    passes_.emplace_back(layout, shape);
    squares_.emplace_back(static_cast<std::size_t>(tile_count(matrices)));
    for (const WeightTile& tile : weight_tiles(layout)) {
      Tile work{network, tile, passes_.back().gradient_pieces(tile), {}};
      for (const GradientPiece& piece : work.pieces) {
        work.first_tiles.push_back(first_tile(matrices, piece));
      }
      tiles_.push_back(std::move(work));
    }
  }
}

double NetworkLearner::learn(const NetworkView& networks, const PanelMatrix& input,
                             const LearningStep& step, const Executor& execute) {
  const auto for_each_tile = [&](const auto& work) {
    execute(static_cast<std::int64_t>(tiles_.size()),
            [&](std::int64_t index, int) { work(tiles_[static_cast<std::size_t>(index)]); });
  };
  if (step.tau) move_target_statistics(networks, *step.tau);
  const bool clips = step.gradient_clip > 0.0f;
  for_each_tile([&](const Tile& tile) {
    pass(tile.network).tile_gradient(input, tile.weights);
    for (std::size_t i = 0; i < tile.pieces.size(); ++i) {
      square_tiles(tile.pieces[i], tile.first_tiles[i],
                   squares_[static_cast<std::size_t>(tile.network)]);
    }
    if (!clips) learn_tile(networks, tile, step, 1.0f);
  });
  if (!clips) return mean_gradient_norm();
  std::vector<float> scales;
  for (int network = 0; network < layout_.networks; ++network) {
    scales.push_back(clipping_scale(squared_norm(network), step.gradient_clip));
  }
  for_each_tile([&](const Tile& tile) {
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
  const std::vector<double>& squares = squares_[static_cast<std::size_t>(network)];
  return TileOrder::sum_over_tiles(
      static_cast<std::int64_t>(squares.size()),
      [&](std::int64_t tile) { return squares[static_cast<std::size_t>(tile)]; });
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
    if (rule.is_needed()) regularise_all(rule, piece.count(), piece.gradient, at.parameters);
    adam_all(step, piece.count(), piece.gradient, at);
  }
}

}  // namespace polyak::cpu
