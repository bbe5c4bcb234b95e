#include "emulator/test/kernels/kernels.cuh"

namespace polyak::emulator_tests {

/// out[0 .. n) = 2 x[0 .. n), in tiles of four floats for each of 32 threads that are copied
/// asynchronously, one tile ahead. n is a multiple of 4; what lies beyond it is not read.
__global__ void double_with_async_copies(const float* x, float* out, unsigned n) {
  constexpr unsigned kTile = 128;
  POLYAK_SHARED(float, tiles, [2][kTile]);
  const unsigned mine = threadIdx.x * 4;
  const unsigned tile_count = (n + kTile - 1) / kTile;
  for (unsigned tile = 0; tile <= tile_count; ++tile) {
    const unsigned start = tile * kTile + mine;
    if (tile < tile_count) {
      const bool in_range = start < n;
      kernels::begin_async_copy<16>(&tiles[tile % 2][mine], in_range ? x + start : x, in_range);
    }
    kernels::commit_async_copies();
    if (tile == 0) continue;
    kernels::wait_for_async_copies<1>();
    for (unsigned i = 0; i < 4; ++i) {
      const unsigned position = start - kTile + i;
      const float doubled = 2.0f * tiles[(tile - 1) % 2][mine + i];
      if (position < n) out[position] = doubled;
    }
  }
}

/// The same for one tile, but it reads without waiting.
__global__ void bug_missing_copy_wait(const float* x, float* out) {
  POLYAK_SHARED(float, tile, [32]);
  kernels::begin_async_copy<4>(&tile[threadIdx.x], x + threadIdx.x);
  kernels::commit_async_copies();
  out[threadIdx.x] = tile[threadIdx.x];
  kernels::wait_for_async_copies<0>();
}

/// Reads before the newest group has arrived: it waits for the older one only.
__global__ void bug_waits_for_too_few_groups(const float* x, float* out) {
  POLYAK_SHARED(float, tile, [64]);
  kernels::begin_async_copy<4>(&tile[threadIdx.x], x + threadIdx.x);
  kernels::commit_async_copies();
  kernels::begin_async_copy<4>(&tile[threadIdx.x + 32], x + threadIdx.x + 32);
  kernels::commit_async_copies();
  kernels::wait_for_async_copies<1>();
  out[threadIdx.x] = tile[threadIdx.x];
  out[threadIdx.x + 32] = tile[threadIdx.x + 32];
  kernels::wait_for_async_copies<0>();
}

/// Never waits at all.
__global__ void bug_abandoned_copy(const float* x) {
  POLYAK_SHARED(float, tile, [32]);
  kernels::begin_async_copy<4>(&tile[threadIdx.x], x + threadIdx.x);
  kernels::commit_async_copies();
}

/// Asks for 16 bytes at an address that is a multiple of 4 only.
__global__ void bug_misaligned_copy(const float* x) {
  POLYAK_SHARED(float, tile, [8]);
  kernels::begin_async_copy<16>(&tile[0], x + 1);
  kernels::commit_async_copies();
  kernels::wait_for_async_copies<0>();
}

/// One warp: D [16, 8] = A [16, depth] B [8, depth]^T in tf32, row-major.
__global__ void multiply_tf32(const float* a, const float* b, float* d, unsigned depth) {
  const unsigned group = threadIdx.x / 4;
  const unsigned member = threadIdx.x % 4;
  float sums[4] = {};
  for (unsigned k = member; k < depth; k += 8) {
    const float* a_row = a + group * depth + k;
    const float* b_row = b + group * depth + k;
    const unsigned a_words[4] = {kernels::to_tf32(a_row[0]), kernels::to_tf32(a_row[8 * depth]),
                                 kernels::to_tf32(a_row[4]),
                                 kernels::to_tf32(a_row[8 * depth + 4])};
    const unsigned b_words[2] = {kernels::to_tf32(b_row[0]), kernels::to_tf32(b_row[4])};
    kernels::mma_m16n8k8_tf32(sums, a_words, b_words);
  }
  for (unsigned i = 0; i < 4; ++i) {
    d[(group + i / 2 * 8) * 8 + member * 2 + i % 2] = sums[i];
  }
}

/// One warp: the same in three tf32 products.
__global__ void multiply_tf32x3(const float* a, const float* b, float* d, unsigned depth) {
  const unsigned group = threadIdx.x / 4;
  const unsigned member = threadIdx.x % 4;
  float sums[4] = {};
  for (unsigned k = member; k < depth; k += 8) {
    const float* a_row = a + group * depth + k;
    const float* b_row = b + group * depth + k;
    const kernels::Tf32Parts a_parts[4] = {
        kernels::split_tf32(a_row[0]), kernels::split_tf32(a_row[8 * depth]),
        kernels::split_tf32(a_row[4]), kernels::split_tf32(a_row[8 * depth + 4])};
    const kernels::Tf32Parts b_parts[2] = {kernels::split_tf32(b_row[0]),
                                           kernels::split_tf32(b_row[4])};
    kernels::mma_m16n8k8_tf32x3(sums, a_parts, b_parts);
  }
  for (unsigned i = 0; i < 4; ++i) {
    d[(group + i / 2 * 8) * 8 + member * 2 + i % 2] = sums[i];
  }
}

/// One warp: the same in bf16.
__global__ void multiply_bf16(const float* a, const float* b, float* d, unsigned depth) {
  const unsigned group = threadIdx.x / 4;
  const unsigned member = threadIdx.x % 4;
  float sums[4] = {};
  for (unsigned k = member * 2; k < depth; k += 16) {
    const float* upper = a + group * depth + k;
    const float* lower = upper + 8 * depth;
    const float* b_row = b + group * depth + k;
    const unsigned a_words[4] = {
        kernels::pack_bf16(upper[0], upper[1]), kernels::pack_bf16(lower[0], lower[1]),
        kernels::pack_bf16(upper[8], upper[9]), kernels::pack_bf16(lower[8], lower[9])};
    const unsigned b_words[2] = {kernels::pack_bf16(b_row[0], b_row[1]),
                                 kernels::pack_bf16(b_row[8], b_row[9])};
    kernels::mma_m16n8k16_bf16(sums, a_words, b_words);
  }
  for (unsigned i = 0; i < 4; ++i) {
    d[(group + i / 2 * 8) * 8 + member * 2 + i % 2] = sums[i];
  }
}

}  // namespace polyak::emulator_tests
