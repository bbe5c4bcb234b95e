#!/usr/bin/env bash
# nvcc compiles everything, warnings being errors, for the architectures that differ in the source;
# all of them (preset cuda-all-architectures) take three times as long. The binary starts and says
# that there is no GPU.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

toolkit=$(need_toolkit)
configure cuda-code-paths -DCUDAToolkit_ROOT="$toolkit"
build cuda-code-paths polyak polyak_gpu_tests
"$root/build/cuda-code-paths/src/polyak" info
