#!/usr/bin/env bash
# clang-tidy on the library's CPU sources, as .clang-tidy says. Kernels and their host code are left
# to the emulator's tests and to nvcc: clang-tidy 14 does not know this CUDA. The compiler's own
# warnings are g++'s business.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

cd "$root"
configure cpu-only
mapfile -t files < <(project_files 'src/*.cpp' ':!src/backend/cuda' ':!src/app')
printf '%s\n' "${files[@]}" |
  xargs --max-args=1 --max-procs="$jobs" clang-tidy --quiet -p build/cpu-only --extra-arg=-w
