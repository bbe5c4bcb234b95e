#include "backend/cuda/layered/batch_matrix.hpp"

#include <algorithm>

#include "agent/agent.hpp"

namespace polyak::cuda {
namespace {

std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace

BatchMatrix::BatchMatrix(int agents, std::int64_t rows, int columns, std::string_view purpose,
                         MemoryBudget& budget)
    : leading_dimension_(columns <= 2 ? std::max(columns, 1) : round_up(columns, 4)),
      agent_stride_(round_up(rows * leading_dimension_, parameter_alignment)) {
  buffer_ = budget.buffer<float>(MemorySize(agents) * agent_stride_, purpose);
}

}  // namespace polyak::cuda
