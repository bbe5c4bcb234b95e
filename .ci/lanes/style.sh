#!/usr/bin/env bash
# Every C++ and CUDA file is formatted as .clang-format says; and no file has a name that a slip of a shell
# or of an editor gave it.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

cd "$root"
mapfile -t files < <(project_files '*.hpp' '*.cpp' '*.cuh' '*.cu')
clang-format --version
clang-format --dry-run --Werror "${files[@]}"
strange=$(project_files | grep -vE '^[A-Za-z0-9._/-]+$') || true
[[ -z $strange ]] || fail 1 "no file of this project should be called '$strange'"
