#!/usr/bin/env bash
# What needs a GPU, in one command: see the usage below. Made of bench/gpu/: machine.sh (what is here),
# package.sh, tests.sh and steps.sh (the steps).
set -uo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/common.sh"
# shellcheck source=bench/gpu/machine.sh
source "$root/bench/gpu/machine.sh"
# shellcheck source=bench/gpu/package.sh
source "$root/bench/gpu/package.sh"
# shellcheck source=bench/gpu/tests.sh
source "$root/bench/gpu/tests.sh"
# shellcheck source=bench/gpu/steps.sh
source "$root/bench/gpu/steps.sh"

usage() {
  cat <<'TEXT'
bench/gpu.sh package [FOLDER]    builds, without a GPU, what is to be run on a machine with one
bench/gpu.sh [essential|all|STEP...]    runs it there, from the package or a clone; without a word: all

package      FOLDER (build/gpu-package) takes programs for compute capability 9.0 (H100, H200) and any
             x86-64, tests' data and these scripts: less than 40 MB. The other machine needs bash,
             Python 3, an NVIDIA driver and cuBLAS, but no network, compiler or toolkit. Copy the folder
             and run FOLDER/bench/gpu.sh essential. For another GPU:
             POLYAK_CONFIGURE_OPTIONS=-DCMAKE_CUDA_ARCHITECTURES=80-real
essential    the most telling first, within nine minutes: signature latencies tests throughput compare
             learning memcheck racecheck peers
all          after these: micro initcheck synccheck presets tasks scaling peers_all, and memcheck_all
             racecheck_all, which run every test

A clone is built first (step build); a package never builds or installs. Every step has a limit of its
own; what fails or is stopped keeps no other from running, and makes the exit code 1. Exit code 2:
nothing can run here.

Results go to bench/results/DATE-GPU as they come: steps.txt has a line for each step, STEP.log what it
said, tests.txt a line for each suite of tests. After every step all of it is packed into one archive
beside that folder.

  POLYAK_RESULTS=FOLDER     where results go instead
  POLYAK_ARCHIVE=FILE       where the archive (.tar.gz) goes instead
  POLYAK_TIME_SCALE=2       doubles every limit
  POLYAK_TESTS=FILTER       GoogleTest's filter of the tests to run
  POLYAK_SANITIZER_TESTS=FILTER    of those that compute-sanitizer runs
  POLYAK_PEERS_INSTALL=0    in a clone: does not install PyTorch and JAX into build/peers
  POLYAK_QUICK=1            tiny sizes: shows that every step runs, not how fast
TEXT
}

essential_steps=(signature latencies tests throughput compare learning memcheck racecheck peers)
long_steps=(micro initcheck synccheck memcheck_all racecheck_all presets tasks scaling peers_all)
# Seconds. Those of the essential steps add up to nine minutes, which is also what they have in all.
# On an H200 they took 2, 6, 26, 47, 15 and 3 up to learning; peers was stopped after 90.
declare -A limits=([signature]=20 [latencies]=15 [tests]=80 [throughput]=90 [compare]=30 [learning]=15
  [memcheck]=50 [racecheck]=80 [peers]=160
  [build]=1800 [micro]=120 [initcheck]=900 [synccheck]=900 [memcheck_all]=900 [racecheck_all]=3600
  [presets]=1800 [tasks]=1200 [scaling]=1200 [peers_all]=3600)
essential_seconds=540

# --- Running steps -------------------------------------------------------------------------------

# scaled SECONDS : whole seconds, times POLYAK_TIME_SCALE.
scaled() { awk -v limit="$1" -v scale="${POLYAK_TIME_SCALE:-1}" 'BEGIN { printf "%.0f", limit * scale }'; }

# limited SECONDS COMMAND... : within a step, ends with it at the latest. 124 or 137: was stopped.
limited() {
  local limit=$1 left=$((${step_end:?} - EPOCHSECONDS - 2))
  shift
  ((limit < left)) || limit=$left
  ((limit > 0)) || return 124
  timeout --kill-after=1 "$limit" "$@"
}

