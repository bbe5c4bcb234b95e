#!/usr/bin/env bash
# nvcc compiles everything, warnings being errors, for the architectures between which the source
# differs; preset cuda-all-architectures has them all. The binary starts and says that there is no GPU.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

toolkit=$(need_toolkit)
configure cuda-code-paths -DCUDAToolkit_ROOT="$toolkit"
build cuda-code-paths polyak polyak_gpu_tests
"$root/build/cuda-code-paths/src/polyak" info
