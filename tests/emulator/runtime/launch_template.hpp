#pragma once

#include <cuda_runtime.h>

#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "emulator/runtime/kernel_launch.hpp"
#include "emulator/runtime/launch_runner.hpp"

namespace polyak::emulator {

/// The second argument in the text of an argument list; commas within brackets do not separate.
std::string kernel_name(std::string_view arguments);

/// What cudaLaunchKernelEx becomes. The arguments are converted and copied now, as on a device.
template <class... Parameters, class... Arguments>
cudaError_t launch_kernel(const char* text, const cudaLaunchConfig_t* config,
                          void (*kernel)(Parameters...), Arguments&&... arguments) {
  Launch launch;
  const cudaError_t status =
      describe_launch(*config, reinterpret_cast<const void*>(kernel), &launch);
  if (status != cudaSuccess) return status;
  launch.name = kernel_name(text);
  std::tuple<std::remove_cv_t<Parameters>...> copies(
      static_cast<Parameters>(std::forward<Arguments>(arguments))...);
  ParameterMemory parameters;
  if (launch_runner() != nullptr) {
    std::apply([&parameters](const auto&... copy) { (parameters.append(copy), ...); }, copies);
  }
  return submit_launch(std::move(launch), config->stream, std::move(parameters),
                       [kernel, copies = std::move(copies)] { std::apply(kernel, copies); });
}

}  // namespace polyak::emulator

// A macro, because the toolkit's template of this name is visible here too, and to learn the
// kernel's name. The argument list is passed on whole: a kernel's template arguments have commas.
#define cudaLaunchKernelEx(...) ::polyak::emulator::launch_kernel(#__VA_ARGS__, __VA_ARGS__)

// The toolkit has these overloads for kernels under nvcc only.
template <class Result, class... Parameters>
cudaError_t cudaFuncSetAttribute(Result (*kernel)(Parameters...), cudaFuncAttribute attribute,
                                 int value) {
  return ::cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), attribute, value);
}

template <class Result, class... Parameters>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, Result (*kernel)(Parameters...)) {
  return ::cudaFuncGetAttributes(attributes, reinterpret_cast<const void*>(kernel));
}
