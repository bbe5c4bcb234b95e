#include "backend/cuda/device/memory_budget.hpp"

#include <algorithm>

namespace polyak::cuda {

void MemoryBudget::add(std::string_view purpose, std::int64_t bytes) {
  const auto known = std::find_if(needs_.begin(), needs_.end(), [purpose](const MemoryNeed& need) {
    return need.what == purpose;
  });
  if (known != needs_.end()) {
    known->bytes += bytes;
  } else {
    needs_.push_back({purpose, bytes});
  }
}

std::int64_t MemoryBudget::total_bytes() const {
  std::int64_t total = 0;
  for (const MemoryNeed& need : needs_) total += need.bytes;
  return total;
}

}  // namespace polyak::cuda
