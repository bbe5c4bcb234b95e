#include "backend/cuda/device/cublas.hpp"

#include <string>
#include <utility>

#include "backend/cuda/device/check.hpp"
#include "polyak/core/error.hpp"

namespace polyak::cuda {

void throw_cublas_error(cublasStatus_t status, std::string_view call, const char* file, int line) {
  const std::string_view advice =
      status == CUBLAS_STATUS_ALLOC_FAILED
          ? "reduce agents, environments, batch-size or replay-capacity, or free memory on the GPU"
          : "try again with matrix-product own, and please report it";
  throw RunError(std::string(call) + " failed at " + std::string(source_path(file)) + ":" +
                 std::to_string(line) + ": " + cublasGetStatusString(status) + " (" +
                 cublasGetStatusName(status) + "): " + std::string(advice));
}

CublasHandle::CublasHandle(const Stream& stream, DeviceBuffer<std::uint8_t> workspace)
    : workspace_(std::move(workspace)) {
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
  check(cublasSgemm(handle_.get(), operation(transpose_b), operation(transpose_a),
                    static_cast<int>(c.columns), static_cast<int>(c.rows), static_cast<int>(inner),
                    &one, b.data, static_cast<int>(b.leading_dimension), a.data,
                    static_cast<int>(a.leading_dimension), &zero, c.data,
                    static_cast<int>(c.leading_dimension)),
        "cublasSgemm");
}

}  // namespace polyak::cuda
