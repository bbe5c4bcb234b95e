#!/usr/bin/env bash
# clang-tidy on the product's C++ sources, as .clang-tidy says. Kernels are left to the emulator's
# tests and to nvcc: clang-tidy 14 does not know this CUDA.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

cd "$root"
configure cpu-only
mapfile -t files < <(project_files 'src/*.cpp' ':!src/backend/cuda')
printf '%s\n' "${files[@]}" |
  xargs --max-args=1 --max-procs="$jobs" clang-tidy --quiet -p build/cpu-only \
    --extra-arg=-Wno-unknown-warning-option
