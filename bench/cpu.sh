#!/usr/bin/env bash
# bench/cpu.sh [--curves] [DIRECTORY]: the published figures of the CPU, with one thread and with all of
# them, into bench/results/DATE-cpu/ or DIRECTORY. For a machine that does nothing else meanwhile; some
# minutes. --curves: then what every preset learns and what is learnt of other tasks, 10 seeds each;
# hours on a few cores.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/common.sh"

curves=false
if [[ ${1:-} == --curves ]]; then
  curves=true
  shift
fi
[[ $# -le 1 && ${1:-} != -* ]] || fail 2 "usage: bench/cpu.sh [--curves] [DIRECTORY]"
results=${1:-$root/bench/results/$(date +%Y-%m-%d)-cpu}
mkdir -p "$results"
"$root/run" build
polyak=$root/build/release/src/polyak

# measure NAME OPTION...
measure() {
  local name=$1
  shift
  "$polyak" bench --devices cpu:1 --json "$results/bench-$name-cpu-fp32.json" "$@"
}

measure small --actor-hidden "64,64" --critic-hidden "64,64" --batch-size 100
measure wide --actor-hidden "256,256" --critic-hidden "256,256" --batch-size 256
"$polyak" compare --devices cpu:1 --agents 1 --runs 10 --json "$results/compare-single.json"
python3 "$root/bench/learning.py" --polyak "$polyak" --device cpu --output "$results"
if [[ $curves == true ]]; then
  for script in presets tasks; do
    python3 "$root/bench/$script.py" --polyak "$polyak" --device cpu --output "$results"
  done
fi
say "results are in $results; bench/results_tables.py --write puts them into docs/results.md"
