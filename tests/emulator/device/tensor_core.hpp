#pragma once

// Tensor-core products from the fragments that the lanes hold, in the layouts of the PTX ISA.

#include <bit>
#include <cmath>
#include <string>

#include "emulator/engine/thread_context.hpp"
#include "emulator/engine/warp_operations.hpp"
#include "emulator/error.hpp"
#include "emulator/options.hpp"

namespace polyak::emulator {

/// One lane's share of A and B.
struct MatrixFragment {
  unsigned a[4];
  unsigned b[2];
};

/// Adds the products of the present lane's four elements of D. `element_a(fragments, row, k)` and
/// `element_b(fragments, k, column)` find an element of A and B.
template <class ElementA, class ElementB>
void accumulate_fragments(float (&d)[4], const Gathered<MatrixFragment>& fragments, unsigned depth,
                          ElementA element_a, ElementB element_b) {
  const unsigned lane = current_thread_context->lane;
  for (unsigned index = 0; index < 4; ++index) {
    const unsigned row = lane / 4 + (index >= 2 ? 8 : 0);
    const unsigned column = lane % 4 * 2 + index % 2;
    for (unsigned k = 0; k < depth; ++k) {
      d[index] = std::fma(element_a(fragments, row, k), element_b(fragments, k, column), d[index]);
    }
  }
}

inline Gathered<MatrixFragment> gather_fragments(const unsigned (&a)[4], const unsigned (&b)[2],
                                                 Site site) {
  if (options().capability < 80) {
    throw Error(std::string(site.operation) + " on a device without such tensor cores");
  }
  return gather(kFullMask, MatrixFragment{{a[0], a[1], a[2], a[3]}, {b[0], b[1]}}, site);
}

/// The hardware ignores the lower 13 bits.
inline float value_of_tf32(unsigned bits) { return std::bit_cast<float>(bits & 0xffffe000u); }

/// Element `k` modulo 2 of a word with two elements.
inline float value_of_bf16(unsigned word, unsigned k) {
  return std::bit_cast<float>(k % 2 == 0 ? word << 16 : word & 0xffff0000u);
}

/// D(16x8) += A(16x8) B(8x8).
inline void multiply_tf32_fragments(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                                    Site site) {
  accumulate_fragments(
      d, gather_fragments(a, b, site), 8,
      [](const auto& fragments, unsigned row, unsigned k) {
        const unsigned word = (row >= 8 ? 1 : 0) + (k >= 4 ? 2 : 0);
        return value_of_tf32(fragments[row % 8 * 4 + k % 4].a[word]);
      },
      [](const auto& fragments, unsigned k, unsigned column) {
        return value_of_tf32(fragments[column * 4 + k % 4].b[k >= 4 ? 1 : 0]);
      });
}

/// D(16x8) += A(16x16) B(16x8).
inline void multiply_bf16_fragments(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                                    Site site) {
  accumulate_fragments(
      d, gather_fragments(a, b, site), 16,
      [](const auto& fragments, unsigned row, unsigned k) {
        const unsigned word = (row >= 8 ? 1 : 0) + (k >= 8 ? 2 : 0);
        return value_of_bf16(fragments[row % 8 * 4 + k % 8 / 2].a[word], k);
      },
      [](const auto& fragments, unsigned k, unsigned column) {
        return value_of_bf16(fragments[column * 4 + k % 8 / 2].b[k >= 8 ? 1 : 0], k);
      });
}

}  // namespace polyak::emulator
