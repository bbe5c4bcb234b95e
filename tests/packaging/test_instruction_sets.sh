#!/usr/bin/env bash
# test_instruction_sets.sh PROGRAM : a program built for any x86-64 trains and evaluates on CPUs of
# several generations, takes the best instructions that each has, and refuses what one has not. Needs
# qemu-x86_64, which has no AVX-512: that is tried where this machine has it.
set -Eeuo pipefail
trap 'echo "$0: line $LINENO failed" >&2' ERR

program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# expect_training LEVEL COMMAND... : the command, which runs the program, uses this instruction set.
expect_training() {
  local level=$1 run=$work/$1-$#
  shift
  grep "code for $level, " <<<"$("$@" info)"
  "$@" train --device cpu --quiet --total-steps 300 --warmup-steps 100 --learning-starts 100 \
    --environments 2 --actor-hidden 33,17 --critic-hidden 33,17 --batch-size 17 \
    --evaluation-episodes 0 --output "$run"
  "$@" evaluate "$run/policy.safetensors" --device cpu --episodes 2
}

# expect_refusal LEVEL COMMAND... : one line that names the level, and exit code 2.
expect_refusal() {
  local level=$1 status=0
  shift
  POLYAK_INSTRUCTION_SET=$level "$@" info >"$work/output" 2>"$work/error" || status=$?
  sed -i '/^qemu-x86_64: warning: /d' "$work/error"  # features that it does not emulate
  [[ $status -eq 2 && $(wc -l <"$work/error") -eq 1 ]]
  grep "POLYAK_INSTRUCTION_SET=$level is none of" "$work/error"
}

expect_training x86-64 qemu-x86_64 -cpu Nehalem "$program"
expect_training x86-64-v3 qemu-x86_64 -cpu Haswell "$program"
expect_refusal x86-64-v3 qemu-x86_64 -cpu Nehalem "$program"
expect_refusal x86-64-v4 qemu-x86_64 -cpu Haswell "$program"
expect_refusal x86-64-v9 "$program"
if grep -q avx512vl /proc/cpuinfo; then expect_training x86-64-v4 "$program"; fi
POLYAK_INSTRUCTION_SET=x86-64 expect_training x86-64 env "$program"
