#!/usr/bin/env bash
# ThreadSanitizer on what has threads: the CPU back end and whole trainings on it, and, each CUDA
# thread being one to it, the emulated kernels, at small sizes and in one order: a race shows in any.
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
# Without the second that each of the tests would sleep before it ends.
export TSAN_OPTIONS=halt_on_error=1:atexit_sleep_ms=0
# Of the CPU's, those that have one thread. Of the host's side of the emulated ones: what it counts and
# reports of whole trainings, and a kernel in hundreds of configurations, of which two other tests have
# the usual ones.
left_out='Places.*:Trace.*:SignatureCases.*:*/MatrixProduct.*:*/Determinism.Slices*'
left_out+=':*/Determinism.Import*:*/Determinism.Evaluation*:*/Determinism.ChangesOf*'
left_out+=':*Agents4*:*Batch1030*:*Batch8???I*:*Shapes/*1023*:*ResumptionInTheEmulator*'
left_out+=':*TerminalTransitions*:SequenceKernels.GatherWhatGoingThroughTheEpisodesFinds'
left_out+=':CudaMetrics.BeginAnew*:CudaMetrics.AverageThe*:CudaMetrics.SayWhich*'
run_sanitized thread-sanitizer tsan "$left_out"
