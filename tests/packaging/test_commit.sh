#!/usr/bin/env bash
# What --version will name: the commit of a clone, the one that git writes into its archives, and
# none in a copy without either, even inside somebody else's repository.
set -euo pipefail
trap 'echo "$0: line $LINENO failed" >&2' ERR

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

commit_in() { cmake -DPROJECT_SOURCE_DIR="$1" -P "$root/tests/packaging/print_commit.cmake" 2>&1; }

commit=$(git -C "$root" rev-parse --short HEAD)
[[ $(commit_in "$root") == "$commit"* ]]

mkdir "$work/archive" "$work/copy"
git -C "$root" archive HEAD | tar -x -C "$work/archive"
[[ $(commit_in "$work/archive") == "$commit" ]]

git -C "$work" init --quiet
cp -r "$root/cmake" "$work/copy"
[[ $(commit_in "$work/copy") == unknown ]]
