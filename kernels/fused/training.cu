// The fused engine's launcher: chooses the precision.
#include "kernels/fused/training.hpp"
#include "kernels/fused/training_precision.hpp"

namespace polyak::kernels::fused {
namespace {

/// What the function returns, or `otherwise` for a precision that there is not.
template <class Result, class Function>
Result visit_precision(Precision precision, Result otherwise, const Function& function) {
  switch (precision) {
    case Precision::fp32:
      return function.template operator()<Precision::fp32>();
    case Precision::tf32:
      return function.template operator()<Precision::tf32>();
    case Precision::tf32x3:
      return function.template operator()<Precision::tf32x3>();
    case Precision::bf16:
      return function.template operator()<Precision::bf16>();
  }
  return otherwise;
}

}  // namespace

cudaError_t launch_training(const Training& arguments, cudaStream_t stream, const void* compiled) {
  return visit_precision(arguments.precision, cudaErrorInvalidValue, [&]<Precision precision>() {
    return launch_with<precision>(arguments, stream, compiled);
  });
}

bool has_own_kernel(std::string_view environment, Precision precision, const Plan& plan) {
  return visit_precision(precision, false, [&]<Precision with>() {
    return has_own_kernel_with<with>(environment, plan);
  });
}

cudaError_t resident_clusters(std::string_view environment, Precision precision, const Plan& plan,
                              int* clusters, const void* compiled) {
  *clusters = 0;
  return visit_precision(precision, cudaErrorInvalidValue, [&]<Precision with>() {
    return resident_with<with>(environment, plan, clusters, compiled);
  });
}

}  // namespace polyak::kernels::fused
