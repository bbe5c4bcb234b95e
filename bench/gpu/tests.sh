# For bench/gpu.sh, which sources it: the GPU tests and compute-sanitizer.
# shellcheck shell=bash disable=SC2154,SC2034 # variables are bench/gpu.sh's, too

# --- Suites --------------------------------------------------------------------------------------

# A line for each process that is to run tests: SUITE PIECE PIECES. Suites are as GoogleTest names them
# (typed ones as one), large ones in several pieces; those of kernels come before whole trainings: what
# fails in a kernel explains what fails in a training. The listing knows each test's file and types.
list_suites() {
  local listing=$results/suites.json
  "$gpu_tests" --gtest_list_tests --gtest_filter="${POLYAK_TESTS:-*}" \
    --gtest_output="json:$listing" >/dev/null || return 1
  python3 -c 'import json, sys
suites, tests = {}, {}
for suite in json.load(open(sys.argv[1]))["testsuites"]:
    if not suite["testsuite"]: continue
    first = suite["testsuite"][0]
    name = suite["name"].split("/")[0] + "/*" if "type_param" in first else suite["name"]
    suites[name] = "tests/kernels/" not in first["file"]
    tests[name] = tests.get(name, 0) + len(suite["testsuite"])
for name in sorted(suites, key=suites.get):
    pieces = -(-tests[name] // 40)
    for piece in range(pieces): print(name, piece, pieces)' "$listing"
}

# Each suite in a process with a limit of its own, so that an illegal address or a hang takes no other
# suite along; several at a time, because starting CUDA and computing references takes longer than the
# kernels. A skipped test is a failure: there is a GPU.
step_tests() {
  local suites not_passed
  suites=$(list_suites) || return 1
  : >"$results/tests.txt"
  mkdir -p "$results/tests"
  xargs --max-procs="$((jobs < 8 ? jobs : 8))" -I{} "$BASH" "$root/bench/gpu.sh" --suite {} <<<"$suites"
  not_passed=$(grep -vc '^passed' "$results/tests.txt")
  echo "$(wc -l <<<"$suites") suites, or pieces of them, $not_passed of which failed, stopped, skipped or not run"
  grep -v '^passed' "$results/tests.txt"
  [[ $not_passed -eq 0 && $(wc -l <"$results/tests.txt") -eq $(wc -l <<<"$suites") ]]
}

suite_seconds=60

# run_suite "SUITE PIECE PIECES" : its line in tests.txt has the verdict, how many tests passed of how
# many, and seconds.
run_suite() {
  local suite piece pieces log verdict=passed code=0 started=$SECONDS passed all
  read -r suite piece pieces <<<"$1"
  log=$results/tests/$(tr -cs '[:alnum:]\n' '-' <<<"$suite-$piece").log
  GTEST_SHARD_INDEX=$piece GTEST_TOTAL_SHARDS=$pieces limited "$(scaled "$suite_seconds")" "$gpu_tests" \
    --gtest_filter="$suite.*" >"$log" 2>&1 </dev/null || code=$?
  passed=$(grep -c '^\[       OK \]' "$log")
  all=$(grep -c '^\[ RUN      \]' "$log")
  if [[ $code -eq 124 || $code -eq 137 ]]; then
    verdict=stopped
  elif [[ $code -ne 0 || $all -eq 0 ]]; then
    verdict=failed
  elif [[ $passed -ne $all ]]; then
    verdict=skipped
  fi
  printf '%-8s %4d of %4d %5d s  %s %s\n' "$verdict" "$passed" "$all" $((SECONDS - started)) "$suite" \
    "$((piece + 1))/$pieces" |
    tee -a "$results/tests.txt"
}

# --- compute-sanitizer ---------------------------------------------------------------------------

# Small, and between them every way in which threads share memory: rows of a block, tensor cores'
# tiles, asynchronous copies, blocks of a cluster, counters between blocks.
chosen_tests=${POLYAK_SANITIZER_TESTS:-*Agents2Batch31*:*31x16x3*:*ThreadOrderDoesNotMatter*:GradientNormKernelEdge.*}

# sanitize TOOL SECONDS COMMAND... : errors make the exit code 9. Tests provoke errors of API calls on
# purpose, which memcheck would count.
sanitize() {
  local tool=$1 limit=$2 sanitizer options=()
  shift 2
  sanitizer=$(find_compute_sanitizer) || {
    echo "compute-sanitizer is not installed; it comes with the CUDA toolkit"
    return 1
  }
  case $tool in
    memcheck) options=(--report-api-errors no) ;;
    racecheck) options=(--racecheck-report all) ;;
  esac
  echo "+ $tool: $*"
  limited "$(scaled "$limit")" "$sanitizer" --tool "$tool" --error-exitcode 9 "${options[@]}" "$@"
}

# train_with TOOL ENGINE ACTOR CRITIC : 16 updates. Not evaluated: 200 steps of an episode in one kernel take
# these tools longer than all the rest; the kernel that does it is among the chosen tests.
train_with() {
  local tool=$1 engine=$2 folder status=0
  folder=$(mktemp -d)
  sanitize "$tool" 15 "$polyak" train --device cuda --engine "$engine" --output "$folder/run" --quiet \
    --total-steps 160 --warmup-steps 104 --learning-starts 104 --batch-size 100 \
    --actor-hidden "$3" --critic-hidden "$4" --evaluation-episodes 0 || status=1
  rm -rf "$folder"
  return "$status"
}

# check_with TOOL : a short training by each engine, of the fused one also with a kernel for its shape,
# then the chosen tests; all even if one fails.
check_with() {
  local tool=$1 status=0
  train_with "$tool" fused 31,17 33,15 || status=1
  train_with "$tool" fused 64,64 64,64 || status=1
  train_with "$tool" layered 31,17 33,15 || status=1
  sanitize "$tool" 60 "$gpu_tests" --gtest_filter="$chosen_tests" || status=1
  return "$status"
}

# check_all_with TOOL : every test, which takes long.
check_all_with() {
  sanitize "$1" 3600 "$gpu_tests" --gtest_filter="${POLYAK_SANITIZER_TESTS:-*}" --gtest_brief=1
}

step_memcheck() { check_with memcheck; }
step_racecheck() { check_with racecheck; }
step_memcheck_all() { check_all_with memcheck; }
step_racecheck_all() { check_all_with racecheck; }
step_initcheck() { check_all_with initcheck; }
step_synccheck() { check_all_with synccheck; }
