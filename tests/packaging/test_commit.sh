#!/usr/bin/env bash
# What --version will name: the commit of a clone, the one that git writes into its archives, and
# none in a copy without either, even inside somebody else's repository.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# commit_in DIRECTORY : what a build of it would be called.
commit_in() {
  echo 'include(${PROJECT_SOURCE_DIR}/cmake/GitCommit.cmake) message("${POLYAK_GIT_COMMIT}")' >"$work/print.cmake"
  cmake -DPROJECT_SOURCE_DIR="$1" -P "$work/print.cmake" 2>&1
}

commit=$(git -C "$root" rev-parse --short HEAD)
[[ $(commit_in "$root") == "$commit"* ]]

mkdir "$work/archive" "$work/copy"
git -C "$root" archive HEAD | tar -x -C "$work/archive"
[[ $(commit_in "$work/archive") == "$commit" ]]

git -C "$work" init --quiet
cp -r "$root/cmake" "$work/copy"
[[ $(commit_in "$work/copy") == unknown ]]
