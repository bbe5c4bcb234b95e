#!/usr/bin/env bash
# What users get: an installation, a program of theirs that finds and uses it, and a policy file
# that Python reads.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

build release polyak
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
"$root/tests/packaging/test_installation.sh" "$root/build/release" "$prefix"
