// In which number format the GPU multiplies matrices; sums, parameters and everything else are
// fp32.
#pragma once

namespace polyak {

enum class Precision : int {
  fp32,    // fused multiply-adds in fp32
  tf32,    // tensor cores; operands rounded to 10 bits of fraction
  tf32x3,  // tensor cores; operands split in two tf32 parts, three products: fp32's accuracy
  bf16,    // tensor cores; operands rounded to 7 bits of fraction
};

}  // namespace polyak
