#include "backend/cpu/column_sums.hpp"

#include <algorithm>

namespace polyak::cpu {
namespace {

/// Four rows or four columns: whatever the machine's registers are, four of its rows can be
/// transposed with a few instructions, and then one column after the other is added.
typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));
constexpr std::ptrdiff_t four = 4;

Four load_four(const float* from) { return *reinterpret_cast<const Four*>(from); }

/// Adds the columns of the rows r0 to r3 from the first to the last.
void add_columns(Four r0, Four r1, Four r2, Four r3, Four& sum) {
  const Four low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
  const Four low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
  const Four high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
  const Four high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
  sum += __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  sum += __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  sum += __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  sum += __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

/// The sums of 4 * `Quads` rows from `row`: as many chains of additions side by side as hide their
/// latency. `at(row, column)` gives four neighbouring columns. Rows beyond the last repeat it.
template <int Quads, class FourAt>
void sum_rows(const BatchShape& shape, std::ptrdiff_t row, std::ptrdiff_t row_end, float* sums,
              const FourAt& at) {
  const std::ptrdiff_t columns = round_up(shape.used_columns(), four);
  std::ptrdiff_t rows[four * Quads];
  for (std::ptrdiff_t i = 0; i < four * Quads; ++i) rows[i] = std::min(row + i, row_end - 1);
  Four totals[Quads] = {};
  for (std::ptrdiff_t begin = 0; begin < columns; begin += shape.group_columns()) {
    const std::ptrdiff_t end = std::min(begin + shape.group_columns(), columns);
    Four group[Quads] = {};
    for (std::ptrdiff_t column = begin; column < end; column += four) {
      for (int quad = 0; quad < Quads; ++quad) {
        const std::ptrdiff_t* r = rows + four * quad;
        add_columns(at(r[0], column), at(r[1], column), at(r[2], column), at(r[3], column),
                    group[quad]);
      }
    }
    for (int quad = 0; quad < Quads; ++quad) totals[quad] += group[quad];
  }
  for (std::ptrdiff_t i = 0; i < std::min(four * Quads, row_end - row); ++i) {
    sums[row + i] = totals[i / four][i % four];
  }
}

template <class FourAt>
void sum_in_order(const BatchShape& shape, std::ptrdiff_t row, std::ptrdiff_t row_end, float* sums,
                  const FourAt& at) {
  for (; row_end - row > four; row += 2 * four) sum_rows<2>(shape, row, row_end, sums, at);
  if (row < row_end) sum_rows<1>(shape, row, row_end, sums, at);
}

}  // namespace

void sum_columns(const PanelMatrix& values, const BatchShape& shape, std::ptrdiff_t row_begin,
                 std::ptrdiff_t row_end, float* sums) {
  sum_in_order(shape, row_begin, row_end, sums, [&](std::ptrdiff_t row, std::ptrdiff_t column) {
    return load_four(&values(row, column));
  });
}

void sum_products(const PanelMatrix& values, const PanelMatrix& factors, const BatchShape& shape,
                  std::ptrdiff_t row_begin, std::ptrdiff_t row_end, float* sums) {
  sum_in_order(shape, row_begin, row_end, sums, [&](std::ptrdiff_t row, std::ptrdiff_t column) {
    return load_four(&values(row, column)) * load_four(&factors(row, column));
  });
}

}  // namespace polyak::cpu
