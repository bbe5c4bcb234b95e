#!/usr/bin/env bash
# bench/gpu.sh [STEP...] : everything that needs a GPU, in one command. All steps run even if some
# fail. Results and logs go to bench/results/DATE-GPU/ (or to $POLYAK_RESULTS), with one line per step
# in steps.txt. Exit code 1 if any step failed.
#
# `bench/gpu.sh essential` runs the first steps, whose limits add up to 25 minutes; no argument runs
# all; names run what they name. Every step has a limit in seconds; POLYAK_TIME_SCALE=2 doubles all.
#
#   essential: build signature tests throughput micro compare learning peers
#   after it:  memcheck racecheck initcheck synccheck presets tasks scaling peers_all
#
# POLYAK_SANITIZER_TESTS is the GoogleTest filter of what the sanitizers run. The peers are installed
# into build/peers from PyPI unless that exists or POLYAK_PEERS_INSTALL=0.
set -uo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/common.sh"

essential_steps=(build signature tests throughput micro compare learning peers)
all_steps=("${essential_steps[@]}" memcheck racecheck initcheck synccheck presets tasks scaling peers_all)
# The essential ones add up to 25 minutes.
declare -A limits=([build]=480 [signature]=30 [tests]=180 [throughput]=240 [micro]=120 [compare]=60 [learning]=60
  [peers]=330 [memcheck]=900 [racecheck]=900 [initcheck]=900 [synccheck]=900 [presets]=1800 [tasks]=1200 [scaling]=1200
  [peers_all]=3600)
sanitizer_tests=${POLYAK_SANITIZER_TESTS:-*}
polyak=$root/build/release/src/polyak
micro=$root/build/release/bench/polyak_micro
gpu_tests=$root/build/release/tests/polyak_gpu_tests

gpu_name() {
  nvidia-smi --query-gpu=name --format=csv,noheader --id=0 | tr -cs '[:alnum:]' '-' | sed 's/-*$//'
}

# --- The steps -----------------------------------------------------------------------------------

step_build() {
  "$root/run" build && build release polyak_micro
}

# First of all whether each engine computes what the CPU does; where it does not, from where on.
step_signature() {
  local engine name status=0
  for engine in layered fused; do
    "$polyak" signature --device cuda --engine "$engine" --json "$results/signature-$engine.json" && continue
    status=1
    for name in $(differing_trainings "$results/signature-$engine.json"); do
      "$polyak" signature --device cuda --engine "$engine" --trace "$name" --against cpu
    done
  done
  return "$status"
}

differing_trainings() {
  python3 -c 'import json, sys
for training in json.load(open(sys.argv[1]))["trainings"]:
    if training.get("as_expected") is False: print(training["name"])' "$1"
}

# Every GPU test in one process, so that CUDA starts once. A skipped test is a failure.
step_tests() {
  local report=$results/gpu-tests.xml
  "$gpu_tests" --gtest_output="xml:$report" || return 1
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
  "$sanitizer" --tool "$tool" --error-exitcode 9 "$@" \
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

# experiment NAME OPTION... : of bench/experiments/table.py, on the GPU unless told otherwise.
experiment() {
  (cd -- "$root" && PYTHONDONTWRITEBYTECODE=1 python3 -m bench.experiments run "$1" --device "${device:-cuda}" \
    --polyak "$polyak" --output "$results" "${@:2}")
}

# The goals of docs/results.md with every engine and precision, and the CPU's on one thread.
step_throughput() {
  local status=0
  experiment throughput --seconds 0.1 --limit "$(scaled 60)" || status=1
  device=cpu:1 experiment throughput --seconds 0.1 --limit "$(scaled 60)" || status=1
  return "$status"
}

step_micro() { "$micro" --json "$results/cuda/micro.json"; }

# One agent at a time over 10 seeds; a population; then the former on one core.
step_compare() {
  local status=0
  experiment solve || status=1
  device=cpu:1 experiment solve || status=1
  return "$status"
}

step_learning() { experiment default; }
step_presets() { experiment presets; }
step_tasks() { experiment tasks; }
step_scaling() { experiment scaling --seconds 0.1 --limit "$(scaled 120)"; }

step_peers() {
  install_peers
  experiment peers --only small,wide --rounds 2 --seeds 0 --limit 120
}

step_peers_all() {
  install_peers
  experiment peers --only small,wide,population,data --limit 300 &&
    results=$results/tf32 experiment peers --precision tf32 --seeds 0 --limit 300
}

# What cannot be installed is reported as not run.
install_peers() {
  local folder=$root/build/peers
  [[ ! -e $folder && ${POLYAK_PEERS_INSTALL:-1} != 0 ]] || return 0
  if ! python3 -m venv "$folder" || ! timeout "$(scaled 150)" "$folder/bin/pip" install --quiet \
    --timeout 10 --retries 1 -r "$root/bench/peers/requirements-torch.txt" \
    -r "$root/bench/peers/requirements-jax-cuda.txt"; then
    echo "PyTorch and JAX could not be installed into $folder"
    rm -rf "$folder"
  fi
}

# --- Running them --------------------------------------------------------------------------------

# scaled SECONDS : whole seconds, times POLYAK_TIME_SCALE.
scaled() { awk -v limit="$1" -v scale="${POLYAK_TIME_SCALE:-1}" 'BEGIN { printf "%.0f", limit * scale }'; }

# One step in a process group of its own, so that its limit ends all that it started.
run_step() {
  local step=$1 started=$SECONDS verdict=passed limit code=0
  limit=$(scaled "${limits[$step]}")
  say "step $step, at most $limit s"
  results=$results timeout --kill-after=10 "$limit" "$BASH" "${BASH_SOURCE[0]}" --inside "$step" \
    >"$results/$step.log" 2>&1 </dev/null || code=$?
  [[ $code -eq 0 ]] || verdict=failed
  [[ $code -ne 124 && $code -ne 137 ]] || verdict=stopped
  printf '%-12s %-7s %5d s\n' "$step" "$verdict" $((SECONDS - started)) | tee -a "$results/steps.txt"
  if [[ $verdict != passed ]]; then
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
  [[ ${1:-} != essential ]] || steps=("${essential_steps[@]}" "${@:2}")
  for step in "${steps[@]}"; do
    [[ -n ${limits[$step]:-} ]] ||
      fail 2 "unknown step '$step'; the steps are essential ${all_steps[*]}"
  done
  has_gpu || fail 2 "there is no GPU here (nvidia-smi -L lists none)"
  find_cuda_toolkit >/dev/null || fail 2 "there is no CUDA toolkit (nvcc 12 or later) here"
  results=${POLYAK_RESULTS:-$root/bench/results/$(date +%Y-%m-%d)-$(gpu_name)}
  mkdir -p "$results/cuda"
  results=$(cd -- "$results" && pwd)
  : >"$results/steps.txt"
  describe_machine >"$results/machine.txt" 2>&1
  for step in "${steps[@]}"; do run_step "$step" || status=1; done
  say "results are in $results; what belongs into docs/results.md goes to bench/results/ (its README.md)"
  return "$status"
}

if [[ ${1:-} == --inside ]]; then
  "step_$2"
else
  main "$@"
fi
