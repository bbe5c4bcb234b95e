#!/usr/bin/env bash
# A program for any x86-64 takes the best instructions that a CPU has, and `polyak signature` gives the
# committed digests whoever compiled it and whatever instructions it uses: g++ and clang++, with every
# instruction set.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

# The lane cuda_compile has built such a program.
gcc_tree=portable
[[ ! -e $root/build/cuda-code-paths/src/polyak ]] || gcc_tree=cuda-code-paths
for tree in "$gcc_tree" portable-clang; do
  [[ $tree == cuda-code-paths ]] || configure "$tree"
  build "$tree" polyak
done

# has_flag FLAG : whether this machine's CPU has these instructions.
has_flag() { grep -qw "$1" /proc/cpuinfo; }

# signature LEVEL COMMAND... : the command, which runs the program, with an instruction set.
signature() {
  say "$2, $1"
  POLYAK_INSTRUCTION_SET=$1 "${@:2}" signature --device cpu
}

status=0
"$root/tests/packaging/test_instruction_sets.sh" "$root/build/$gcc_tree/src/polyak" || status=1
for program in "$root/build/$gcc_tree/src/polyak" "$root/build/portable-clang/src/polyak"; do
  signature x86-64 "$program" || status=1
  if has_flag avx2 && has_flag fma; then
    signature x86-64-v3 "$program" || status=1
  else
    signature x86-64-v3 qemu-x86_64 -cpu Haswell "$program" || status=1
  fi
  if has_flag avx512vl; then
    signature x86-64-v4 "$program" || status=1
  else
    say "not tried: x86-64-v4, which neither this machine nor qemu has"
  fi
done
exit "$status"
