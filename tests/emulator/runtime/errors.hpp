#pragma once

#include <cuda_runtime.h>

namespace polyak::emulator {

/// Keeps an error for cudaGetLastError and passes it on.
cudaError_t report(cudaError_t status);

/// Keeps the message of a kernel error that surfaced in a call that must not throw, because
/// destructors make it: cudaFree and its like. Returns cudaErrorLaunchFailure.
cudaError_t postpone_kernel_error(const char* message);

/// Throws the error kept by postpone_kernel_error, once.
void throw_postponed_error();

}  // namespace polyak::emulator
