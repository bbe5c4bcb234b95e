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
