#include "trainer/resumable_config.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/fields.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// In fp32 the GPU's own products are what `auto` takes, and have the CPU's bits.
bool has_own_products(const Config& config) {
  return config.precision == Precision::fp32 && config.matrix_product != MatrixProduct::cublas;
}

/// UsageError if a longer training would have been another one from the beginning.
void require_longer(const Config& saved, const Config& wanted) {
  if (wanted.total_steps == saved.total_steps) return;
  const std::string longer = "--total-steps " + std::to_string(wanted.total_steps) + ": ";
  if (wanted.total_steps < saved.total_steps) {
    throw UsageError(longer + "a training that goes on cannot become shorter than its " +
                     std::to_string(saved.total_steps));
  }
  if (saved.learning_rate_decay != LearningRateDecay::constant) {
    throw UsageError(longer + "the learning rates fall to zero at step " +
                     std::to_string(saved.total_steps) +
                     " (--learning-rate-decay); in a longer training they would have been others "
                     "from the beginning");
  }
  for (int agent = 0; agent < saved.agents; ++agent) {
    if (saved.noise_scale_final[agent] < 0.0f || saved.noise_decay_steps[agent] > 0) continue;
    throw UsageError(longer + "--noise-scale-final is reached at step " +
                     std::to_string(saved.total_steps) +
                     "; in a longer training the noise would have been another from the beginning, "
                     "unless begun with --noise-decay-steps");
  }
}

}  // namespace

void require_resumable(const Config& saved, const Config& wanted) {
  constexpr std::array free = {"device", "engine", "threads", "total-steps"};
  std::map<std::string_view, std::vector<std::string>> before;
  visit_fields(saved, [&](const FieldInfo& field, const auto& value) {
    before.emplace(field.name, field_texts(value));
  });
  visit_fields(wanted, [&](const FieldInfo& field, const auto& value) {
    if (std::find(free.begin(), free.end(), field.name) != free.end()) return;
    const bool products = field.name == field_name(&Config::matrix_product);
    if (products && has_own_products(saved) && has_own_products(wanted)) return;
    const std::vector<std::string>& old = before[field.name];
    if (field_texts(value) == old) return;
    throw UsageError("--" + std::string(field.name) +
                     ": cannot change in a training that goes on; "
                     "so far it was " +
                     (old.empty() ? "nothing" : join_text(old, ",")));
  });
  require_longer(saved, wanted);
}

Config executed_as(Config saved, const Config& execution) {
  saved.device = execution.device;
  saved.engine = execution.engine;
  saved.threads = execution.threads;
  return saved;
}

}  // namespace polyak
