#!/usr/bin/env bash
# bench/gpu.sh essential, as it runs on a machine with a GPU, in a package of the emulator's programs,
# at tiny sizes, with stand-ins for nvidia-smi and compute-sanitizer: the script's own faults would cost
# minutes of a GPU. And the micro-benchmarks, of which each must run and give numbers.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

need_toolkit >/dev/null
tree=$(emulator_tree)
configure_emulator "$tree"
build "$tree" polyak_emulated polyak_emulated_micro polyak_emulated_tests
micro=$("$root/build/$tree/bench/polyak_emulated_micro" --quick --repetitions 1 --seconds 0.001 \
  --json "$root/build/$tree/micro.json")
[[ ! $micro =~ nan|inf ]] || fail 1 "a micro-benchmark gave no number: $micro"
"$root/tests/packaging/test_gpu_package.sh" "$root/build/$tree"
