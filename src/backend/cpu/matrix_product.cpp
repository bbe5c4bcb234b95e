// Register tiles of rows x vectors sums: per step of k, `vectors` loads of B and `rows` broadcasts
// of A feed rows * vectors multiply-adds. Bound by arithmetic (vector_register.hpp).
#include "backend/cpu/matrix_product.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "backend/cpu/corner_product.hpp"
#include "backend/cpu/unrolled.hpp"
#include "backend/cpu/vector_math.hpp"

namespace polyak::cpu {
namespace {

/// One tile of C: Rows x (Panels * Vectors) vectors, the first Vectors of each of Panels panels.
template <int Rows, int Vectors, int Panels>
struct Tile {
  static constexpr int width = Vectors * Panels;

  static void compute(const ProductArguments& p, const float* a, const float* b, const float* bias,
                      float* c, const float* outputs) {
    std::ptrdiff_t left = p.depth, left_in_segment = p.a_segment;
    const float* segment = a;
    for (bool is_first = true;; is_first = false) {
      std::ptrdiff_t left_in_group = std::min(p.group_depth, left);
      left -= left_in_group;
      Vector sum[Rows][width] = {};
      while (left_in_group > 0) {
        const std::ptrdiff_t count = std::min(left_in_segment, left_in_group);
        multiply(p, a, b, count, sum);
        left_in_group -= count;
        left_in_segment -= count;
        a += count * p.a_column;
        b += count * panel_columns;
        if (left_in_segment > 0) continue;
        a = segment += p.a_segment_stride;
        left_in_segment = p.a_segment;
      }
      if (!is_first) add_earlier_groups(p, c, sum);
      if (left == 0) return finish(p, sum, bias, c, outputs);
      store_sums(p, sum, c);
    }
  }

  /// In four interleaved sums.
  static void compute_interleaved(const ProductArguments& p, const float* a, const float* b,
                                  const float* bias, float* c, const float* outputs) {
    Vector sums[interleaved_sums][Rows][width] = {};
    const std::ptrdiff_t whole = p.depth / interleaved_sums * interleaved_sums;
    for (std::ptrdiff_t k = 0; k < whole; k += interleaved_sums) {
      unrolled<interleaved_sums>([&](auto i) __attribute__((always_inline)) {
        multiply(p, a + (k + i) * p.a_column, b + (k + i) * panel_columns, 1, sums[i]);
      });
    }
    unrolled<interleaved_sums - 1>([&](auto i) __attribute__((always_inline)) {
      if (whole + i >= p.depth) return;
      multiply(p, a + (whole + i) * p.a_column, b + (whole + i) * panel_columns, 1, sums[i]);
    });
    Vector sum[Rows][width];
    unrolled<Rows>([&](auto m) __attribute__((always_inline)) {
      unrolled<width>([&](auto v) __attribute__((always_inline)) {
        sum[m][v] = (sums[0][m][v] + sums[1][m][v]) + (sums[2][m][v] + sums[3][m][v]);
      });
    });
    finish(p, sum, bias, c, outputs);
  }

 private:
  using Sums = const Vector (&)[Rows][width];

  /// Adds `count` steps of k.
  [[gnu::always_inline]] static void multiply(const ProductArguments& p, const float* a,
                                              const float* b, std::ptrdiff_t count,
                                              Vector (&sum)[Rows][width]) {
    for (std::ptrdiff_t k = 0; k < count; ++k) {
      Vector b_vectors[width];
      unrolled<width>([&](auto v) __attribute__((always_inline)) {
        b_vectors[v] = load(b + v / Vectors * p.b_panel + v % Vectors * lanes);
      });
      unrolled<Rows>([&](auto m) __attribute__((always_inline)) {
        const Vector value = broadcast(a[m * p.a_row]);
        unrolled<width>([&](auto v) __attribute__((always_inline)) {
          sum[m][v] = multiply_add(value, b_vectors[v], sum[m][v]);
        });
      });
      a += p.a_column;
      b += panel_columns;
    }
  }

