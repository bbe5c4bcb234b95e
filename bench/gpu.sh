#!/usr/bin/env bash
# bench/gpu.sh [STEP...] : everything that needs a GPU, in one command: the GPU tests,
# compute-sanitizer's four tools, the throughput benchmarks and the learning benchmark. All steps run
# even if some fail; results and logs go to bench/results/DATE-GPU/ (or to $POLYAK_RESULTS), with one
# line per step in steps.txt. Exit code 1 if any step failed.
#
# Limits in seconds can be set: POLYAK_SANITIZER_LIMIT (one tool, 900), POLYAK_STEP_LIMIT (3600).
# POLYAK_SANITIZER_TESTS is the GoogleTest filter of what the sanitizers run.
set -uo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/common.sh"

all_steps=(build tests memcheck racecheck initcheck synccheck throughput compare learning)
sanitizer_limit=${POLYAK_SANITIZER_LIMIT:-900}
step_limit=${POLYAK_STEP_LIMIT:-3600}
sanitizer_tests=${POLYAK_SANITIZER_TESTS:-*}
polyak=$root/build/release/src/polyak
gpu_tests=$root/build/release/tests/polyak_gpu_tests

gpu_name() {
  nvidia-smi --query-gpu=name --format=csv,noheader --id=0 | tr -cs '[:alnum:]' '-' | sed 's/-*$//'
}

# --- The steps -----------------------------------------------------------------------------------

step_build() { "$root/run" build; }

# Every GPU test in one process, so that CUDA starts once. A skipped test is a failure.
step_tests() {
  local report=$results/gpu-tests.xml
  timeout "$step_limit" "$gpu_tests" --gtest_output="xml:$report" || return 1
  if grep -q 'result="skipped"' "$report"; then
    echo "tests were skipped although there is a GPU"
    return 1
  fi
}

step_memcheck() { sanitize memcheck --leak-check=full; }
step_racecheck() { sanitize racecheck --racecheck-report=all; }
step_initcheck() { sanitize initcheck; }
step_synccheck() { sanitize synccheck; }

sanitize() {
  local tool=$1 sanitizer
  shift
  sanitizer=$(find_compute_sanitizer) || {
    echo "compute-sanitizer is not installed; it comes with the CUDA toolkit"
    return 1
  }
  timeout "$sanitizer_limit" "$sanitizer" --tool "$tool" --error-exitcode 9 "$@" \
    "$gpu_tests" --gtest_filter="$sanitizer_tests" --gtest_brief=1
}

find_compute_sanitizer() {
  local toolkit candidate
  toolkit=$(find_cuda_toolkit) || toolkit=""
  for candidate in "$(command -v compute-sanitizer)" "$toolkit/bin/compute-sanitizer" \
    "$toolkit/compute-sanitizer/compute-sanitizer"; do
    [[ -x $candidate ]] && echo "$candidate" && return 0
  done
  return 1
}

# The settings of the goals in the README, one report each.
step_throughput() {
  local status=0
  measure default || status=1
  measure small --actor-hidden 64,64 --critic-hidden 64,64 --batch-size 100 || status=1
  measure wide --actor-hidden 256,256 --critic-hidden 256,256 --batch-size 256 || status=1
  measure population --agents 512 --actor-hidden 64,64 --critic-hidden 64,64 --batch-size 100 ||
    status=1
  measure large-batch --actor-hidden 512,256,128 --critic-hidden 512,256,128 --batch-size 32768 \
    --environments 4096 --learning-starts 65536 --warmup-steps 65536 --total-steps 1000000 \
    --update-to-data 0.000244140625 || status=1
  measure environments --environments 524288 --total-steps 50000000 --replay-capacity 16777216 \
    --learning-starts 524288 --warmup-steps 524288 --update-to-data 0.0000019073486328125 ||
    status=1
  return "$status"
}

# measure NAME OPTION...
measure() {
  local name=$1
  shift
  echo "--- $name: $*"
  timeout "$step_limit" "$polyak" bench --devices cuda --json "$results/bench-$name.json" "$@"
}

step_compare() {
  timeout "$step_limit" "$polyak" compare --devices cuda,cpu --json "$results/compare.json"
}

step_learning() {
  timeout "$step_limit" python3 "$root/bench/learning.py" --polyak "$polyak" --device cuda \
    --output "$results"
}

# --- Running them --------------------------------------------------------------------------------

run_step() {
  local step=$1 started=$SECONDS verdict=passed
  say "step $step"
  "step_$step" >"$results/$step.log" 2>&1 </dev/null || verdict=failed
  printf '%-12s %-6s %5d s\n' "$step" "$verdict" $((SECONDS - started)) | tee -a "$results/steps.txt"
  if [[ $verdict == failed ]]; then
    tail -n 40 "$results/$step.log"
    return 1
  fi
}

describe_machine() {
  nvidia-smi --query-gpu=name,driver_version,memory.total,power.limit,clocks.max.sm --format=csv
  "$(find_cuda_toolkit)/bin/nvcc" --version | tail -n 2
  git -C "$root" describe --always --dirty 2>/dev/null
  uname -a
}

main() {
  local steps=("$@") step status=0
  [[ $# -gt 0 ]] || steps=("${all_steps[@]}")
  for step in "${steps[@]}"; do
    declare -F "step_$step" >/dev/null || fail 2 "unknown step '$step'; the steps are ${all_steps[*]}"
  done
  has_gpu || fail 2 "there is no GPU here (nvidia-smi -L lists none)"
  find_cuda_toolkit >/dev/null || fail 2 "there is no CUDA toolkit (nvcc 12 or later) here"
  results=${POLYAK_RESULTS:-$root/bench/results/$(date +%Y-%m-%d)-$(gpu_name)}
  mkdir -p "$results"
  : >"$results/steps.txt"
  describe_machine >"$results/machine.txt" 2>&1
  for step in "${steps[@]}"; do run_step "$step" || status=1; done
  say "results are in $results"
  return "$status"
}

main "$@"
