#!/usr/bin/env bash
# A release check, of some half an hour on two cores, that the ordinary run leaves out: nvcc's PTX of
# every kernel, for the newest architecture that the source tells apart and for the oldest, runs in the
# emulator, and each launch must leave the bits in memory that the kernel's source leaves; the program
# has the committed signature from PTX alone; and ptxas, which makes machine code of PTX, has fused
# nothing. tests/emulator/ptx/README.md has the details.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

toolkit=$(need_toolkit)
sources=$root/tests/emulator/ptx
POLYAK_CONFIGURE_OPTIONS+=' -DPOLYAK_EMULATE_PTX=ON'
tree=$(emulator_tree)
binaries=$root/build/$tree/tests/emulator/ptx
counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT
status=0

# Below 8.0 there is neither tf32 nor bf16, and below 9.0 no cluster. The first line's tests compute in
# one of those formats, the next two lines' in all formats one after the other; the fourth line's demand
# several blocks for an agent. The last line's could run, but repeat the trainings of other tests in
# other orders and company, which takes more than all else.
declare -A left_out=([90]='' [75]='*f32*:*f16*')
left_out[75]+=':FusedPrecisions.*:PrecisionTrainings.*'
left_out[75]+=':LayerGroup.ALayer*:LinearForward.EveryPrecision*:LinearForward.ThreadOrder*'
left_out[75]+=':*/FusedPrecision.*:*/fused2:*/fused4:*/fused8:*/fused16'
left_out[75]+=':*/CudaDeterminism.*'
# The multiprocessors of an H200 and of a T4, by which engines choose tiles and blocks.
declare -A multiprocessors=([90]=132 [75]=40)

# test_architecture CAPABILITY : every test that the architecture can run, and of which kernels.
test_architecture() {
  local architecture=$1
  build "$tree" "polyak_ptx_tests_$architecture"
  POLYAK_PTX_COUNTS=$counts/$architecture GTEST_FILTER="-${left_out[$architecture]}" \
    run_ctest "ptx-$architecture" "$tree" -L "ptx-$architecture" || status=1
  awk -v architecture="$architecture" '
    { launches = $1; $1 = ""; of[$0] += launches; all += launches }
    END {
      for (name in of) if (of[name] > 0) ++run; else print "never launched:" name
      printf "sm_%s: %d launches of %d kernels ran from PTX, %d never\n", architecture, all, run, length(of) - run
    }' "$counts/$architecture"
}

# sign ENGINE CAPABILITY : the program's signature, from PTX alone, is the committed one.
sign() {
  local engine=$1 architecture=$2 started=$SECONDS
  say "signature of the engine $engine from PTX for sm_$architecture"
  POLYAK_PTX_RUN=ptx POLYAK_EMULATOR_MULTIPROCESSORS=${multiprocessors[$architecture]} \
    "$binaries/polyak_ptx_$architecture" signature --device cuda --engine "$engine" \
    --check "$root/src/trainer/signature/signatures.txt" || status=1
  say "took $((SECONDS - started)) s"
}

configure_emulator "$tree"
build "$tree" polyak_ptx_translator_tests
run_ctest ptx "$tree" -L '^ptx$' || status=1
nvdisasm=$(find_nvdisasm "$toolkit")
for architecture in 90 75; do
  export POLYAK_EMULATOR_CAPABILITY=$architecture
  test_architecture "$architecture"
  build "$tree" "polyak_ptx_$architecture"
  for engine in layered fused; do sign "$engine" "$architecture"; done
  say "what ptxas fused for sm_$architecture"
  python3 "$sources/check_sass.py" --ptxas "$toolkit/bin/ptxas" --nvdisasm "$nvdisasm" \
    --architecture "$architecture" --jobs "$jobs" "$binaries/sm_$architecture"/*.ptx || status=1
done
# What the tests above take for PTX is PTX.
for file in "$sources/test/threads.ptx" "$binaries/cases.ptx"; do
  "$toolkit/bin/ptxas" -arch=sm_90 "$file" -o /dev/null || status=1
done
exit "$status"
