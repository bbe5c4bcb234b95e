// What the updates of one agent add up to on the device.
#pragma once

#include <cstdint>

#include "polyak/core/float_range.hpp"
#include "polyak/core/host_device.hpp"

namespace polyak::kernels {

/// The codes of polyak::Quantity (polyak/metrics.hpp) that the loss kernels report.
enum class LossQuantity : std::int32_t { none = 0, critic_loss = 1, actor_loss = 2 };

/// Sums since somebody last set them to zero, which all-zero bytes do.
struct UpdateTotals {
  double critic_loss_sum;           // of each update's mean squared temporal-difference error
  double actor_loss_sum;            // of each update's -mean Q(s, actor(s))
  double mean_q_sum;                // of each update's mean Q(s, a)
  double critic_gradient_norm_sum;  // of each update's mean over the critics
  double actor_gradient_norm_sum;
  std::int64_t critic_updates;       // losses in critic_loss_sum
  std::int64_t actor_updates;        // losses in actor_loss_sum
  std::int64_t non_finite_update;    // number (1 for the first) of the update that first ...
  LossQuantity non_finite_quantity;  // ... had a loss that was NaN or infinite; none: all finite
};

/// Notes the loss of update `update`, counted from 0, if it is the first that is not finite.
POLYAK_HOST_DEVICE void note_if_not_finite(double loss, LossQuantity quantity, std::int64_t update,
                                           UpdateTotals& totals) {
  if (is_in_float_range(loss) || totals.non_finite_quantity != LossQuantity::none) return;
  totals.non_finite_quantity = quantity;
  totals.non_finite_update = update + 1;
}

}  // namespace polyak::kernels
