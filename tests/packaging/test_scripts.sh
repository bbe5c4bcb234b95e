#!/usr/bin/env bash
# ./run refuses a CMake or g++ that is too old, in one line.
set -Eeuo pipefail
trap 'echo "$0: line $LINENO failed" >&2' ERR

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# expect_refusal TEXT COMMAND... : exit code 2 and one line with the text.
expect_refusal() {
  local text=$1 status=0
  shift
  "$@" >"$work/output" 2>"$work/error" || status=$?
  [[ $status -eq 2 && $(wc -l <"$work/error") -eq 1 ]]
  grep -qF -- "$text" "$work/error"
}

for program in cmake g++; do
  mkdir "$work/$program"
  printf '#!/bin/sh\necho "%s (Debian 1.2-3) 3.18.4"\n' "$program" >"$work/$program/$program"
  chmod +x "$work/$program/$program"
  expect_refusal "$program 3.18.4 is too old" env PATH="$work/$program:$PATH" "$root/run" build
done
