// The ceilings: what this device reaches when nothing but memory, or nothing but arithmetic,
// counts.
#include <algorithm>
#include <memory>
#include <utility>

#include "backend/cuda/device/check.hpp"
#include "backend/cuda/device/cublas.hpp"
#include "micro/operands.hpp"
#include "micro/operation.hpp"

namespace polyak::bench {
namespace {

/// Reads and writes every byte once.
Operation large_copy(Sizes sizes) {
  const std::int64_t count = sizes == Sizes::full ? std::int64_t{1} << 28 : 1000;
  const auto from = std::make_shared<cuda::DeviceBuffer<float>>(random_floats(count, "a copy"));
  const auto to = std::make_shared<cuda::DeviceBuffer<float>>(count, "a copy");
  return {"large copy",
          std::to_string(from->bytes()) + " bytes",
          Bound::memory,
          2.0 * static_cast<double>(from->bytes()),
          "",
          [=](const cuda::Stream& stream, std::int64_t) {
            cuda::copy_bytes(to->data(), from->data(), from->bytes(), cudaMemcpyDeviceToDevice,
                             stream);
          }};
}

Operation large_product(Sizes sizes) {
  const std::int64_t size = sizes == Sizes::full ? 8192 : 24;
  struct Operands {
    cuda::DeviceBuffer<float> a, b, c;
    std::unique_ptr<cuda::CublasHandle> handle;
  };
  const auto operands = std::make_shared<Operands>(Operands{random_floats(size * size, "a product"),
                                                            random_floats(size * size, "a product"),
                                                            {size * size, "a product"},
                                                            nullptr});
  const auto length = static_cast<double>(size);
  return {"large product, cuBLAS",
          std::to_string(size) + "^3",
          Bound::arithmetic,
          2.0 * length * length * length,
          "",
          [=](const cuda::Stream& stream, std::int64_t) {
            if (!operands->handle) {
              operands->handle = std::make_unique<cuda::CublasHandle>(
                  stream, Precision::fp32,
                  cuda::DeviceBuffer<std::uint8_t>(cuda::CublasHandle::workspace_bytes,
                                                   "workspace of cuBLAS"));
            }
            operands->handle->multiply({operands->a.data(), size, size, size}, cuda::Transpose::no,
                                       {operands->b.data(), size, size, size}, cuda::Transpose::yes,
                                       {operands->c.data(), size, size, size});
          }};
}

}  // namespace

std::vector<OperationMaker> ceiling_operations(Sizes sizes) {
  return {[=] { return large_copy(sizes); }, [=] { return large_product(sizes); }};
}

std::int64_t sets_beyond_cache(std::int64_t bytes) {
  int device = 0, cache = 0;
  cuda::check(cudaGetDevice(&device), "cudaGetDevice");
  cuda::check(cudaDeviceGetAttribute(&cache, cudaDevAttrL2CacheSize, device),
              "cudaDeviceGetAttribute");
  return std::clamp<std::int64_t>(2 * std::int64_t{cache} / std::max<std::int64_t>(1, bytes) + 1, 1,
                                  max_turns);
}

}  // namespace polyak::bench
