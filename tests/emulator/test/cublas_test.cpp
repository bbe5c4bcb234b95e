#include <cublas_v2.h>

#include "emulator/runtime/memory.hpp"
#include "emulator/test/launch_helpers.hpp"

namespace polyak::emulator_tests {
namespace {

class Cublas : public testing::Test {
 protected:
  Cublas() { EXPECT_EQ(cublasCreate(&handle_), CUBLAS_STATUS_SUCCESS); }
  ~Cublas() override { EXPECT_EQ(cublasDestroy(handle_), CUBLAS_STATUS_SUCCESS); }

  cublasHandle_t handle_ = nullptr;
  const float one_ = 1.0f;
  const float zero_ = 0.0f;
};

/// Column-major matrices with room below their columns.
constexpr int kM = 3;
constexpr int kN = 2;
constexpr int kK = 4;
constexpr int kLeading = 5;

float a_element(int row, int k) { return static_cast<float>(row + 2 * k); }
float b_element(int k, int column) { return static_cast<float>(3 * k - column); }

float expected(int row, int column) {
  float sum = 0.0f;
  for (int k = 0; k < kK; ++k) sum += a_element(row, k) * b_element(k, column);
  return sum;
}

std::vector<float> matrix(int rows, int columns, bool transposed, float (*element)(int, int)) {
  std::vector<float> values(static_cast<std::size_t>(kLeading * (transposed ? rows : columns)));
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const int position = transposed ? column + row * kLeading : row + column * kLeading;
      values[static_cast<std::size_t>(position)] = element(row, column);
    }
  }
  return values;
}

TEST_F(Cublas, MultipliesInAllTranspositions) {
  for (bool transposed_a : {false, true}) {
    for (bool transposed_b : {false, true}) {
      const DeviceArray<float> a(matrix(kM, kK, transposed_a, a_element));
      const DeviceArray<float> b(matrix(kK, kN, transposed_b, b_element));
      const DeviceArray<float> c(kLeading * kN);
      ASSERT_EQ(cublasSgemm(handle_, transposed_a ? CUBLAS_OP_T : CUBLAS_OP_N,
                            transposed_b ? CUBLAS_OP_T : CUBLAS_OP_N, kM, kN, kK, &one_, a.data(),
                            kLeading, b.data(), kLeading, &zero_, c.data(), kLeading),
                CUBLAS_STATUS_SUCCESS);
      const std::vector<float> result = c.read();
      for (int column = 0; column < kN; ++column) {
        for (int row = 0; row < kM; ++row) {
          EXPECT_EQ(result[static_cast<std::size_t>(row + column * kLeading)],
                    expected(row, column));
        }
        EXPECT_TRUE(std::isnan(result[static_cast<std::size_t>(kM + column * kLeading)]));
      }
    }
  }
}