  /// The totals of the groups before are in C.
  [[gnu::always_inline]] static void add_earlier_groups(const ProductArguments& p, const float* c,
                                                        Vector (&sum)[Rows][width]) {
    unrolled<Rows>([&](auto m) __attribute__((always_inline)) {
      unrolled<width>([&](auto v) __attribute__((always_inline)) {
        sum[m][v] += load(c + place(p, m, v));
      });
    });
  }

  /// Where vector v of row m lies from the tile's first float.
  static std::ptrdiff_t place(const ProductArguments& p, int m, int v) {
    return v / Vectors * p.c_panel + m * p.c_row + v % Vectors * lanes;
  }

  /// Stores result(sum, place) for every sum.
  template <class Result>
  [[gnu::always_inline]] static void store_each(const ProductArguments& p, Sums sum, float* c,
                                                const Result& result) {
    unrolled<Rows>([&](auto m) __attribute__((always_inline)) {
      unrolled<width>([&](auto v) __attribute__((always_inline)) {
        const std::ptrdiff_t at = place(p, m, v);
        store(c + at, result(sum[m][v], at));
      });
    });
  }

  template <Activation activation>
  [[gnu::always_inline]] static void store_scaled(const ProductArguments& p, Sums sum, float* c,
                                                  const float* outputs) {
    store_each(
        p, sum, c, [outputs](Vector value, std::ptrdiff_t at) __attribute__((always_inline)) {
          return value * derivative<activation>(load(outputs + at));
        });
  }

  [[gnu::always_inline]] static void store_sums(const ProductArguments& p, Sums sum, float* c) {
    store_each(
        p, sum, c,
        [](Vector value, std::ptrdiff_t) __attribute__((always_inline)) { return value; });
  }

  /// For functions that need the registers for themselves.
  template <Activation activation>
  static void activate_stored(const ProductArguments& p, float* c) {
    for (int m = 0; m < Rows; ++m) {
      for (int v = 0; v < width; ++v) {
        float* const values = c + place(p, m, v);
        store(values, activated<activation>(load(values)));
      }
    }
  }

