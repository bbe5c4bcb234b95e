#!/usr/bin/env bash
# nvcc compiles everything, warnings being errors, for Turing and Hopper: what the source tells apart
# by __CUDA_ARCH__ is older than one of the two bounds 8.0 and 9.0 or not, so that one or the other takes
# every branch, and Ampere none of its own. Preset cuda-all-architectures
# has them all. No GPU runs what comes out, so Turing's is PTX alone, and nvcc hardly optimises if it can
# be told so. What is then not seen here, the release check ptx sees, which compiles and assembles both
# with all optimisation and with warnings as errors: what the optimisers warn of (a loop that could not be
# unrolled, registers that did not suffice), and ptxas for Turing.
# The binary starts and says that there is no GPU.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

toolkit=$(need_toolkit)
hasty=()
! grep -q -- --Ofast-compile <<<"$("$toolkit/bin/nvcc" --help)" || hasty=(-DCMAKE_CUDA_FLAGS=-Ofc=max)
configure cuda-code-paths -DCUDAToolkit_ROOT="$toolkit" "${hasty[@]}"
build cuda-code-paths polyak polyak_gpu_tests
"$root/build/cuda-code-paths/src/polyak" info
