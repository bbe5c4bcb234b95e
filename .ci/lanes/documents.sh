#!/usr/bin/env bash
# The documents hang together: no link leads nowhere, Doxygen has no warning about the public headers,
# and the README stays short.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

command -v doxygen >/dev/null || install_packages doxygen
cd "$root"
mapfile -t pages < <(project_files '*.md')
python3 .ci/check_links.py "${pages[@]}"
mkdir -p build
doxygen docs/Doxyfile
[[ $(wc -l <README.md) -le 200 ]] || fail 1 "README.md has more than 200 lines"
