#!/usr/bin/env bash
# Every C++ and CUDA file is formatted as .clang-format says.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

cd "$root"
mapfile -t files < <(project_files '*.hpp' '*.cpp' '*.cuh' '*.cu')
clang-format --version
clang-format --dry-run --Werror "${files[@]}"
