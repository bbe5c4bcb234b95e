// A register holds four rows of four columns: a quad. Per step of k it takes four values of B, the
// same for all four rows, and four of A, each for four lanes.
#include "backend/cpu/corner_product.hpp"

#include "backend/cpu/four_columns.hpp"
#include "backend/cpu/unrolled.hpp"
#include "backend/cpu/vector_math.hpp"

namespace polyak::cpu {

#if defined(__AVX512F__) && defined(__AVX512VL__)

namespace {

constexpr int quad_rows = 4, block_rows = lanes;
/// All lanes: intrinsics without a mask make GCC 12 warn of what they leave undefined.
constexpr __mmask16 all = 0xffff;

/// B(k, column) to B(k, column + 3), in every row of a quad.
Vector four_of_b(const float* b, std::ptrdiff_t k) {
  return _mm512_maskz_broadcast_f32x4(all, _mm_loadu_ps(b + k * panel_columns));
}

/// Of sixteen values those of a quad's rows, each for its four columns. `quad` is 0 to 3.
Vector rows_of_quad(Vector values, int quad) {
  const int row = quad_rows * quad;
  const __m512i from =
      _mm512_setr_epi32(row, row, row, row, row + 1, row + 1, row + 1, row + 1, row + 2, row + 2,
                        row + 2, row + 2, row + 3, row + 3, row + 3, row + 3);
  return _mm512_maskz_permutexvar_ps(all, from, values);
}

/// Four rows of four floats, `pitch` apart.
template <class Load>
Vector quad_from(const float* first, std::ptrdiff_t pitch, const Load& load_row) {
  return every_fourth([&](int row) { return load_row(first + row / quad_rows * pitch); }, 0);
}

/// The sums of A whose rows are neighbours in memory.
template <int Quads>
[[gnu::always_inline]] inline void multiply_neighbours(const ProductArguments& p, const float* a,
                                                       const float* b, Vector (&sums)[Quads]) {
  for (std::ptrdiff_t k = 0; k < p.depth; ++k) {
    const Vector of_b = four_of_b(b, k);
    unrolled<Quads>([&](auto quad) __attribute__((always_inline)) {
      const Vector rows = load(a + k * p.a_column + quad / quad_rows * block_rows);
      sums[quad] = multiply_add(rows_of_quad(rows, quad % quad_rows), of_b, sums[quad]);
    });
  }
}

/// The sums of A whose rows are in one piece each: four steps of k at a time.
template <int Quads>
[[gnu::always_inline]] inline void multiply_rows(const ProductArguments& p, const float* a,
                                                 const float* b, Vector (&sums)[Quads]) {
  const auto multiply_steps = [&]<int Steps>(std::ptrdiff_t k, const auto& load_row)
      __attribute__((always_inline)) {
    unrolled<Quads>([&](auto quad) __attribute__((always_inline)) {
      const Vector rows = quad_from(a + quad * quad_rows * p.a_row + k, p.a_row, load_row);
      unrolled<Steps>([&](auto step) __attribute__((always_inline)) {
        constexpr int same_of_four = 0b01010101 * decltype(step)::value;
        sums[quad] = multiply_add(_mm512_maskz_permute_ps(all, rows, same_of_four),
                                  four_of_b(b, k + step), sums[quad]);
      });
    });
  };
  const std::ptrdiff_t whole = p.depth / 4 * 4;
  for (std::ptrdiff_t k = 0; k < whole; k += 4) {
    multiply_steps.template operator()<4>(k, [](const float* from) { return load_four(from); });
  }
  for (std::ptrdiff_t k = whole; k < p.depth; ++k) {
    multiply_steps.template operator()<1>(k, [](const float* from) { return Four{*from}; });
  }
}

/// What becomes of the sums of a quad, before they are stored.
template <Activation activation>
Vector finished(Vector sums, const float* outputs, std::ptrdiff_t pitch) {
  if (outputs == nullptr) return activated<activation>(sums);
  return sums * derivative<activation>(quad_from(outputs, pitch, load_four));
}

Vector finished(Activation activation, Vector sums, const float* outputs, std::ptrdiff_t pitch) {
  switch (activation) {
    case Activation::relu:
      return finished<Activation::relu>(sums, outputs, pitch);
    case Activation::tanh:
      return finished<Activation::tanh>(sums, outputs, pitch);
    case Activation::elu:
      return finished<Activation::elu>(sums, outputs, pitch);
    case Activation::identity:
      break;
  }
  return sums;
}

template <int Quads>
void multiply_corner(const ProductArguments& p, std::ptrdiff_t m) {
  const std::ptrdiff_t column = p.columns - corner_columns(p);
  const std::ptrdiff_t panel = column / panel_columns, within = column % panel_columns;
  const float* const a = p.a + m * p.a_row;
  const float* const b = p.b + panel * p.b_panel + within;
  const std::ptrdiff_t first = panel * p.c_panel + within + m * p.c_row;
  Vector sums[Quads] = {};
  if (p.a_column == 1) {
    multiply_rows(p, a, b, sums);
  } else {
    multiply_neighbours(p, a, b, sums);
  }
  for (int quad = 0; quad < Quads; ++quad) {
    Vector sum = sums[quad];
    if (p.bias) {
      const Vector biases = load(p.bias + m + quad / quad_rows * block_rows);
      sum += rows_of_quad(biases, quad % quad_rows);
    }
    const std::ptrdiff_t at = first + quad * quad_rows * p.c_row;
    sum = finished(p.activation, sum, p.outputs ? p.outputs + at : nullptr, p.c_row);
    unrolled<quad_rows>([&](auto row) {
      constexpr int part = decltype(row)::value;
      _mm_storeu_ps(p.c + at + row * p.c_row, _mm512_maskz_extractf32x4_ps(0xf, sum, part));
    });
  }
}

}  // namespace

std::ptrdiff_t corner_columns(const ProductArguments& p) {
  const bool is_suitable = p.columns % lanes == 4 && p.rows % block_rows == 0 &&
                           p.order == SumOrder::rising && p.a_segment == p.depth &&
                           (p.a_row == 1 || p.a_column == 1);
  return is_suitable ? 4 : 0;
}

void corner_product(const ProductArguments& p) {
  constexpr int quads = block_rows / quad_rows;
  std::ptrdiff_t m = 0;
  for (; m + 2 * block_rows <= p.rows; m += 2 * block_rows) multiply_corner<2 * quads>(p, m);
  if (m < p.rows) multiply_corner<quads>(p, m);
}

#else

std::ptrdiff_t corner_columns(const ProductArguments&) { return 0; }
void corner_product(const ProductArguments&) {}

#endif

}  // namespace polyak::cpu
