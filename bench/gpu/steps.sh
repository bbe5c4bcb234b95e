# For bench/gpu.sh, which sources it: the steps but for the tests'.
# shellcheck shell=bash disable=SC2154,SC2034 # variables are bench/gpu.sh's, too

quick=()  # of bench.experiments and polyak_micro
[[ ${POLYAK_QUICK:-0} == 0 ]] || quick=(--quick)

step_build() {
  "$root/run" build && build release polyak_micro || return 1
  install_peers
}

# Unless this machine's Python has them. What cannot be installed is reported as not run.
install_peers() {
  local folder=$root/build/peers
  if [[ -e $folder || ${POLYAK_PEERS_INSTALL:-1} == 0 ]] || python3 -c 'import importlib.util, sys
sys.exit(not all(map(importlib.util.find_spec, ("jax", "torch"))))'; then
    return 0
  fi
  if ! python3 -m venv "$folder" || ! limited "$(scaled 600)" "$folder/bin/pip" install --quiet \
    --timeout 10 --retries 1 -r "$root/bench/peers/requirements-torch.txt" \
    -r "$root/bench/peers/requirements-jax-cuda.txt"; then
    echo "PyTorch and JAX could not be installed into $folder"
    rm -rf "$folder"
  fi
}

# --- Whether it is right -------------------------------------------------------------------------

# Whether each engine computes what the CPU does; then, where it does not, from where on.
step_signature() {
  local engine name status=0 only=()
  [[ ${#quick[@]} -eq 0 ]] || only=(--only "$("$polyak" signature --list | awk 'NR == 1 { print $1 }')")
  for engine in fused layered; do
    "$polyak" signature --device cuda --engine "$engine" "${only[@]}" \
      --json "$results/signature-$engine.json" || status=1
  done
  for engine in fused layered; do
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

# --- How fast ------------------------------------------------------------------------------------

step_latencies() { "$micro" --latencies "${quick[@]}" --json "$results/cuda/latencies.json"; }
step_micro() { "$micro" "${quick[@]}" --json "$results/cuda/micro.json"; }

# experiment NAME OPTION... : of bench/experiments/table.py, on the GPU unless told otherwise.
experiment() {
  (cd -- "$root" && PYTHONDONTWRITEBYTECODE=1 python3 -m bench.experiments run "$1" --device "${device:-cuda}" \
    --polyak "$polyak" --output "$results" "${quick[@]}" "${@:2}")
}

# The goals of docs/results.md with every engine and precision, and the CPU's on one thread.
step_throughput() {
  local status=0
  [[ ${#quick[@]} -eq 0 ]] || quick+=(--only "small,environments")
  experiment throughput --seconds 0.05 --limit "$(scaled 20)" || status=1
  device=cpu:1 experiment throughput --seconds 0.1 --limit "$(scaled 20)" || status=1
  return "$status"
}

# One agent at a time over 10 seeds; a population; then the former on one core.
step_compare() {
  local status=0
  experiment solve --limit "$(scaled 20)" || status=1
  device=cpu:1 experiment solve --limit "$(scaled 20)" || status=1
  return "$status"
}

step_learning() { experiment default; }
step_presets() { experiment presets; }
step_tasks() { experiment tasks; }
step_scaling() { experiment scaling --seconds 0.1 --limit "$(scaled 120)"; }

# --- Beside others -------------------------------------------------------------------------------

step_peers() {
  experiment peers --only small,wide --rounds 1 --seconds 0.1 --seeds 0 --limit "$(scaled 40)"
}

step_peers_all() {
  experiment peers --only small,wide,population,data --limit "$(scaled 300)" &&
    results=$results/tf32 experiment peers --precision tf32 --seeds 0 --limit "$(scaled 300)"
}
