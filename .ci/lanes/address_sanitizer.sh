#!/usr/bin/env bash
# All tests of the CPU and of the emulated CUDA back end under AddressSanitizer and
# UndefinedBehaviorSanitizer.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

options=(-DPOLYAK_EMULATOR=OFF)
toolkit=$(find_cuda_toolkit) && options=(-DCUDAToolkit_ROOT="$toolkit")
configure asan "${options[@]}"
build asan
UBSAN_OPTIONS=print_stacktrace=1 \
  run_ctest address-sanitizer asan --parallel "$jobs" --no-tests=error
