// The step of transpositions and of sums over columns: four neighbouring columns of as many rows as
// a register has lanes, turned into one register for each column.
#pragma once

#include <utility>

#include "backend/cpu/vector_register.hpp"

namespace polyak::cpu {

/// Four neighbouring floats of a row.
typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));
inline Four load_four(const float* from) { return *reinterpret_cast<const Four*>(from); }

/// at(row), at(row + 4), at(row + 8) ... in the lanes of one register. Written out because
/// compilers join registers with shuffles, for which there is one unit; a load that is put in place
/// needs any.
template <class FourAt>
[[gnu::always_inline]] inline Vector every_fourth(const FourAt& at, int row) {
#if defined(__AVX512F__)
  __m512 joined = _mm512_castps128_ps512(at(row));
  joined = _mm512_mask_broadcast_f32x4(joined, 0x00f0, at(row + 4));
  joined = _mm512_mask_broadcast_f32x4(joined, 0x0f00, at(row + 8));
  return _mm512_mask_broadcast_f32x4(joined, 0xf000, at(row + 12));
#elif defined(__AVX2__) && defined(__FMA__)
  return _mm256_insertf128_ps(_mm256_castps128_ps256(at(row)), at(row + 4), 1);
#else
  return at(row);
#endif
}

namespace four_columns_detail {

/// In every four lanes: those of a and b that A, B, C and D name, 0 to 3 of a and 4 to 7 of b.
template <int A, int B, int C, int D, int... Lane>
[[gnu::always_inline]] inline Vector shuffled(Vector a, Vector b,
                                              std::integer_sequence<int, Lane...>) {
  constexpr int from[] = {A, B, C, D};
  return __builtin_shufflevector(
      a, b, (Lane / 4 * 4 + from[Lane % 4] % 4 + from[Lane % 4] / 4 * lanes)...);
}
template <int A, int B, int C, int D>
[[gnu::always_inline]] inline Vector shuffled(Vector a, Vector b) {
  return shuffled<A, B, C, D>(a, b, std::make_integer_sequence<int, lanes>{});
}

}  // namespace four_columns_detail

/// columns[c] = {at(0)[c], at(1)[c], ... at(lanes - 1)[c]}. Rows four apart lie side by side in a
/// register, so that the four by four transposition of all its parts at once leaves them in order.
template <class FourAt>
[[gnu::always_inline]] inline void four_columns(const FourAt& at, Vector (&columns)[4]) {
  using namespace four_columns_detail;
  const Vector r0 = every_fourth(at, 0), r1 = every_fourth(at, 1);
  const Vector r2 = every_fourth(at, 2), r3 = every_fourth(at, 3);
  const Vector low01 = shuffled<0, 4, 1, 5>(r0, r1), low23 = shuffled<0, 4, 1, 5>(r2, r3);
  const Vector high01 = shuffled<2, 6, 3, 7>(r0, r1), high23 = shuffled<2, 6, 3, 7>(r2, r3);
  columns[0] = shuffled<0, 1, 4, 5>(low01, low23);
  columns[1] = shuffled<2, 3, 6, 7>(low01, low23);
  columns[2] = shuffled<0, 1, 4, 5>(high01, high23);
  columns[3] = shuffled<2, 3, 6, 7>(high01, high23);
}

}  // namespace polyak::cpu
