#!/usr/bin/env bash
# The tests of the CPU, of the command line and of the emulated CUDA back end under
# AddressSanitizer and UndefinedBehaviorSanitizer. Left out are the tests that repeat the same
# kernels and trainings in other orders or company or at great sizes, which the other lanes run at
# full speed.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

options=(-DPOLYAK_EMULATOR=OFF)
targets=(polyak polyak_tests)
if toolkit=$(find_cuda_toolkit); then
  options=(-DCUDAToolkit_ROOT="$toolkit")
  targets+=(polyak_emulated_tests emulator_tests)
fi
configure asan "${options[@]}"
build asan "${targets[@]}"
repetitions='Limits\.|Order|SameSeed|AloneHasTheBits|ImportedState|AgreesWithTheOracle|NotDependOn|BitsDepend'
UBSAN_OPTIONS=print_stacktrace=1 \
  run_ctest address-sanitizer asan --parallel "$jobs" --no-tests=error \
  -E "^emulated\..*($repetitions)|^emulator\.(reverse|random_[23]|lazy)$"
