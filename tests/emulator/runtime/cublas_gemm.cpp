// Matrix products in place of cuBLAS: column-major, by plain loops, with sums in fp32 and operands
// rounded to the format that the compute type allows. As with cuBLAS the order of the additions
// depends on how the operands are aligned and on the number of matrices.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "emulator/runtime/cublas_handle.hpp"
#include "emulator/runtime/host_call.hpp"
#include "emulator/runtime/work.hpp"

namespace polyak::emulator {
namespace {

/// A batch of equally shaped matrices.
template <class Element>
struct MatrixBatch {
  Element* data;
  int leading_dimension;
  long long stride;

  Element* matrix(int index) const { return data + index * stride; }
};

/// C = alpha op(A) op(B) + beta C for each matrix of the batch.
struct Product {
  cublasOperation_t operation_a;
  cublasOperation_t operation_b;
  int m;
  int n;
  int k;
  MatrixBatch<const float> a;
  MatrixBatch<const float> b;
  MatrixBatch<float> c;
  int batch_count;
  int fraction_bits = 23;  // of the operands

  /// How many elements one access could take, as the matrices' first addresses are aligned: 4, 2 or
  /// 1. cuBLAS has kernels for each.
  int access_width() const;
};

/// Rounds to so many bits of fraction, to nearest with ties to even; not-a-number stays one.
float round_fraction(float value, int bits) {
  if (bits == 23 || !std::isfinite(value)) return value;
  const int dropped = 23 - bits;
  const auto word = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t half = (1u << (dropped - 1)) - 1u + (word >> dropped & 1u);
  return std::bit_cast<float>((word + half) >> dropped << dropped);
}

std::ptrdiff_t position(int row, int column, int leading_dimension) {
  return row + static_cast<std::ptrdiff_t>(column) * leading_dimension;
}

float element(const float* matrix, int leading_dimension, cublasOperation_t operation, int row,
              int column) {
  return operation == CUBLAS_OP_N ? matrix[position(row, column, leading_dimension)]
                                  : matrix[position(column, row, leading_dimension)];
}

int Product::access_width() const {
  const auto all_divisible_by = [&](int width) {
    const auto bytes = static_cast<std::uintptr_t>(width) * sizeof(float);
    const auto divides = [&]<class Element>(const MatrixBatch<Element>& matrices) {
      return reinterpret_cast<std::uintptr_t>(matrices.data) % bytes == 0 &&
             matrices.stride % width == 0;
    };
    return divides(a) && divides(b) && divides(c);
  };
  return all_divisible_by(4) ? 4 : all_divisible_by(2) ? 2 : 1;
}

/// As many partial sums, each of every `partial_sums`-th product, as are asked for.
float dot(const Product& product, const float* a, const float* b, int row, int column,
          int partial_sums) {
  float sum = 0.0f;
  for (int first = 0; first < partial_sums; ++first) {
    float part = 0.0f;
    for (int i = first; i < product.k; i += partial_sums) {
      const float of_a = element(a, product.a.leading_dimension, product.operation_a, row, i);
      const float of_b = element(b, product.b.leading_dimension, product.operation_b, i, column);
      part +=
          round_fraction(of_a, product.fraction_bits) * round_fraction(of_b, product.fraction_bits);
    }
    sum += part;
  }
  return sum;
}

/// One for every element of an access; one more for several matrices in one call.
int partial_sums_of(const Product& product) {
  return product.access_width() + (product.batch_count > 1 ? 1 : 0);
}

/// With beta zero C is not read, so that it may hold anything.
void multiply(const Product& product, float alpha, float beta) {
  const int partial_sums = partial_sums_of(product);
  for (int batch = 0; batch < product.batch_count; ++batch) {
    const float* a = product.a.matrix(batch);
    const float* b = product.b.matrix(batch);
    float* c = product.c.matrix(batch);
    for (int column = 0; column < product.n; ++column) {
      for (int row = 0; row < product.m; ++row) {
        float& result = c[position(row, column, product.c.leading_dimension)];
        const float scaled = alpha * dot(product, a, b, row, column, partial_sums);
        result = beta == 0.0f ? scaled : scaled + beta * result;
      }
    }
  }
}

bool is_known(cublasOperation_t operation) {
  return operation == CUBLAS_OP_N || operation == CUBLAS_OP_T || operation == CUBLAS_OP_C;
}

bool is_valid(const Product& product) {
  const int rows_a = product.operation_a == CUBLAS_OP_N ? product.m : product.k;
  const int rows_b = product.operation_b == CUBLAS_OP_N ? product.k : product.n;
  return is_known(product.operation_a) && is_known(product.operation_b) && product.m >= 0 &&
         product.n >= 0 && product.k >= 0 && product.batch_count >= 0 &&
         product.a.leading_dimension >= std::max(1, rows_a) &&
         product.b.leading_dimension >= std::max(1, rows_b) &&
         product.c.leading_dimension >= std::max(1, product.m);
}

/// Host scalars are read now, device scalars when the work runs.
cublasStatus_t submit(cublasHandle_t handle, const Product& product, const float* alpha,
                      const float* beta) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (!is_valid(product) || alpha == nullptr || beta == nullptr) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  if (product.m == 0 || product.n == 0 || product.batch_count == 0) return CUBLAS_STATUS_SUCCESS;
  Work work;
  if (handle->pointer_mode == CUBLAS_POINTER_MODE_HOST) {
    work = [product, alpha = *alpha, beta = *beta] { multiply(product, alpha, beta); };
  } else {
    work = [product, alpha, beta] { multiply(product, *alpha, *beta); };
  }
  const cudaError_t status = enqueue(handle->stream, cudaGraphNodeTypeKernel, std::move(work));
  return status == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

/// Bits of fraction that the operands of fp32 matrices keep; 0 if the type is not for them. With a
/// FAST type cuBLAS may round the operands; here it does.
int fraction_bits_of(cublasComputeType_t type) {
  switch (type) {
    case CUBLAS_COMPUTE_32F:
    case CUBLAS_COMPUTE_32F_PEDANTIC:
      return 23;
    case CUBLAS_COMPUTE_32F_FAST_TF32:
    case CUBLAS_COMPUTE_32F_FAST_16F:  // as many bits as tf32, with a smaller range
      return 10;
    case CUBLAS_COMPUTE_32F_FAST_16BF:
      return 7;
    default:
      return 0;
  }
}

}  // namespace
}  // namespace polyak::emulator

