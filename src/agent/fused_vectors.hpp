// Functions that are compiled for AVX2 with fused operations besides what the rest of a file is
// compiled for: a library for any x86-64 has them too, and chooses when it runs.
#pragma once

#if defined(__x86_64__)
#define POLYAK_FUSED_VECTORS [[gnu::target("avx2,fma")]]
#define POLYAK_HAS_FUSED_VECTORS 1
#else
#define POLYAK_HAS_FUSED_VECTORS 0
#endif

namespace polyak {

/// Whether this machine has what POLYAK_FUSED_VECTORS compiles for.
inline bool has_fused_vectors() {
#if POLYAK_HAS_FUSED_VECTORS
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return has;
#else
  return false;
#endif
}

}  // namespace polyak
