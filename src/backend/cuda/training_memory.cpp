#include "backend/cuda/training_memory.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

#include "backend/cuda/cuda_backend.hpp"
#include "backend/cuda/device_info.hpp"
#include "backend/cuda/engine.hpp"
#include "backend/cuda/training_buffers.hpp"
#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

std::string in_words(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f GiB", static_cast<double>(bytes) / 1073741824.0);
  return std::to_string(bytes) + " bytes (" + text + ")";
}

}  // namespace

MemoryBudget measure_training(const Config& config) {
  MemoryBudget budget(MemoryBudget::Mode::measure);
  const TrainingBuffers training(config, budget);
  measure_engine(config, budget);
  return budget;
}

void require_memory(const Config& config) {
  const MemoryBudget budget = measure_training(config);
  const std::int64_t available = available_memory();
  if (budget.total_bytes() <= available) return;
  const MemoryNeed largest =
      *std::max_element(budget.needs().begin(), budget.needs().end(),
                        [](const MemoryNeed& a, const MemoryNeed& b) { return a.bytes < b.bytes; });
  throw RunError("not enough memory on " + device_name() + ": this training needs " +
                 in_words(budget.total_bytes()) + ", mostly for " + std::string(largest.what) +
                 ", and " + in_words(available) +
                 " are available; use a smaller replay-capacity, fewer agents or environments, or "
                 "a smaller batch-size");
}

}  // namespace polyak::cuda

namespace polyak {

std::vector<MemoryNeed> cuda_memory_needs(const Config& config) {
  return cuda::measure_training(config).needs();
}

}  // namespace polyak
