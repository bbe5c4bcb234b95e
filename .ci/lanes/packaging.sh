#!/usr/bin/env bash
# What users get: an installation, a program of theirs that finds and uses it, a policy file that
# Python reads, and a program for any x86-64.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

build release polyak
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
"$root/tests/packaging/test_installation.sh" "$root/build/release" "$prefix"

tree=cuda-code-paths  # of the lane cuda_compile; it is for any x86-64, too
if toolkit=$(find_cuda_toolkit); then
  configure "$tree" -DCUDAToolkit_ROOT="$toolkit"
else
  tree=portable
  configure "$tree"
fi
build "$tree" polyak
"$root/tests/packaging/test_instruction_sets.sh" "$root/build/$tree/src/polyak"
