#!/usr/bin/env bash
# libFuzzer with AddressSanitizer and UndefinedBehaviorSanitizer on everything that reads files: each
# reader gets some seconds, from the corpus of tests/fuzz and what earlier runs found. An input that
# fails is kept, and its path is in the output. At length: POLYAK_FUZZ_SECONDS=3600 .ci/run fuzz
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

seconds=${POLYAK_FUZZ_SECONDS:-5}
tree=$root/build/fuzz
configure fuzz
build fuzz fuzzers

fuzz() {
  local reader=$1 found=$tree/corpus/$1
  mkdir -p "$found"
  "$tree/tests/fuzz/fuzz_$reader" -max_total_time="$seconds" -max_len=8192 -timeout=10 \
    -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 -artifact_prefix="$tree/$reader-" \
    "$found" "$root/tests/fuzz/corpus/$reader"
}
export -f fuzz
export seconds tree root
printf '%s\n' policy config space starts transitions trace | xargs --max-procs="$jobs" -I{} bash -c 'fuzz {}'
