#!/usr/bin/env bash
# The CUDA back end in the emulator with its threads, blocks and streams in other orders than the
# forward one that ./run test uses: a result that depends on the order lacks a barrier. Running ahead,
# a warp goes on alone as far as it can, which the others never try; random order shuffles the lanes
# of a warp, which running ahead does not, and here unwritten integers are huge instead of -1. Left
# out are the tests that compare bits of several trainings, under several orders of their own, those
# of great sizes, whole trainings against the oracle, which are held against the CPU as well, and
# those of the configuration's fields, which have the kernels of these.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

need_toolkit >/dev/null
tree=$(emulator_tree)
configure_emulator "$tree"
build "$tree" polyak_emulated_tests
status=0
while read -r order poison; do
  POLYAK_EMULATOR_ORDER=$order POLYAK_EMULATOR_POISON=$poison \
    run_ctest "emulated-$order" "$tree" --parallel "$jobs" --no-tests=error -L emulated \
    -E 'CudaDeterminism\.|AgreesWithTheOracle|FusedPrecision\.BitsDepend|Limits\.|ALayerDoesNotDepend|EveryField' || status=1
done <<'SETTINGS'
run_ahead 0xffff
random 0x7ff8
SETTINGS
exit "$status"
