#include "kernels/fused/block_product.cuh"
#include "kernels/fused/products.hpp"
#include "kernels/launch.cuh"

namespace polyak::test {
namespace {

using kernels::fused::AnyShape;
using kernels::fused::DepthContiguous;
using kernels::fused::ExtentContiguous;

/// As a known shape has it: the number of warps is a constant, more steps are unrolled.
struct FourWarps {
  static constexpr bool is_known = true;
  static constexpr int unrolled_steps = 16, unrolled_thin_steps = 16;
  __device__ static constexpr int threads() { return 4 * 32; }
};

template <class Shape, Precision precision, class A, class B>
__global__ void block_product_kernel(const BlockProductCase product) {
  kernels::fused::block_product<Shape, precision>(
      A{product.a, product.pitch_a, product.rows}, B{product.b, product.pitch_b, product.columns},
      product.depth, [&](int row, int column, float first, float second) {
        product.c[row * product.columns + column] = first;
        product.c[row * product.columns + column + 1] = second;
      });
}

template <class Shape>
__global__ void thin_product_kernel(const ThinProductCase product) {
  kernels::fused::thin_product<Shape>(
      product.weights, product.depth, 1, product.outputs, product.input, product.rows, product.rows,
      product.depth,
      [&](int output, int row, float sum) { product.c[output * product.rows + row] = sum; });
}

template <Precision precision, class A, class B>
cudaError_t launch(const BlockProductCase& product) {
  const cudaLaunchConfig_t config = kernels::launch_config(1, product.warps * 32, nullptr);
  const auto kernel = product.warps == 4 ? block_product_kernel<FourWarps, precision, A, B>
                                         : block_product_kernel<AnyShape, precision, A, B>;
  return cudaLaunchKernelEx(&config, kernel, product);
}

template <Precision precision>
cudaError_t launch_in_order(const BlockProductCase& product) {
  if (product.order_a == Order::depth) {
    return product.order_b == Order::depth
               ? launch<precision, DepthContiguous, DepthContiguous>(product)
               : launch<precision, DepthContiguous, ExtentContiguous>(product);
  }
  return product.order_b == Order::depth
             ? launch<precision, ExtentContiguous, DepthContiguous>(product)
             : launch<precision, ExtentContiguous, ExtentContiguous>(product);
}

}  // namespace

cudaError_t launch_block_product(const BlockProductCase& product) {
  switch (product.precision) {
    case Precision::fp32:
      return launch_in_order<Precision::fp32>(product);
    case Precision::tf32:
      return launch_in_order<Precision::tf32>(product);
    case Precision::tf32x3:
      return launch_in_order<Precision::tf32x3>(product);
    case Precision::bf16:
      return launch_in_order<Precision::bf16>(product);
  }
  return cudaErrorInvalidValue;
}

cudaError_t launch_thin_product(const ThinProductCase& product) {
  const cudaLaunchConfig_t config = kernels::launch_config(1, product.warps * 32, nullptr);
  const auto kernel =
      product.warps == 4 ? thin_product_kernel<FourWarps> : thin_product_kernel<AnyShape>;
  return cudaLaunchKernelEx(&config, kernel, product);
}

}  // namespace polyak::test