TEST_F(Cublas, ScalesAndAdds) {
  const DeviceArray<float> a(std::vector<float>{3.0f});
  const DeviceArray<float> c(std::vector<float>{10.0f});
  const float alpha = 2.0f;
  const float beta = 0.5f;
  ASSERT_EQ(cublasSgemm(handle_, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &alpha, a.data(), 1, a.data(),
                        1, &beta, c.data(), 1),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(c.read()[0], 23.0f);
}

TEST_F(Cublas, ReadsScalarsFromTheDevice) {
  const DeviceArray<float> scalars(std::vector<float>{4.0f, 1.0f});
  const DeviceArray<float> a(std::vector<float>{3.0f});
  const DeviceArray<float> c(std::vector<float>{1.0f});
  ASSERT_EQ(cublasSetPointerMode(handle_, CUBLAS_POINTER_MODE_DEVICE), CUBLAS_STATUS_SUCCESS);
  ASSERT_EQ(cublasSgemm(handle_, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, scalars.data(), a.data(), 1,
                        a.data(), 1, scalars.data() + 1, c.data(), 1),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(c.read()[0], 37.0f);
}

TEST_F(Cublas, MultipliesBatches) {
  const DeviceArray<float> a(std::vector<float>{1.0f, 2.0f, 3.0f});
  const DeviceArray<float> b(std::vector<float>{10.0f});  // stride 0: the same for all
  const DeviceArray<float> c(6);
  ASSERT_EQ(cublasSgemmStridedBatched(handle_, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one_, a.data(),
                                      1, 1, b.data(), 1, 0, &zero_, c.data(), 1, 2, 3),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(c.read()[4], 30.0f);
  ASSERT_EQ(cublasGemmStridedBatchedEx(handle_, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one_, a.data(),
                                       CUDA_R_32F, 1, 1, b.data(), CUDA_R_32F, 1, 0, &one_,
                                       c.data(), CUDA_R_32F, 1, 2, 3, CUBLAS_COMPUTE_32F_FAST_TF32,
                                       CUBLAS_GEMM_DEFAULT),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(c.read()[4], 60.0f);
}

// As cuBLAS does, which takes other kernels then: an agent's matrices must be aligned alike
// wherever it stands in the population, and must not be multiplied together with others'.
TEST_F(Cublas, BitsDependOnTheAlignmentAndOnTheNumberOfMatrices) {
  const std::vector<float> row = {2.0f, 1e8f, 2.0f, 1.0f, 4.0f, -1e8f};
  const int depth = static_cast<int>(row.size());
  const auto sum_in_a_batch_of = [&](int count, std::size_t offset) {
    std::vector<float> shifted(offset);
    for (int i = 0; i < count; ++i) {
      shifted.insert(shifted.end(), row.begin(), row.end());
      shifted.resize(offset + 8 * (static_cast<std::size_t>(i) + 1));
    }
    const DeviceArray<float> a(shifted), ones(std::vector<float>(16, 1.0f)), c(16);
    EXPECT_EQ(cublasSgemmStridedBatched(handle_, CUBLAS_OP_T, CUBLAS_OP_N, 1, 1, depth, &one_,
                                        a.data() + offset, 8, 8, ones.data(), 8, 0, &zero_,
                                        c.data(), 4, 4, count),
              CUBLAS_STATUS_SUCCESS);
    return c.read()[0];
  };
  EXPECT_EQ(sum_in_a_batch_of(1, 0), 9.0f) << "sums of every fourth product";
  EXPECT_EQ(sum_in_a_batch_of(1, 4), 9.0f);
  EXPECT_EQ(sum_in_a_batch_of(1, 2), 8.0f) << "of every second";
  EXPECT_EQ(sum_in_a_batch_of(1, 1), 0.0f) << "one after the other";
  EXPECT_EQ(sum_in_a_batch_of(2, 0), 7.0f) << "of every fifth";
}

TEST_F(Cublas, RefusesWhatItCannotMultiply) {
  const DeviceArray<float> x(16);
  EXPECT_EQ(cublasSgemm(handle_, CUBLAS_OP_N, CUBLAS_OP_N, 4, 1, 1, &one_, x.data(), 3, x.data(), 1,
                        &zero_, x.data(), 4),
            CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(cublasGemmEx(handle_, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one_, x.data(), CUDA_R_16BF,
                         1, x.data(), CUDA_R_16BF, 1, &zero_, x.data(), CUDA_R_32F, 1,
                         CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
            CUBLAS_STATUS_NOT_SUPPORTED);
  EXPECT_EQ(cublasSgemm(nullptr, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one_, x.data(), 1, x.data(), 1,
                        &zero_, x.data(), 1),
            CUBLAS_STATUS_NOT_INITIALIZED);
  EXPECT_STREQ(cublasGetStatusName(CUBLAS_STATUS_NOT_SUPPORTED), "CUBLAS_STATUS_NOT_SUPPORTED");
  EXPECT_STRNE(cublasGetStatusString(CUBLAS_STATUS_NOT_SUPPORTED), "unknown status");
}

TEST_F(Cublas, KernelsCannotUseItsWorkspace) {
  const auto has_memory = [](const void* start) {
    return emulator::find_allocation(start, 1).start != nullptr;
  };
  const DeviceArray<char> part(64);
  EXPECT_EQ(cublasSetWorkspace(handle_, part.data(), 63), CUBLAS_STATUS_SUCCESS);
  EXPECT_TRUE(has_memory(part.data())) << "the rest may be anyone's";
  const std::size_t before = emulator::allocations().size();
  const DeviceArray<char> whole(64);
  EXPECT_TRUE(has_memory(whole.data()));
  EXPECT_EQ(cublasSetWorkspace(handle_, whole.data(), 64), CUBLAS_STATUS_SUCCESS);
  EXPECT_FALSE(has_memory(whole.data()));
  EXPECT_EQ(emulator::allocations().size(), before);
}

TEST_F(Cublas, KeepsItsSettings) {
  const DeviceArray<char> workspace(64);
  EXPECT_EQ(cublasSetWorkspace(handle_, workspace.data(), 64), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(cublasSetWorkspace(handle_, workspace.data(), 65), CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(cublasSetMathMode(handle_, CUBLAS_TF32_TENSOR_OP_MATH), CUBLAS_STATUS_SUCCESS);
  cublasMath_t mode = CUBLAS_DEFAULT_MATH;
  EXPECT_EQ(cublasGetMathMode(handle_, &mode), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(mode, CUBLAS_TF32_TENSOR_OP_MATH);
  int version = 0;
  EXPECT_EQ(cublasGetVersion(handle_, &version), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(version, CUBLAS_VERSION);
}

TEST_F(Cublas, IsCapturedOnItsStream) {
  const Stream stream;
  const DeviceArray<float> two(std::vector<float>{2.0f});
  const DeviceArray<float> c(std::vector<float>{1.0f});
  ASSERT_EQ(cublasSetStream(handle_, stream), CUBLAS_STATUS_SUCCESS);
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  ASSERT_EQ(cublasSgemm(handle_, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one_, two.data(), 1,
                        two.data(), 1, &one_, c.data(), 1),
            CUBLAS_STATUS_SUCCESS);
  cudaGraph_t graph = nullptr;
  check(cudaStreamEndCapture(stream, &graph));
  cudaGraphExec_t executable = nullptr;
  check(cudaGraphInstantiate(&executable, graph, 0));
  check(cudaGraphUpload(executable, stream));
  EXPECT_EQ(c.read()[0], 1.0f);
  for (int i = 0; i < 2; ++i) check(cudaGraphLaunch(executable, stream));
  check(cudaStreamSynchronize(stream));
  EXPECT_EQ(c.read()[0], 9.0f);
  check(cudaGraphExecDestroy(executable));
  check(cudaGraphDestroy(graph));
}

TEST_F(Cublas, RoundsOperandsAsTheComputeTypeAllows) {
  const float a = 1.0f + 0x1p-9f;  // exact in tf32, a tie to even in bf16
  const auto product_in = [&](cublasComputeType_t type) {
    const DeviceArray<float> device_a(std::vector<float>{a}), b(std::vector<float>{1.0f}), c(1);
    EXPECT_EQ(cublasGemmEx(handle_, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one_, device_a.data(),
                           CUDA_R_32F, 1, b.data(), CUDA_R_32F, 1, &zero_, c.data(), CUDA_R_32F, 1,
                           type, CUBLAS_GEMM_DEFAULT),
              CUBLAS_STATUS_SUCCESS);
    return c.read()[0];
  };
  EXPECT_EQ(product_in(CUBLAS_COMPUTE_32F), a);
  EXPECT_EQ(product_in(CUBLAS_COMPUTE_32F_FAST_TF32), a);
  EXPECT_EQ(product_in(CUBLAS_COMPUTE_32F_FAST_16BF), 1.0f);
}

}  // namespace
}  // namespace polyak::emulator_tests
