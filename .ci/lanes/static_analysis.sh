#!/usr/bin/env bash
# clang-tidy, as .clang-tidy says, on everything that the program is made of: library, command line,
# and the CUDA back end with its kernels, which it reads as the emulator's C++. The compiler's own
# warnings are g++'s business.
#   .ci/lanes/static_analysis.sh [FILE...]     only these files
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

cd "$root"
patterns=('src/*.cpp' ':!src/backend/cuda')
options=(-DPOLYAK_EMULATOR=OFF)
if toolkit=$(find_cuda_toolkit); then
  patterns=('src/*.cpp' 'kernels/*.cu')
  options=(-DCUDAToolkit_ROOT="$toolkit")
fi
configure static-analysis "${options[@]}"
files=("$@")
[[ $# -gt 0 ]] || mapfile -t files < <(project_files "${patterns[@]}")
printf '%s\n' "${files[@]}" |
  xargs --max-args=1 --max-procs="$jobs" clang-tidy --quiet -p "build/static-analysis" --extra-arg=-w
