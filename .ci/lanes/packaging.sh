#!/usr/bin/env bash
# What users get: an installation, programs of theirs that find and use it, policy files that Python
# reads. The lane signature tries a program for any x86-64.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

packages=$root/build/python
python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
[[ -x $packages/bin/python ]] || python3 -m venv "$packages"
quietly "$root/build/pip.log" "installing Python packages" \
  "$packages/bin/pip" install -r "$root/tests/packaging/requirements.txt"

command -v help2man >/dev/null || install_packages help2man

# The lane `tests` has configured it, unless this one runs alone.
[[ -e $root/build/release/build.ninja ]] || configure release -DPOLYAK_CUDA=OFF
build release polyak
"$root/tests/packaging/test_commit.sh"
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
"$root/tests/packaging/test_installation.sh" "$root/build/release" "$prefix" "$packages/bin/python"