# run_step STEP LIMIT : in a process group of its own, so that its limit ends all that it started.
run_step() {
  local step=$1 limit=$2 started=$SECONDS verdict=passed code=0
  if ((limit < 5)); then
    note_step "$step" "not run" 0
    return 1
  fi
  say "step $step, at most $limit s"
  results=$results step_end=$((EPOCHSECONDS + limit)) \
    timeout --kill-after=2 "$limit" "$BASH" "${BASH_SOURCE[0]}" --inside "$step" \
    >"$results/$step.log" 2>&1 </dev/null || code=$?
  [[ $code -eq 0 ]] || verdict=failed
  [[ $code -ne 124 && $code -ne 137 ]] || verdict=stopped
  note_step "$step" "$verdict" $((SECONDS - started))
  [[ $verdict != passed ]] || return 0
  tail -n 20 "$results/$step.log"
  return 1
}

note_step() { printf '%-14s %-7s %5d s\n' "$@" | tee -a "$results/steps.txt"; }

# A killed machine leaves the archive of the step before.
pack_results() {
  tar -czf "$archive.new" -C "$(dirname -- "$results")" "$(basename -- "$results")" &&
    mv -- "$archive.new" "$archive"
}

# What to read first, last.
print_summary() {
  grep -hs ' ns for one' "$results/latencies.log"
  grep -hs '^[^:]*: [^:]*: [0-9,]* [a-z ]*/s$' "$results/throughput.log" | sort -u
  grep -hsv '^passed' "$results/tests.txt"
  cat "$results/steps.txt"
}

is_essential() { [[ " ${essential_steps[*]} " == *" $1 "* ]]; }

# All of them even if some fail; essential ones only while their time lasts.
run_steps() {
  local step limit left status=0 start=""
  for step in "$@"; do
    limit=$(scaled "${limits[$step]}")
    if is_essential "$step"; then
      start=${start:-$SECONDS}
      left=$((start + $(scaled "$essential_seconds") - SECONDS - 3))
      ((limit < left)) || limit=$left
    fi
    run_step "$step" "$limit" || status=1
    pack_results
  done
  return "$status"
}

# chosen_steps WORD... : a line for each step.
chosen_steps() {
  local word
  [[ $# -gt 0 ]] || set -- all
  is_package || echo build
  for word in "$@"; do
    case $word in
      all) printf '%s\n' "${essential_steps[@]}" "${long_steps[@]}" ;;
      essential) printf '%s\n' "${essential_steps[@]}" ;;
      build) ;;
      *)
        [[ -n ${limits[$word]:-} ]] ||
          fail 2 "unknown step '$word'; the steps are essential, all, ${essential_steps[*]} ${long_steps[*]}"
        echo "$word"
        ;;
    esac
  done
}

main() {
  local steps status=0
  steps=$(chosen_steps "$@") || exit
  has_gpu || fail 2 "there is no GPU here (nvidia-smi -L lists none)"
  is_package || find_cuda_toolkit >/dev/null || fail 2 "there is no CUDA toolkit (nvcc 12 or later) here"
  results=${POLYAK_RESULTS:-$root/bench/results/$(date +%Y-%m-%d)-$(gpu_name)}
  mkdir -p "$results/cuda"
  results=$(cd -- "$results" && pwd)
  archive=${POLYAK_ARCHIVE:-$results.tar.gz}
  : >"$results/steps.txt"
  find_cublas
  describe_machine >"$results/machine.txt" 2>&1
  # shellcheck disable=SC2086
  run_steps $steps || status=1
  print_summary
  say "results are in $results, all of them in $archive; what belongs into docs/results.md goes to bench/results/ (its README.md)"
  return "$status"
}

case ${1:-} in
  --inside) "step_$2" ;;
  --suite) run_suite "$2" ;;
  package) make_package "${@:2}" ;;
  help | -h | --help) usage ;;
  *) main "$@" ;;
esac
