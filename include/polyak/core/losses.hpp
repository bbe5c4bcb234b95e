// What the critics and the actor learn from: the losses of DDPG (Lillicrap et al. 2015, arXiv
// 1509.02971, algorithm 1) with the parts of TD3 (Fujimoto et al. 2018, arXiv 1802.09477, algorithm
// 1), one row of a batch at a time, shared by CPU and GPU.
#pragma once

#include <cmath>

#include "polyak/core/exploration.hpp"
#include "polyak/core/host_device.hpp"

namespace polyak {

/// Target policy smoothing (TD3, section 5.3): the target actor's normalised `action` with clipped
/// noise, given one standard normal value.
POLYAK_HOST_DEVICE float smooth_action(float action, float scale, float largest, float normal) {
  const float noise = scale * normal;
  return clip_action(action + (noise < -largest ? -largest : noise > largest ? largest : noise));
}

/// The smaller of two critics' values. NaN if one of them is, so that it is found.
POLYAK_HOST_DEVICE float smaller_value(float a, float b) { return a < b || std::isnan(a) ? a : b; }

/// y = reward + discount * next_value. Where the discount is zero, as after a termination, the next
/// value is ignored, even if it is infinite or NaN.
POLYAK_HOST_DEVICE float td_target(float reward, float discount, float next_value) {
  return discount == 0.0f ? reward : fmaf(discount, next_value, reward);
}

/// Sums over rows of a batch, from which the mean loss and the mean value Q follow.
struct LossSums {
  double loss = 0.0;
  double value = 0.0;

  POLYAK_HOST_DEVICE LossSums& operator+=(const LossSums& more) {
    loss += more.loss;
    value += more.value;
    return *this;
  }
};

/// One row of a batch: dL/dQ of a loss that is a mean over rows, and what the row adds to the sums.
/// A row that is not learnt from is LossRow{}.
struct LossRow {
  float gradient = 0.0f;
  LossSums sums;
};

/// dL/dQ divided by Q - y, of the critic's loss L = mean (Q - y)^2.
POLYAK_HOST_DEVICE float critic_gradient_scale(int rows) { return 2.0f / static_cast<float>(rows); }

/// A row of the critic's loss; `scale` is critic_gradient_scale() of the rows that the mean is
/// over.
POLYAK_HOST_DEVICE LossRow critic_loss_row(float value, float target, float scale) {
  const float error = value - target;
  const double square = static_cast<double>(error) * static_cast<double>(error);
  return {scale * error, {square, static_cast<double>(value)}};
}

/// dL/dQ of the actor's loss L = -mean Q: the same for every row.
POLYAK_HOST_DEVICE float actor_loss_gradient(int rows) { return -1.0f / static_cast<float>(rows); }

/// A row of the actor's loss; `gradient` is actor_loss_gradient() of the rows that the mean is
/// over.
POLYAK_HOST_DEVICE LossRow actor_loss_row(float value, float gradient) {
  return {gradient, {-static_cast<double>(value), static_cast<double>(value)}};
}

}  // namespace polyak
