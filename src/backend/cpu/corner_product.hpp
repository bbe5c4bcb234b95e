// The last columns of a product that are too few for a register: AVX-512 only.
#pragma once

#include "backend/cpu/matrix_product.hpp"

namespace polyak::cpu {

/// Columns at the end of a product that corner_product() computes; 0: none, tiles round them up to
/// whole registers. Of a batch of 100, 4: a register for every row would be idle in three lanes of
/// four, products and activations alike.
std::ptrdiff_t corner_columns(const ProductArguments& p);

/// Computes those, as matrix_product() would.
void corner_product(const ProductArguments& p);

}  // namespace polyak::cpu
