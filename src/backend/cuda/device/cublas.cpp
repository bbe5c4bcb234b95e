#include "backend/cuda/device/cublas.hpp"

#include <string>
#include <utility>

#include "backend/cuda/device/check.hpp"
#include "polyak/core/error.hpp"

namespace polyak::cuda {
namespace {

cublasComputeType_t compute_type_of(Precision precision) {
  switch (precision) {
    case Precision::tf32:
      return CUBLAS_COMPUTE_32F_FAST_TF32;
    case Precision::bf16:
      return CUBLAS_COMPUTE_32F_FAST_16BF;
    case Precision::fp32:
    case Precision::tf32x3:
      break;
  }
  return CUBLAS_COMPUTE_32F;
}

}  // namespace

void throw_cublas_error(cublasStatus_t status, std::string_view call, const char* file, int line) {
  const std::string_view advice =
      status == CUBLAS_STATUS_ALLOC_FAILED
          ? "reduce agents, environments, batch-size or replay-capacity, or free memory on the GPU"
          : "try again with matrix-product own, and please report it";
  throw RunError(std::string(call) + " failed at " + std::string(source_path(file)) + ":" +
                 std::to_string(line) + ": " + cublasGetStatusString(status) + " (" +
                 cublasGetStatusName(status) + "): " + std::string(advice));
}

CublasHandle::CublasHandle(const Stream& stream, Precision precision,
                           DeviceBuffer<std::uint8_t> workspace)
    : compute_type_(compute_type_of(precision)), workspace_(std::move(workspace)) {
  cublasHandle_t handle = nullptr;
  check(cublasCreate(&handle), "cublasCreate");
  handle_.reset(handle);
  check(cublasSetStream(handle, stream.get()), "cublasSetStream");
  // After the stream: setting the stream puts the workspace back to cuBLAS's own.
  check(cublasSetWorkspace(handle, workspace_.data(), static_cast<std::size_t>(workspace_.size())),
        "cublasSetWorkspace");
  check(cublasSetMathMode(handle, CUBLAS_DEFAULT_MATH), "cublasSetMathMode");
}

void CublasHandle::multiply(const ConstMatrix& a, Transpose transpose_a, const ConstMatrix& b,
                            Transpose transpose_b, const Matrix& c) const {
  // cuBLAS is column-major: what it takes for a matrix is our transpose. So c^T = op(b)^T op(a)^T
  // with the operands exchanged and everything else as it is.
  const auto operation = [](Transpose transpose) {
    return transpose == Transpose::yes ? CUBLAS_OP_T : CUBLAS_OP_N;
  };
  const std::int64_t inner = transpose_a == Transpose::yes ? a.rows : a.columns;
  const float one = 1.0f, zero = 0.0f;
  check(cublasGemmEx(handle_.get(), operation(transpose_b), operation(transpose_a),
                     static_cast<int>(c.columns), static_cast<int>(c.rows), static_cast<int>(inner),
                     &one, b.data, CUDA_R_32F, static_cast<int>(b.leading_dimension), a.data,
                     CUDA_R_32F, static_cast<int>(a.leading_dimension), &zero, c.data, CUDA_R_32F,
                     static_cast<int>(c.leading_dimension), compute_type_, CUBLAS_GEMM_DEFAULT),
        "cublasGemmEx");
}

}  // namespace polyak::cuda
