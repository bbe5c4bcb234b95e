#include "backend/cpu/column_sums.hpp"

#include <algorithm>
#include <type_traits>

#include "backend/cpu/four_columns.hpp"
#include "backend/cpu/unrolled.hpp"

namespace polyak::cpu {
namespace {

/// Sums over the batch for Blocks registers of rows from `row`: two have as many chains of
/// additions side by side as hide their latency. `at(row, column)` gives four neighbouring columns;
/// `add(columns, column, count, sums)` adds the first `count` of four columns of a register of
/// rows, the first of which is number `column`, to each of Terms sums. All is inlined, so that sums
/// are in registers.
template <int Blocks, int Terms, class FourAt, class Add>
void sum_rows(const BatchShape& shape, std::ptrdiff_t row, const FourAt& at, const Add& add,
              Vector (&totals)[Blocks][Terms]) {
  const std::ptrdiff_t columns = shape.used_columns();
  for (std::ptrdiff_t begin = 0; begin < columns; begin += shape.group_columns()) {
    const std::ptrdiff_t end = std::min(begin + shape.group_columns(), columns);
    Vector group[Blocks][Terms] = {};
    const auto add_columns = [&](std::ptrdiff_t column, auto count) __attribute__((always_inline)) {
      unrolled<Blocks>([&](auto block) __attribute__((always_inline)) {
        Vector four[4];
        four_columns(
            [&](int i)
                __attribute__((always_inline)) { return at(row + block * lanes + i, column); },
            four);
        add(four, column, count, group[block]);
      });
    };
    std::ptrdiff_t column = begin;
    for (; column + 4 <= end; column += 4) add_columns(column, std::integral_constant<int, 4>{});
    if (column < end) add_columns(column, static_cast<int>(end - column));
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
  const auto add = [](const Vector(&columns)[4], std::ptrdiff_t, auto count, Vector(&sum)[1])
      __attribute__((always_inline)) {
    unrolled<4>([&](auto i) __attribute__((always_inline)) {
      if (i < count) sum[0] += columns[i];
    });
  };
  sum_all_rows<1>(shape, begin, end, at, add,
                  [=](std::ptrdiff_t row, int) -> float& { return sums[row]; });
}

/// For `Few` rows of `few`, and with Alone for the rows of `many` by themselves.
template <int Few, bool Alone>
void sum_products_with(const RowsOf& many, const RowsOf& few, const BatchShape& shape,
                       const ProductSums& to) {
  constexpr int terms = Few + (Alone ? 1 : 0);
  const auto at = [&](std::ptrdiff_t row, std::ptrdiff_t column) __attribute__((always_inline)) {
    return load_four(&many.matrix(row, column));
  };
  const auto add = [&](const Vector(&columns)[4], std::ptrdiff_t column, auto count,
                       Vector(&sums)[terms]) __attribute__((always_inline)) {
    const float* const factors = &few.matrix(few.begin, column);
    unrolled<4>([&](auto i) __attribute__((always_inline)) {
      if (i >= count) return;
      unrolled<Few>([&](auto j) __attribute__((always_inline)) {
        const Vector factor = broadcast(factors[j * panel_columns + i]);
        sums[j] = multiply_add(columns[i], factor, sums[j]);
      });
      if constexpr (Alone) sums[Few] += columns[i];
    });
  };
  sum_all_rows<terms>(
      shape, many.begin, many.end, at, add, [&](std::ptrdiff_t row, int j) -> float& {
        const std::ptrdiff_t i = row - many.begin;
        return j == Few ? to.alone[i] : to.sums[i * to.many_stride + j * to.few_stride];
      });
}

template <int Few>
void sum_products_with(const RowsOf& many, const RowsOf& few, const BatchShape& shape,
                       const ProductSums& to) {
  if (to.alone != nullptr) return sum_products_with<Few, true>(many, few, shape, to);
  sum_products_with<Few, false>(many, few, shape, to);
}

}  // namespace

void sum_columns(const PanelMatrix& values, const BatchShape& shape, std::ptrdiff_t row_begin,
                 std::ptrdiff_t row_end, float* sums) {
  sum_each(
      shape, row_begin, row_end,
      sums, [&](std::ptrdiff_t row, std::ptrdiff_t column) __attribute__((always_inline)) {
        return load_four(&values(row, column));
      });
}

void sum_products(const PanelMatrix& values, const PanelMatrix& factors, const BatchShape& shape,
                  std::ptrdiff_t row_begin, std::ptrdiff_t row_end, float* sums) {
  sum_each(
      shape, row_begin, row_end,
      sums, [&](std::ptrdiff_t row, std::ptrdiff_t column) __attribute__((always_inline)) {
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
