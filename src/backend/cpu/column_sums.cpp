#include "backend/cpu/column_sums.hpp"

#include <algorithm>

#include "backend/cpu/four_columns.hpp"
#include "backend/cpu/unrolled.hpp"

namespace polyak::cpu {
namespace {

/// Sums over the batch for Blocks registers of rows from `row`: two have as many chains of
/// additions side by side as hide their latency. `at(row, column)` gives four neighbouring columns;
/// `add(values, column, sums)` adds a column of a register of rows to each of Terms sums.
template <int Blocks, int Terms, class FourAt, class Add>
void sum_rows(const BatchShape& shape, std::ptrdiff_t row, const FourAt& at, const Add& add,
              Vector (&totals)[Blocks][Terms]) {
  const std::ptrdiff_t columns = shape.used_columns();
  for (std::ptrdiff_t begin = 0; begin < columns; begin += shape.group_columns()) {
    const std::ptrdiff_t end = std::min(begin + shape.group_columns(), columns);
    Vector group[Blocks][Terms] = {};
    for (std::ptrdiff_t column = begin; column < end; column += 4) {
      unrolled<Blocks>([&](auto block) __attribute__((always_inline)) {
        Vector four[4];
        four_columns([&](int i) { return at(row + block * lanes + i, column); }, four);
        unrolled<4>([&](auto i) __attribute__((always_inline)) {
          if (column + i < end) add(four[i], column + i, group[block]);
        });
      });
    }
    unrolled<Blocks>([&](auto block) __attribute__((always_inline)) {
      unrolled<Terms>([&](auto term) __attribute__((always_inline)) {
        totals[block][term] += group[block][term];
      });
    });
  }
}

/// The same for rows [begin, end), whose sums go to `result(row, term)`.
template <int Terms, class FourAt, class Add, class Result>
void sum_all_rows(const BatchShape& shape, std::ptrdiff_t begin, std::ptrdiff_t end,
                  const FourAt& at, const Add& add, const Result& result) {
  const auto sum_blocks = [&]<int Blocks>(std::ptrdiff_t row, const auto& four_at) {
    Vector totals[Blocks][Terms] = {};
    sum_rows(shape, row, four_at, add, totals);
    const std::ptrdiff_t rows = std::min<std::ptrdiff_t>(Blocks * lanes, end - row);
    for (std::ptrdiff_t i = 0; i < rows; ++i) {
      for (int term = 0; term < Terms; ++term) {
        result(row + i, term) = totals[i / lanes][term][i % lanes];
      }
    }
  };
  std::ptrdiff_t row = begin;
  for (; row + 2 * lanes <= end; row += 2 * lanes) sum_blocks.template operator()<2>(row, at);
  for (; row + lanes <= end; row += lanes) sum_blocks.template operator()<1>(row, at);
  if (row == end) return;
  std::ptrdiff_t rows[lanes];  // those beyond the last repeat it
  for (std::ptrdiff_t i = 0; i < lanes; ++i) rows[i] = std::min(row + i, end - 1);
  sum_blocks.template operator()<1>(
      row, [&](std::ptrdiff_t i, std::ptrdiff_t column) { return at(rows[i - row], column); });
}

/// One sum of each row.
template <class FourAt>
void sum_each(const BatchShape& shape, std::ptrdiff_t begin, std::ptrdiff_t end, float* sums,
              const FourAt& at) {
  sum_all_rows<1>(
      shape, begin, end, at,
      [](Vector values, std::ptrdiff_t, Vector(&sum)[1]) { sum[0] += values; },
      [=](std::ptrdiff_t row, int) -> float& { return sums[row]; });
}

/// For `Few` rows of `few`.
template <int Few>
void sum_products_with(const RowsOf& many, const RowsOf& few, const BatchShape& shape,
                       const ProductSums& to) {
  const auto at = [&](std::ptrdiff_t row, std::ptrdiff_t column) {
    return load_four(&many.matrix(row, column));
  };
  const auto add_products = [&](Vector values, std::ptrdiff_t column, Vector* sums) {
    const float* const factors = &few.matrix(few.begin, column);
    unrolled<Few>([&](auto j) __attribute__((always_inline)) {
      sums[j] = multiply_add(values, broadcast(factors[j * panel_columns]), sums[j]);
    });
  };
  const auto place = [&](std::ptrdiff_t row, int j) -> float& {
    return to.sums[(row - many.begin) * to.many_stride + j * to.few_stride];
  };
  if (to.alone == nullptr) {
    return sum_all_rows<Few>(shape, many.begin, many.end, at, add_products, place);
  }
  sum_all_rows<Few + 1>(
      shape, many.begin, many.end, at,
      [&](Vector values, std::ptrdiff_t column, Vector(&sums)[Few + 1]) {
        add_products(values, column, sums);
        sums[Few] += values;
      },
      [&](std::ptrdiff_t row, int j) -> float& {
        return j < Few ? place(row, j) : to.alone[row - many.begin];
      });
}

}  // namespace

void sum_columns(const PanelMatrix& values, const BatchShape& shape, std::ptrdiff_t row_begin,
                 std::ptrdiff_t row_end, float* sums) {
  sum_each(shape, row_begin, row_end, sums, [&](std::ptrdiff_t row, std::ptrdiff_t column) {
    return load_four(&values(row, column));
  });
}

void sum_products(const PanelMatrix& values, const PanelMatrix& factors, const BatchShape& shape,
                  std::ptrdiff_t row_begin, std::ptrdiff_t row_end, float* sums) {
  sum_each(shape, row_begin, row_end, sums, [&](std::ptrdiff_t row, std::ptrdiff_t column) {
    return load_four(&values(row, column)) * load_four(&factors(row, column));
  });
}

void sum_thin_products(const RowsOf& many, const RowsOf& few, const BatchShape& shape,
                       const ProductSums& to) {
  static_assert(thin_outputs == 4);
  switch (few.end - few.begin) {
    case 1:
      return sum_products_with<1>(many, few, shape, to);
    case 2:
      return sum_products_with<2>(many, few, shape, to);
    case 3:
      return sum_products_with<3>(many, few, shape, to);
    case 4:
      return sum_products_with<4>(many, few, shape, to);
  }
}

}  // namespace polyak::cpu
