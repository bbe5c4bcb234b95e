# Functions for .ci/run and the lanes in .ci/lanes. Source it; needs bash.
# shellcheck shell=bash

# shellcheck source=scripts/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../scripts/common.sh"

# Larger groups of files read the same headers less often; nobody changes a file here. clang-tidy's are as
# large.
export POLYAK_CONFIGURE_OPTIONS='-DCMAKE_COMPILE_WARNING_AS_ERROR=ON -DPOLYAK_FILES_TOGETHER=30'

# The lane tests compiles kernels for so many shapes by NVRTC, where ./run test has one.
export POLYAK_RANDOM_SHAPES=20

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

# Of a layer's great shapes those that do not take a product's largest tile.
great_shapes_left_out='*/BiasActivation*Agents4*:*/ActivationBackward*Agents4*:*/BiasGradient*Agents4*'
great_shapes_left_out+=':*/LinearForward*Agents4Batch10*:*/LinearForward*Agents4Batch17*'
great_shapes_left_out+=':*/LinearBackwardInput*Agents4Batch11*:*/LinearBackwardInput*Agents4Batch17*'
great_shapes_left_out+=':*/LinearBackwardWeight*Agents4Batch10*:*/LinearBackwardWeight*Agents4Batch11*'

# run_sanitized NAME TREE [MORE] : the tests of a sanitizer's build, without those whose memory accesses
# others have, too, and those that GoogleTest's filter MORE names.
# Of the CPU's: tests of how much memory is used and of how numbers are distributed; comparisons with the
# oracle and of populations (the signature's trainings have all that those have); options that are refused
# by the same rows of one table.
# Of the emulated ones: those that repeat the same kernels and trainings in other orders or company or at
# great sizes, which other lanes run at full speed; tf32x3 loads what tf32 loads, and so does bf16, which
# keeps one of its great shapes; kernels know one environment from another only by its step; of the two
# known shapes of eight blocks one is enough; agents move between GPUs by the same host code whichever engine
# trains them. Of the whole trainings, which can take a minute each, these few have between them what the
# others combine.
run_sanitized() {
  local name=$1 tree=$2 status=0
  local cpu_left_out='*NeedsLittleMoreMemory*:*CpuAgainstOracle*'
  cpu_left_out+=':*.DrawsAreUniform*:*/NormalDimension.*:OrnsteinUhlenbeck.Deviation*'
  cpu_left_out+=':*/Determinism.SameSeedTwice*:*/Determinism.AgentAlone*:*/Determinism.ReportsDepend*'
  cpu_left_out+=':Places.EveryNumber*:Outputs/OptionConflictTest.*:WithoutEffect/OptionConflictTest.*'
  local repetitions='Limits.*:*ManyRows*:*Order*:*DeterminismOf*:*/CudaDeterminism.*:*NotDepend*'
  repetitions+=':*AgreesWithTheOracle*:*BitsDepend*:*EveryField*:*/PrecisionTraining.*'
  repetitions+=':PrecisionTrainings.*:*SignatureInTheEmulator*:CudaPhases.*:*/CudaPhase.RunsFromTheStart*'
  repetitions+=":$great_shapes_left_out"
  repetitions+=':*/Linear*Tf32x3:*FusedKnownShape*Batch128Blocks8'
  repetitions+=':*FiniteDifferences/65x1023:*FiniteDifferences/1023x33'
  repetitions+=':*/Linear*Batch20Inputs513*Bf16:*/Linear*Batch300Inputs513*Bf16'
  repetitions+=':*EpisodesTest/Pendulum*:*EpisodesTest/Mountain*:*/CudaSimulator.*PendulumP*'
  repetitions+=':*/CudaSimulator.*PendulumV:*/CudaSimulator.*PendulumVLayer*:*/CudaSimulator.*NoVel*:*/CudaSimulator.*Mountain*'
  repetitions+=':FusedEngine.CuttingALong*:*CudaTrainingAtTheGoal*1:*ResumptionInTheEmulator*/fused'
  repetitions+=':CudaMetrics.ARewardThat*:*/CudaPopulation.*BatchNorm*:*/CudaPopulation.*Recurrent*'
  repetitions+=':*/EveryGpu.MovesAgents*/layered:*/EveryGpu.GoesOn*/layered'
  repetitions+=':*ClusteredUpdateTest.*/T*:*ClusteredUpdateTest.*/ClustersOf*:*ClusteredUpdateTest.*/GroupsOf*:*ClusteredUpdateTest.*/OneGroup'
  local agreement='*/CudaTraining.*/' trainings='' count=0 one
  for one in Layered{Small,SevenEnvironmentsThreeAgents,Td3,LayerNorm,AllAtOnce} \
    LayeredRecurrent{Lstm,GruFromStoredStatesInATinyRing} \
    Fused{Small,SeveralBlocks,ReturnsOfSeveralSteps}; do
    trainings+="${trainings:+:}$agreement$one"
    count=$((count + 1))
  done
  GTEST_FILTER="-$cpu_left_out${3:+:$3}" \
    run_ctest "$name" "$tree" -LE emulated -E '^emulator[.](reverse|random|lazy)$' || status=1
  if find_cuda_toolkit >/dev/null; then
    GTEST_FILTER="-$repetitions:$agreement*${3:+:$3}" run_ctest "$name-emulated" "$tree" -L emulated || status=1
    GTEST_FILTER=$trainings run_ctest "$name-trainings" "$tree" -L emulated || status=1
    [[ $(count_results "$name-trainings" completed) -ge $count ]] || fail 1 "not all of $trainings ran"
  fi
  return "$status"
}
