#!/usr/bin/env bash
# clang-tidy, as .clang-tidy says, on everything that the program is made of: library, command line,
# and the CUDA back end with its kernels, which it reads as the emulator's C++. Most of its time goes
# into the standard library's headers, so it reads thirty files at once where their anonymous
# namespaces allow. The compiler's own warnings are g++'s business.
#   .ci/lanes/static_analysis.sh [FILE...]     only these files, one by one
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

cd "$root"
options=(-DPOLYAK_EMULATOR=OFF)
if toolkit=$(find_cuda_toolkit); then options=(-DCUDAToolkit_ROOT="$toolkit"); fi
[[ $# -eq 0 ]] || options+=(-DPOLYAK_NATIVE=ON -DPOLYAK_COMPILE_TOGETHER=OFF -DCMAKE_UNITY_BUILD=OFF)
configure static-analysis "${options[@]}"
commands=build/static-analysis/compile_commands.json
sed -i 's/ -fno-gnu-unique//' "$commands"  # GCC's own
files=("$@")
if [[ $# -eq 0 ]]; then
  mapfile -t files < <(sed -n 's/^ *"file": "\(.*\)",*$/\1/p' "$commands" | sort --unique |
    grep -E "^$root/(build/static-analysis/)?(src|kernels)/" |
    # The same files as x86_64_v4's, as the program's libraries', and but for a number format's name; and
    # what is written when something is built.
    grep -vE '(polyak_cpu_x86_64(_v3)?|polyak_test_(environments|library))[.]dir|training_(bf16|tf32|tf32x3)[.]cu|/embedded_kernels/')
fi
# What such a group of files includes are the files.
printf '%s\n' "${files[@]}" | xargs --max-args=1 --max-procs="$jobs" clang-tidy --quiet \
  --checks=-bugprone-suspicious-include -p build/static-analysis --extra-arg=-w
