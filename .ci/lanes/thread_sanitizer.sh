#!/usr/bin/env bash
# ThreadSanitizer on what has threads: the CPU back end and whole trainings on it, and, each CUDA
# thread being one to it, the emulated kernels. Each kernel runs once at small sizes, in one order:
# a race shows in any. What is left out repeats the same kernels in other orders or configurations,
# which the other lanes do at full speed.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

options=(-DPOLYAK_EMULATOR=OFF)
targets=(polyak_tests)
if toolkit=$(find_cuda_toolkit); then
  options=(-DCUDAToolkit_ROOT="$toolkit")
  targets+=(polyak_emulated_tests emulator_tests)
fi
configure tsan "${options[@]}"
build tsan "${targets[@]}"
repetitions='Order|SameSeed|AloneHasTheBits|ImportedState|AgreesWithTheOracle'
# Whole trainings take a minute each; these few run every kernel that a training has.
trainings='Layered(Small|SevenEnvironmentsThreeAgents|Td3|LayerNorm|AllAtOnce)|Fused(Small|SeveralBlocks)'
agreement='CudaTraining\.AgreesWithTheCpu'
export TSAN_OPTIONS=halt_on_error=1
status=0
run_ctest thread-sanitizer tsan --parallel "$jobs" --no-tests=error \
  -E "^emulated\..*($repetitions|$agreement)" || status=1
if [[ ${#targets[@]} -gt 1 ]]; then
  run_ctest thread-sanitizer-trainings tsan --parallel "$jobs" --no-tests=error \
    -R "^emulated\..*$agreement.*/($trainings) " || status=1
fi
exit "$status"
