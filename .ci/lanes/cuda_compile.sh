#!/usr/bin/env bash
# nvcc compiles everything for every architecture, warnings being errors; the binary starts and says
# that there is no GPU.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

toolkit=$(need_toolkit)
configure cuda-all-architectures -DCUDAToolkit_ROOT="$toolkit"
build cuda-all-architectures polyak polyak_gpu_tests
"$root/build/cuda-all-architectures/src/polyak" info
