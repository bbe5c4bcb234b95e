#!/usr/bin/env bash
# The CUDA back end in the emulator with its threads, blocks and streams in other orders than the
# forward one that ./run test uses: a result that depends on the order lacks a barrier. Running ahead,
# a warp goes on alone as far as it can, which the others never try; random order shuffles the lanes
# of a warp, which running ahead does not, and here unwritten integers are huge instead of -1. Left
# out are whole trainings: CudaDeterminism, of ./run test, shows that they have the same bits in these
# orders; tests that choose the orders themselves; and those that look at a kernel once more, at great
# sizes, with other agents beside, field by field of the configuration, or as a Turing has it.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

need_toolkit >/dev/null
tree=$(emulator_tree)
configure_emulator "$tree"
build "$tree" polyak_emulated_tests
left_out='*/CudaDeterminism.*:*/CudaPopulation.*:*/CudaTraining.*:*AgreesWithTheOracle*:*SignatureInTheEmulator*'
left_out+=':*ResumptionInTheEmulator*:*/PrecisionTraining.*:CudaPhases.*:*/CudaPhase.*'
left_out+=':*/FusedPrecision.BitsDepend*:*Order*:*NotDepend*:Limits.*:*EveryField*'
left_out+=':PrecisionTrainings.*:FusedPrecisions.AreDifferent*:FusedEngine.CuttingALong*:*/EveryGpu.*'
left_out+=':*/CudaDeterminismOfSlices.*:*CudaTrainingAtTheGoal*1:*FusedKnownShape*Batch128Blocks8'
left_out+=":*WhateverTheWarps*:$great_shapes_left_out"
status=0
while read -r order poison; do
  POLYAK_EMULATOR_ORDER=$order POLYAK_EMULATOR_POISON=$poison GTEST_FILTER="-$left_out" \
    run_ctest "emulated-$order" "$tree" -L emulated -E Turing || status=1
done <<'SETTINGS'
run_ahead 0xffff
random 0x7ff8
SETTINGS
exit "$status"