using polyak::emulator::HostCall;

extern "C" {

cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, cublasOperation_t operation_a,
                                         cublasOperation_t operation_b, int m, int n, int k,
                                         const float* alpha, const float* a, int lda,
                                         long long stride_a, const float* b, int ldb,
                                         long long stride_b, const float* beta, float* c, int ldc,
                                         long long stride_c, int batch_count) {
  const HostCall call;
  return polyak::emulator::submit(handle,
                                  {operation_a,
                                   operation_b,
                                   m,
                                   n,
                                   k,
                                   {a, lda, stride_a},
                                   {b, ldb, stride_b},
                                   {c, ldc, stride_c},
                                   batch_count},
                                  alpha, beta);
}

cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t operation_a,
                              cublasOperation_t operation_b, int m, int n, int k,
                              const float* alpha, const float* a, int lda, const float* b, int ldb,
                              const float* beta, float* c, int ldc) {
  const HostCall call;
  return cublasSgemmStridedBatched(handle, operation_a, operation_b, m, n, k, alpha, a, lda, 0, b,
                                   ldb, 0, beta, c, ldc, 0, 1);
}

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t operation_a,
                                          cublasOperation_t operation_b, int m, int n, int k,
                                          const void* alpha, const void* a, cudaDataType type_a,
                                          int lda, long long stride_a, const void* b,
                                          cudaDataType type_b, int ldb, long long stride_b,
                                          const void* beta, void* c, cudaDataType type_c, int ldc,
                                          long long stride_c, int batch_count,
                                          cublasComputeType_t compute_type, cublasGemmAlgo_t) {
  const HostCall call;
  const int fraction_bits = polyak::emulator::fraction_bits_of(compute_type);
  const bool supported = type_a == CUDA_R_32F && type_b == CUDA_R_32F && type_c == CUDA_R_32F;
  if (!supported || fraction_bits == 0) return CUBLAS_STATUS_NOT_SUPPORTED;
  return polyak::emulator::submit(handle,
                                  {operation_a,
                                   operation_b,
                                   m,
                                   n,
                                   k,
                                   {static_cast<const float*>(a), lda, stride_a},
                                   {static_cast<const float*>(b), ldb, stride_b},
                                   {static_cast<float*>(c), ldc, stride_c},
                                   batch_count,
                                   fraction_bits},
                                  static_cast<const float*>(alpha),
                                  static_cast<const float*>(beta));
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t operation_a,
                            cublasOperation_t operation_b, int m, int n, int k, const void* alpha,
                            const void* a, cudaDataType type_a, int lda, const void* b,
                            cudaDataType type_b, int ldb, const void* beta, void* c,
                            cudaDataType type_c, int ldc, cublasComputeType_t compute_type,
                            cublasGemmAlgo_t algorithm) {
  const HostCall call;
  return cublasGemmStridedBatchedEx(handle, operation_a, operation_b, m, n, k, alpha, a, type_a,
                                    lda, 0, b, type_b, ldb, 0, beta, c, type_c, ldc, 0, 1,
                                    compute_type, algorithm);
}

}  // extern "C"
