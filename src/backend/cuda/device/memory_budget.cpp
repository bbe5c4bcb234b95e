#include "backend/cuda/device/memory_budget.hpp"

#include <algorithm>

namespace polyak::cuda {

void MemoryBudget::add(std::string_view purpose, MemorySize bytes) {
  const auto known = std::find_if(needs_.begin(), needs_.end(), [purpose](const MemoryNeed& need) {
    return need.what == purpose;
  });
  if (known != needs_.end()) {
    known->bytes = (bytes + known->bytes).count();
  } else {
    needs_.push_back({purpose, bytes.count()});
  }
}

}  // namespace polyak::cuda
