#!/usr/bin/env bash
# The tests of the CPU, of the command line and of the emulated CUDA back end under
# AddressSanitizer and UndefinedBehaviorSanitizer.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

options=(-DPOLYAK_EMULATOR=OFF)
targets=(polyak polyak_tests)
if toolkit=$(find_cuda_toolkit); then
  options=(-DCUDAToolkit_ROOT="$toolkit")
  targets+=(polyak_emulated_tests emulator_tests)
fi
configure asan "${options[@]}"
build asan "${targets[@]}"
export UBSAN_OPTIONS=print_stacktrace=1
# Of populations on the CPU, what trains them in other slices, threads or processes: the memory is that of
# ChangesOfAPopulation, SignatureOnTheCpu and Checkpoint.
left_out='*/Determinism.Threads*:*/Determinism.Import*:*/Determinism.Slices*:*/Determinism.Evaluation*'
run_sanitized address-sanitizer asan "$left_out"
