#include "agent/dense_layer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "agent/fused_vectors.hpp"
#include "polyak/core/layer_norm.hpp"
#include "polyak/core/summation.hpp"

#if POLYAK_HAS_FUSED_VECTORS
#include <immintrin.h>
#endif

namespace polyak {
namespace {

/// A layer's product, and where its results go.
struct Product {
  const float* weight;  // [outputs, inputs]
  const float* bias;
  const float* input;
  float* output;
  int inputs, outputs;
};

// Always inlined, to be compiled for the instructions that the caller has.
[[gnu::always_inline]] inline void compute_rows(const Product& product, int first) {
  for (int row = first; row < product.outputs; ++row) {
    const float* const weight = product.weight + std::ptrdiff_t{row} * product.inputs;
    product.output[row] = layer_sum(
        product.outputs, product.inputs, product.bias[row], [&](int k) { return weight[k]; },
        [&](int k) { return product.input[k]; });
  }
}

[[gnu::always_inline]] inline void activate_each(Activation activation, float* values,
                                                 std::size_t count) {
  // A loop for each, so that it has no branches.
  switch (activation) {
    case Activation::relu:
      for (std::size_t i = 0; i < count; ++i) values[i] = activate(Activation::relu, values[i]);
      break;
    case Activation::tanh:
      for (std::size_t i = 0; i < count; ++i) values[i] = activate(Activation::tanh, values[i]);
      break;
    case Activation::elu:
      for (std::size_t i = 0; i < count; ++i) values[i] = activate(Activation::elu, values[i]);
      break;
    case Activation::identity:
      break;
  }
}

#if POLYAK_HAS_FUSED_VECTORS

constexpr int vector_rows = 8, columns_at_once = 4, registers_at_once = 4;

/// Up to four columns of eight rows of W, each column in a register. Rows come from memory, and are
/// transposed; what is not `present` is neither read nor anything but zero.
struct Columns {
  __m256 column[columns_at_once];
};
POLYAK_FUSED_VECTORS inline Columns transposed(const __m256 (&rows)[4]) {
  const __m256 low01 = _mm256_unpacklo_ps(rows[0], rows[1]);
  const __m256 high01 = _mm256_unpackhi_ps(rows[0], rows[1]);
  const __m256 low23 = _mm256_unpacklo_ps(rows[2], rows[3]);
  const __m256 high23 = _mm256_unpackhi_ps(rows[2], rows[3]);
  return {{_mm256_shuffle_ps(low01, low23, 0x44), _mm256_shuffle_ps(low01, low23, 0xee),
           _mm256_shuffle_ps(high01, high23, 0x44), _mm256_shuffle_ps(high01, high23, 0xee)}};
}
POLYAK_FUSED_VECTORS inline Columns load_columns(const float* weight, std::ptrdiff_t stride) {
  __m256 rows[4];
  for (int row = 0; row < 4; ++row) {
    rows[row] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(weight + row * stride)),
                                     _mm_loadu_ps(weight + (row + 4) * stride), 1);
  }
  return transposed(rows);
}
POLYAK_FUSED_VECTORS inline Columns load_columns(const float* weight, std::ptrdiff_t stride,
                                                 __m128i present) {
  __m256 rows[4];
  for (int row = 0; row < 4; ++row) {
    rows[row] = _mm256_set_m128(_mm_maskload_ps(weight + (row + 4) * stride, present),
                                _mm_maskload_ps(weight + row * stride, present));
  }
  return transposed(rows);
}

/// Rows `first` to first + 8 * Registers, in rising order of the inputs: several registers of sums
/// hide the latency of one fused operation after the other.
template <int Registers>
POLYAK_FUSED_VECTORS void compute_registers(const Product& product, int first) {
  const float* weight = product.weight + std::ptrdiff_t{first} * product.inputs;
  const float* input = product.input;
  const std::ptrdiff_t stride = product.inputs;
  __m256 sums[Registers];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  const int rest = product.inputs % columns_at_once;
  for (const float* const end = input + product.inputs - rest; input != end;
       input += columns_at_once, weight += columns_at_once) {
    for (int i = 0; i < Registers; ++i) {
      const Columns from = load_columns(weight + i * vector_rows * stride, stride);
      for (int column = 0; column < columns_at_once; ++column) {
        sums[i] = _mm256_fmadd_ps(from.column[column], _mm256_set1_ps(input[column]), sums[i]);
      }
    }
  }
  if (rest > 0) {
    const __m128i present = _mm_cmpgt_epi32(_mm_set1_epi32(rest), _mm_setr_epi32(0, 1, 2, 3));
    for (int i = 0; i < Registers; ++i) {
      const Columns from = load_columns(weight + i * vector_rows * stride, stride, present);
      for (int column = 0; column < rest; ++column) {
        sums[i] = _mm256_fmadd_ps(from.column[column], _mm256_set1_ps(input[column]), sums[i]);
      }
    }
  }
  for (int i = 0; i < Registers; ++i) {
    const int row = first + i * vector_rows;
    _mm256_storeu_ps(product.output + row,
                     _mm256_add_ps(sums[i], _mm256_loadu_ps(product.bias + row)));
  }
}

POLYAK_FUSED_VECTORS void compute_with_vectors(const Product& product) {
  static_assert(thin_outputs < vector_rows, "the sums of thin layers are interleaved");
  int row = 0;
  for (; product.outputs - row >= registers_at_once * vector_rows;
       row += registers_at_once * vector_rows) {
    compute_registers<registers_at_once>(product, row);
  }
  for (; product.outputs - row >= vector_rows; row += vector_rows) {
    compute_registers<1>(product, row);
  }
  compute_rows(product, row);
}

POLYAK_FUSED_VECTORS void activate_with_vectors(Activation activation, std::span<float> values) {
  activate_each(activation, values.data(), values.size());
}

#endif
}  // namespace

void affine_map(std::span<const float> weight, std::span<const float> bias,
                std::span<const float> input, std::span<float> output) {
  const Product product{weight.data(),
                        bias.data(),
                        input.data(),
                        output.data(),
                        static_cast<int>(input.size()),
                        static_cast<int>(output.size())};
#if POLYAK_HAS_FUSED_VECTORS
  if (has_fused_vectors()) return compute_with_vectors(product);
#endif
  compute_rows(product, 0);
}

void activate_all(Activation activation, std::span<float> values) {
#if POLYAK_HAS_FUSED_VECTORS
  if (has_fused_vectors()) return activate_with_vectors(activation, values);
#endif
  activate_each(activation, values.data(), values.size());
}

void normalise_features(std::span<const float> g, std::span<const float> h,
                        std::span<float> values) {
  const int count = static_cast<int>(values.size());
  const float scale = 1.0f / static_cast<float>(count);
  const auto value = [&](int i) { return values[static_cast<std::size_t>(i)]; };
  const float mean = scale * sum_over_features<float>(count, value);
  const float variance = scale * sum_over_features<float>(count, [&](int i) {
                           const float centred = value(i) - mean;
                           return centred * centred;
                         });
  const float inverse = inverse_deviation(variance);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = g[i] * ((values[i] - mean) * inverse) + h[i];
  }
}

}  // namespace polyak