  [[gnu::always_inline]] static void finish(const ProductArguments& p, Vector (&sum)[Rows][width],
                                            const float* bias, float* c, const float* outputs) {
    if (bias) {
      unrolled<Rows>([&](auto m) __attribute__((always_inline)) {
        const Vector value = broadcast(bias[m]);
        unrolled<width>([&](auto v) __attribute__((always_inline)) { sum[m][v] += value; });
      });
    }
    switch (p.activation) {
      case Activation::identity:
        return store_sums(p, sum, c);
      case Activation::relu:
        if (outputs) return store_scaled<Activation::relu>(p, sum, c, outputs);
        return store_each(
            p, sum, c, [](Vector value, std::ptrdiff_t) __attribute__((always_inline)) {
              return activated<Activation::relu>(value);
            });
      case Activation::tanh:
        if (outputs) return store_scaled<Activation::tanh>(p, sum, c, outputs);
        store_sums(p, sum, c);
        return activate_stored<Activation::tanh>(p, c);
      case Activation::elu:
        if (outputs) return store_scaled<Activation::elu>(p, sum, c, outputs);
        store_sums(p, sum, c);
        return activate_stored<Activation::elu>(p, c);
    }
  }
};

/// The height of a tile so many vectors wide. Those narrower than a panel are taller, so that they
/// have sums enough to hide the latency of a multiply-add, too; and eight divides most layers.
constexpr int full_height(int vectors) { return vectors == tile_vectors ? tile_rows : 8; }

/// Tiles of full height and every width, and of every height up to tile_rows for the last rows.
template <int... Vectors>
constexpr auto make_full_tiles(std::integer_sequence<int, Vectors...>) {
  return std::array{Tile<full_height(Vectors + 1), Vectors + 1, 1>::compute...};
}
template <int... Index>
constexpr auto make_last_tiles(std::integer_sequence<int, Index...>) {
  return std::array{Tile<Index / tile_vectors + 1, Index % tile_vectors + 1, 1>::compute...};
}
constexpr auto full_tiles = make_full_tiles(std::make_integer_sequence<int, tile_vectors>{});
constexpr auto last_tiles =
    make_last_tiles(std::make_integer_sequence<int, tile_rows * tile_vectors>{});

/// A single row has too few sums in one panel to hide the latency of a multiply-add (4 steps for 2
/// units on most machines: 8 sums in flight), so it takes several panels at a time.
constexpr int row_panels = 8 / tile_vectors;

/// Interleaved, a tile has four times the sums.
template <int Rows>
void thin_rows(const ProductArguments& p, std::ptrdiff_t m, std::ptrdiff_t column) {
  const std::ptrdiff_t panel = column / panel_columns;
  const float* const a = p.a + m * p.a_row;
  const float* const bias = p.bias ? p.bias + m : nullptr;
  const auto vectors_at = [&]<int Vectors>(std::ptrdiff_t within) {
    const std::ptrdiff_t place = panel * p.c_panel + m * p.c_row + within;
    Tile<Rows, Vectors, 1>::compute_interleaved(p, a, p.b + panel * p.b_panel + within, bias,
                                                p.c + place,
                                                p.outputs ? p.outputs + place : nullptr);
  };
  constexpr int vectors = tile_vectors / Rows;
  const std::ptrdiff_t end = std::min(panel_columns, p.columns - column);
  std::ptrdiff_t within = 0;
  for (; within + vectors * lanes <= end; within += vectors * lanes) {
    vectors_at.template operator()<vectors>(within);
  }
  for (; within < end; within += lanes) vectors_at.template operator()<1>(within);
}

void thin_product(const ProductArguments& p) {
  for (std::ptrdiff_t column = 0; column < p.columns; column += panel_columns) {
    std::ptrdiff_t m = 0;
    for (; m + 2 <= p.rows; m += 2) thin_rows<2>(p, m, column);
    if (m < p.rows) thin_rows<1>(p, m, column);
  }
}

}  // namespace

void matrix_product(const ProductArguments& p) {
  if (p.order == SumOrder::interleaved) return thin_product(p);
  const std::ptrdiff_t corner = corner_columns(p);
  const std::ptrdiff_t columns = round_up(p.columns - corner, lanes);
  for (std::ptrdiff_t column = 0; column < columns; column += panel_columns) {
    const std::ptrdiff_t panel = column / panel_columns;
    const float* const b = p.b + panel * p.b_panel;
    float* const c = p.c + panel * p.c_panel;
    const float* const outputs = p.outputs ? p.outputs + panel * p.c_panel : nullptr;
    if (p.rows == 1 && columns - column >= row_panels * panel_columns) {
      Tile<1, tile_vectors, row_panels>::compute(p, p.a, b, p.bias, c, outputs);
      column += (row_panels - 1) * panel_columns;
      continue;
    }
    const auto vectors = static_cast<int>(std::min(panel_columns, columns - column) / lanes);
    std::ptrdiff_t m = 0;
    const auto multiply_rows = [&](std::ptrdiff_t rows, auto compute) {
      compute(p, p.a + m * p.a_row, b, p.bias ? p.bias + m : nullptr, c + m * p.c_row,
              outputs ? outputs + m * p.c_row : nullptr);
      m += rows;
    };
    for (const int height = full_height(vectors); m + height <= p.rows;) {
      multiply_rows(height, full_tiles[vectors - 1]);
    }
    while (m < p.rows) {
      const std::ptrdiff_t rows = std::min<std::ptrdiff_t>(tile_rows, p.rows - m);
      multiply_rows(rows, last_tiles[(rows - 1) * tile_vectors + vectors - 1]);
    }
  }
  if (corner > 0) corner_product(p);
}

const char* instruction_set() { return vector_instructions; }

}  // namespace polyak::cpu
