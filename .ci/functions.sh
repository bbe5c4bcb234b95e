# Functions for .ci/run and the lanes in .ci/lanes. Source it; needs bash.
# shellcheck shell=bash

# shellcheck source=scripts/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/common.sh"

lane_not_run=77  # the exit code of such a lane

# need_toolkit : prints the CUDA toolkit's folder. Without one the lane ends as not run.
need_toolkit() {
  find_cuda_toolkit || {
    say "not run: this lane needs a CUDA toolkit"
    exit "$lane_not_run"
  }
}

# project_files PATTERN... : the project's own files whose names match: what git tracks and what is
# new and not ignored.
project_files() {
  local file
  git -C "$root" ls-files --cached --others --exclude-standard -- "$@" |
    while read -r file; do
      [[ ! -e $root/$file ]] || echo "$file"
    done
}

# run_sanitized NAME TREE [MORE] : the tests of a sanitizer's build. Left out are those that repeat
# the same kernels and trainings in other orders or company or at great sizes, which other lanes run
# at full speed, and emulated ones whose names match the regular expression MORE. Of the whole
# trainings, which can take a minute each, these few have between them what the others combine.
run_sanitized() {
  local name=$1 tree=$2 status=0
  local repetitions='Limits\.|ManyRows|Order|SameSeed|AloneHasTheBits|ImportedState|AgreesWithTheOracle|NotDependOn|BitsDepend|EveryField'
  [[ -z ${3:-} ]] || repetitions+="|$3"
  local agreement='CudaTraining\.AgreesWithTheCpu'
  local trainings='Layered(Small|SevenEnvironmentsThreeAgents|Td3|LayerNorm|AllAtOnce)|Fused(Small|SeveralBlocks|ReturnsOfSeveralSteps)'
  trainings+='|LayeredRecurrent(Lstm|GruFromStoredStatesInATinyRing)'
  run_ctest "$name" "$tree" --parallel "$jobs" --no-tests=error \
    -E "^emulated\..*($repetitions|$agreement|PrecisionTraining)|^emulator\.(reverse|random|lazy)$" ||
    status=1
  if find_cuda_toolkit >/dev/null; then
    run_ctest "$name-trainings" "$tree" --parallel "$jobs" --no-tests=error \
      -R "^emulated\..*$agreement.*/($trainings) " || status=1
  fi
  return "$status"
}
