// cuBLAS, set up so that it can be captured into a graph and repeats its bits.
#pragma once

#include <cublas_v2.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "backend/cuda/device/memory.hpp"
#include "backend/cuda/device/stream.hpp"
#include "polyak/core/precision.hpp"

namespace polyak::cuda {

/// What a failed check() of a cuBLAS call throws.
[[noreturn]] void throw_cublas_error(cublasStatus_t status, std::string_view call, const char* file,
                                     int line);

/// Throws RunError unless `status` is CUBLAS_STATUS_SUCCESS.
inline void check(cublasStatus_t status, std::string_view call, const char* file = __builtin_FILE(),
                  int line = __builtin_LINE()) {
  if (status != CUBLAS_STATUS_SUCCESS) [[unlikely]] {
    throw_cublas_error(status, call, file, line);
  }
}

/// A row-major matrix [rows, columns] on the device inside wider rows of `leading_dimension`
/// floats.
struct ConstMatrix {
  const float* data;
  std::int64_t rows;
  std::int64_t columns;
  std::int64_t leading_dimension;
};
struct Matrix {
  float* data;
  std::int64_t rows;
  std::int64_t columns;
  std::int64_t leading_dimension;
};

enum class Transpose { no, yes };

/// A cuBLAS handle bound to one stream. Move-only.
/// It multiplies floats as the precision says; in plain fp32 for tf32x3 too, for which cuBLAS has
/// no mode of its own and which is to have fp32's accuracy. It has a workspace of its own: with
/// cuBLAS's internal one a captured graph would not be allowed to allocate, and results could
/// change with what else runs.
class CublasHandle {
 public:
  ///   workspace  of at least workspace_bytes
  CublasHandle(const Stream& stream, Precision precision, DeviceBuffer<std::uint8_t> workspace);

  /// c = op(a) op(b), with op the transpose where asked for.
  void multiply(const ConstMatrix& a, Transpose transpose_a, const ConstMatrix& b,
                Transpose transpose_b, const Matrix& c) const;

  /// What NVIDIA recommends for Hopper and later; more than older GPUs need.
  static constexpr std::int64_t workspace_bytes = std::int64_t{32} << 20;

 private:
  struct Destroy {
    void operator()(cublasHandle_t handle) const noexcept { (void)cublasDestroy(handle); }
  };
  cublasComputeType_t compute_type_;
  DeviceBuffer<std::uint8_t> workspace_;
  std::unique_ptr<cublasContext, Destroy> handle_;
};

}  // namespace polyak::cuda
