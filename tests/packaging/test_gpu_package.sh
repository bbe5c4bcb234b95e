#!/usr/bin/env bash
# test_gpu_package.sh BUILD_DIRECTORY : makes a package of the emulator's programs, which must be built,
# and runs its essential steps at tiny sizes, where nothing can be installed.
set -Eeuo pipefail
trap 'echo "$0: line $LINENO failed" >&2' ERR

build_directory=$1
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
results=$work/results
trap 'rm -rf "$work"' EXIT

# shellcheck source=scripts/common.sh
source "$root/scripts/common.sh"
# shellcheck source=bench/gpu/machine.sh
source "$root/bench/gpu/machine.sh"
# shellcheck source=bench/gpu/package.sh
source "$root/bench/gpu/package.sh"
assemble_package "$work/package" "$build_directory/src/polyak_emulated" \
  "$build_directory/tests/polyak_emulated_tests" "$build_directory/bench/polyak_emulated_micro"

# stand_in PROGRAM TEXT : a shell script of that name.
stand_in() {
  printf '#!/usr/bin/env bash\n%s\n' "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
mkdir "$work/bin"
# shellcheck disable=SC2016
stand_in nvidia-smi 'if [[ $1 == -L ]]; then echo "GPU 0: Polyak emulator"; else echo "Polyak emulator"; fi'
# Runs what it is told to check, and says that it found something in one of the engines.
# shellcheck disable=SC2016
stand_in compute-sanitizer '
while [[ $1 == --* ]]; do
  [[ $1 != --report-api-errors || $2 == no ]] || exit 1
  shift 2
done
"$@" >&2 && [[ "$*" != *"--engine layered"* ]]'
for program in apt-get sudo pip; do
  stand_in "$program" 'echo "a package installs nothing" >&2; exit 1'
done

# gpu_script WORD... : its exit code; what it says goes to $work/output.
gpu_script() {
  local code=0
  env PATH="$work/bin:$PATH" POLYAK_QUICK=1 POLYAK_RESULTS="$results" "${variables[@]}" \
    "$work/package/bench/gpu.sh" "$@" >"$work/output" 2>&1 || code=$?
  echo "$code"
}

# expect_lines FILE TEXT : the first words of the file's lines, in any order.
expect_lines() {
  diff <(sort <<<"$2") <(awk '{ print $1, $2 }' "$1" | sort) || {
    cat "$work/output"
    return 1
  }
}
# Whole: the goals are missed at such sizes, and the checkers find something: what follows runs all the
# same, and the code tells. The emulator is slower than the GPU that the limits are for.
variables=(POLYAK_TIME_SCALE=3 POLYAK_TESTS='CounterKernel.*:DeviceBuffer.*:EpisodesTest/*:Shapes/BiasGradientTest.*' POLYAK_SANITIZER_TESTS='CounterKernel.*')
[[ $(gpu_script essential) -eq 1 ]]
expect_lines "$results/steps.txt" 'signature passed
latencies passed
tests passed
throughput passed
compare passed
learning failed
memcheck failed
racecheck failed
peers passed'
[[ $(grep -c ' ns for one' "$work/output") -eq 14 ]]
grep -q '^small fused fp32: whole training: [0-9,]* updates/s$' "$work/output"
grep -q '^small cpu fp32: sample, update: ' "$work/output"
expect_lines <(awk '{ print $7, $8 }' "$results/tests.txt") 'CounterKernel 1/1
DeviceBuffer 1/1
EpisodesTest/* 1/1
Shapes/BiasGradientTest 1/2
Shapes/BiasGradientTest 2/2'
# Between them, the pieces have every test once.
all=$("$work/package/bin/polyak_gpu_tests" --gtest_list_tests --gtest_filter='Shapes/BiasGradientTest.*' | grep -c '^  ')
[[ $(awk '/BiasGradientTest/ { sum += $4 } END { print sum }' "$results/tests.txt") -eq $all ]]
mapfile -t archived < <(tar -tzf "$results.tar.gz" | sed 's|^[^/]*/||')
for file in machine.txt steps.txt tests.txt signature-fused.json signature-layered.json \
  {signature,latencies,tests,throughput,compare,learning,memcheck,racecheck,peers}.log \
  cuda/{latencies,throughput,solve,default,peers}.json cpu/{throughput,solve}.json; do
  [[ " ${archived[*]} " == *" $file "* ]] || { echo "the archive has no $file"; exit 1; }
done
python3 - "$results" <<'PYTHON'
import json, pathlib, sys

def read(name): return json.loads((pathlib.Path(sys.argv[1]) / name).read_text())

names = {operation["operation"] for operation in read("cuda/latencies.json")["operations"]}
assert names == {f"latency: {what}" for what in (
    "graph node to node", "graph node to node, overlapping", "block barrier", "cluster barrier",
    "grid barrier", "store to another block", "load from L2", "load from memory")}, names
results = read("cuda/throughput.json")["results"]
assert next(iter(results)) == "small fused fp32", results.keys()
assert all("rates" in result for name, result in results.items() if "fp32" in name), results
PYTHON

# Tests that hang or crash take no other suite along, and a skipped one is no passed one.
mv "$work/package/bin/polyak_gpu_tests" "$work/gpu_tests"
cat >"$work/package/bin/polyak_gpu_tests" <<PROGRAM
#!/usr/bin/env bash
case \$* in
  *list_tests*) exec "$work/gpu_tests" "\$@" ;;
  *CudaCheck*) echo '[ RUN      ] CudaCheck.Hangs' && sleep 60 ;;
  *DeviceBuffer*) echo '[ RUN      ] DeviceBuffer.Crashes' && kill -SEGV \$\$ ;;
  *Graph*) printf '[ RUN      ] Graph.Skipped\n[  SKIPPED ] Graph.Skipped (0 ms)\n' ;;
  *) exec "$work/gpu_tests" "\$@" ;;
esac
PROGRAM
chmod +x "$work/package/bin/polyak_gpu_tests"
variables=(POLYAK_TESTS='CudaCheck.*:CounterKernel.*:DeviceBuffer.*:Graph.*' POLYAK_TIME_SCALE=0.1)
[[ $(gpu_script tests) -eq 1 ]]
expect_lines "$results/steps.txt" 'tests failed'
expect_lines <(awk '{ print $7, $1 }' "$results/tests.txt") 'CounterKernel passed
CudaCheck stopped
DeviceBuffer failed
Graph skipped'

# What cannot be done says so at once.
variables=()
[[ $(gpu_script no-such-step) -eq 2 ]]
grep -q "unknown step 'no-such-step'" "$work/output"
[[ $(gpu_script package) -eq 2 ]]
stand_in nvidia-smi 'exit 9'
[[ $(gpu_script essential) -eq 2 ]]
