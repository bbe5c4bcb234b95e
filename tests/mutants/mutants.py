"""Mistakes that a test must find. Each was once planted and not found, or guards what such a test
relies on; run.py plants them. To add one, add an entry: a piece of text that stands exactly once in
its file, what it becomes, and the test that must fail then. Choose .cpp and .cu files rather than
headers, which take long to rebuild."""
import dataclasses

# Build targets and where they are in a build directory.
TARGETS = {
    "polyak_tests": "tests/polyak_tests",
    "polyak_emulated_tests": "tests/polyak_emulated_tests",
    "emulator_tests": "tests/emulator/emulator_tests",
}
CPU, EMULATED, EMULATOR = TARGETS


@dataclasses.dataclass(frozen=True)
class Mutant:
    """name: the mistake in words; killer: a gtest filter of tests in `target`."""
    name: str
    file: str
    text: str
    becomes: str
    target: str
    killer: str
    environment: dict = dataclasses.field(default_factory=dict)


# Of every maximum: unwritten integers are huge, not its neutral element -1.
HUGE = {"POLYAK_EMULATOR_POISON": "0x7ff8"}

MUTANTS = [
    # The emulator.
    Mutant("a warp that runs ahead stops at its first warp operation", "tests/emulator/engine/engine.cpp",
           "for (bool more = true; more;) {", "for (bool more = true; more && !any;) {",
           EMULATOR, "Scheduling.OnlyAWarpThatRunsAheadShowsInTheBitsThatPaceIsReliedOn"),
    Mutant("the warps that run ahead always do so in the same order", "tests/emulator/engine/engine.cpp",
           "  std::shuffle(warps.begin(), warps.end(), engine.random);\n", "",
           EMULATOR, "Scheduling.OnlyAWarpThatRunsAheadShowsInTheBitsThatPaceIsReliedOn"),
    Mutant("a warp that runs ahead spins for ever", "tests/emulator/engine/engine.cpp",
           "if (any && lane.state == ThreadState::spinning) continue;", "",
           EMULATOR, "Scheduling.AWarpThatRunsAheadDoesNotSpinForEver"),
    Mutant("the poison has no effect", "tests/emulator/unwritten.cpp",
           "std::uint64_t{options().poison}", "std::uint64_t{0xFFFF}",
           EMULATOR, "Memory.IsAlignedAndFilledWithNotANumber:SharedMemory.*NotANumber*"),
    Mutant("emulated cuBLAS does not mind the alignment", "tests/emulator/runtime/cublas_gemm.cpp",
           "return product.access_width() + (product.batch_count > 1 ? 1 : 0);",
           "return product.access_width() > 0 ? 1 : 0;",
           EMULATOR, "Cublas.BitsDependOnTheAlignmentAndOnTheNumberOfMatrices"),
    # Kernels.
    Mutant("the fullest stream is looked for in a block's first warp", "kernels/streams.cu",
           "for (unsigned warp = 1; warp < blockDim.x / 32; ++warp) {",
           "for (unsigned warp = 1; warp < 1; ++warp) {",
           EMULATED, "StreamsTest/*.AnyStreamMayBeTheFullest"),
    Mutant("the fullest stream is looked for in one warp too many", "kernels/streams.cu",
           "for (unsigned warp = 1; warp < blockDim.x / 32; ++warp) {",
           "for (unsigned warp = 1; warp <= blockDim.x / 32; ++warp) {",
           EMULATED, "StreamsTest/*.AnyStreamMayBeTheFullest", HUGE),
    Mutant("only the last of a thread's streams is counted", "kernels/replay.cu",
           "    most = closed > most ? closed : most;", "    most = closed;",
           EMULATED, "CountClosedRowsKernel.AnyStreamMayBeTheFullest"),
    Mutant("only the first warp's streams are counted", "kernels/replay.cu",
           "  for (const std::int64_t other : warp_most) most = other > most ? other : most;\n", "",
           EMULATED, "CountClosedRowsKernel.AnyStreamMayBeTheFullest"),
    Mutant("streams beyond a block's threads are not counted", "kernels/replay.cu",
           "stream < replays.streams; stream += count_threads",
           "stream < replays.streams && stream < count_threads; stream += count_threads",
           EMULATED, "CountClosedRowsKernel.AnyStreamMayBeTheFullest"),
    Mutant("the fused engine counts a block's last turn of streams only", "kernels/fused/collect.cuh",
           "        step_streams<precision>(block, first, vector_step, random, acting, rows);\n"
           "    most_closed = closed > most_closed ? closed : most_closed;",
           "        step_streams<precision>(block, first, vector_step, random, acting, rows);\n"
           "    most_closed = closed;",
           EMULATED, "FusedEngine.AnyStreamMayBeTheFullest"),
    Mutant("the fused engine counts a block's first warp only", "kernels/fused/collect.cuh",
           "if (threadIdx.x % 32 == 0 && most_closed > 0) {",
           "if (threadIdx.x == 0 && most_closed > 0) {",
           EMULATED, "FusedEngine.AnyStreamMayBeTheFullest"),
    Mutant("in fp32 tiles are chosen by the number of agents", "kernels/layer_group.cuh",
           "(fp32 ? medium_tiles : medium_tiles * agents)", "medium_tiles * agents",
           EMULATED, "LinearForward.TilesDoNotDependOnTheNumberOfAgents"),
    Mutant("one workspace for all sliced layers", "src/backend/cuda/layered/linear_operations.cpp",
           "    workspace += weight_gradient_parts_of(layer.agents, shape_of(layer));\n", "",
           EMULATED, "SlicedLayers.TwoInOneCallHaveTheBitsThatTheyHaveAlone"),
    Mutant("the slices of the first sliced layer alone are added", "kernels/linear_backward_weight.cu",
           "    group.add(layer, divide_up(elements, elementwise_threads));",
           "    if (group.count == 0) group.add(layer, divide_up(elements, elementwise_threads));",
           EMULATED, "SlicedLayers.TwoInOneCallHaveTheBitsThatTheyHaveAlone"),
    Mutant("the losses' counters of arrivals are not cleared", "src/backend/cuda/layered/layered_engine.cpp",
           "  zero(buffers_.loss_arrivals, stream);\n", "",
           EMULATED, "CudaTrainingOfManyRows.LossesAgreeWithTheCpuUpdateByUpdate"),
    Mutant("a layer's deviation is off by 1.5e-5", "kernels/layer_norm.cu",
           "const float inverse = inverse_deviation(variance);",
           "const float inverse = inverse_deviation(variance * 1.00003f);",
           EMULATED, "Shapes/LayerNormKernel.NormalisesAndActivates/65x1023"),
    Mutant("a layer norm's gradient has Bessel's correction", "kernels/layer_norm.cu",
           "const float mean_product = scale * sum_over_columns(",
           "const float mean_product = 1.0f / static_cast<float>(layer.columns - 1) * sum_over_columns(",
           EMULATED, "Shapes/LayerNormKernel.GradientsMatchFiniteDifferences/65x1023"),
    Mutant("a batch norm's gradient has Bessel's correction", "kernels/batch_norm.cu",
           "normalised(row) * (scale * weight_sum));",
           "normalised(row) * (weight_sum / static_cast<float>(layer.rows - 1)));",
           EMULATED, "Shapes/BatchNormKernel.GradientsMatchFiniteDifferences/1023x33"),
    Mutant("bf16 computes in tf32", "kernels/fused/training.cu",
           "return function.template operator()<Precision::bf16>();",
           "return function.template operator()<Precision::tf32>();",
           EMULATED, "Precisions/FusedPrecision.AgreesWithTheOracleToTheFormatsRounding/bf16"),
    Mutant("tf32 computes in fp32", "kernels/fused/training.cu",
           "return function.template operator()<Precision::tf32>();",
           "return function.template operator()<Precision::fp32>();",
           EMULATED, "Precisions/FusedPrecision.AgreesWithTheOracleToTheFormatsRounding/tf32"),
    Mutant("recurrent states are stored as zeros", "kernels/recurrent_streams.cu",
           "stored[i] = begins ? 0.0f : state[i];", "stored[i] = 0.0f;",
           EMULATED, "Cases/CudaTraining.AgreesWithTheCpu*/LayeredRecurrentLstmFromStoredStates"),
    # The host.
    Mutant("every piece of a cut iteration has the first one's number",
           "src/backend/cuda/layered/iteration_graphs.cpp",
           "most_updates_)}, updates_before + done);", "most_updates_)}, updates_before);",
           EMULATED, "IterationGraphsTest.PiecesOfACutIterationGoOnCounting"),
    Mutant("the last piece of a cut iteration is a whole one",
           "src/backend/cuda/layered/iteration_graphs.cpp",
           "std::min(work.updates - done, most_updates_)", "most_updates_",
           EMULATED, "IterationGraphsTest.PiecesOfACutIterationGoOnCounting"),
    Mutant("the host runs ahead without an end", "src/backend/cuda/cuda_backend.cpp",
           "    before_last.wait();\n", "",
           EMULATED, "HostPace.OneCallOfAdvanceMayRunWhileTheNextIsQueued"),
    Mutant("the host waits for the call before", "src/backend/cuda/cuda_backend.cpp",
           "    turn_ = 1 - turn_;\n", "",
           EMULATED, "HostPace.OneCallOfAdvanceMayRunWhileTheNextIsQueued"),
    Mutant("an evaluation has the first agent's reward scale", "src/backend/cuda/episode_runner.cpp",
           "request.reward_scale[agent]", "request.reward_scale[0]",
           EMULATED, "CudaEvaluation.AgreesWithTheCpu"),
    Mutant("a report counts every update as one of the actor", "src/backend/cuda/report_reader.cpp",
           "metrics.actor_updates = updates.actor_updates;",
           "metrics.actor_updates = updates.critic_updates;",
           EMULATED, "Cases/CudaTraining.AgreesWithTheCpu*/LayeredTd3"),
    Mutant("cuBLAS multiplies whatever the agents' alignment",
           "src/backend/cuda/layered/linear_operations.cpp",
           "(... && (agent_strides % parameter_alignment == 0));", "(... && (agent_strides >= 0));",
           EMULATED, "Cases/CudaDeterminism.AnAgentAlone*/LayeredCublas"),
    Mutant("of several bad steps the last that is met is told", "kernels/episode_totals.cu",
           "totals.non_finite_step != 0 && totals.non_finite_step < sum.non_finite_step",
           "totals.non_finite_step != 0",
           EMULATED, "EpisodeTotalsKernel.KeepsTheEarliestStepThatWasNotFinite"),
    # The CPU and the program.
    Mutant("the critics' recurrent states are not stored", "src/backend/cpu/stream_memory.cpp",
           "std::copy_n(state, row_layout_.state_floats,", "std::copy_n(state, network_floats_,",
           CPU, "Cases/RecurrentCpuAgainstOracle.AgreesForTwenty*/*FromStoredStates*"),
]
