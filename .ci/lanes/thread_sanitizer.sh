#!/usr/bin/env bash
# The CPU back end's threads and, each CUDA thread being one to it, the emulated kernels under
# ThreadSanitizer.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

options=(-DPOLYAK_EMULATOR=OFF)
toolkit=$(find_cuda_toolkit) && options=(-DCUDAToolkit_ROOT="$toolkit")
configure tsan "${options[@]}"
build tsan
TSAN_OPTIONS=halt_on_error=1 run_ctest thread-sanitizer tsan --parallel "$jobs" --no-tests=error
