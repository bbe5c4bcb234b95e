#!/usr/bin/env bash
# test_installation.sh BUILD_DIRECTORY PREFIX PYTHON : installs a finished build, then uses it as a
# stranger would: runs the installed program, compiles every header alone, builds programs with
# find_package, the README's among them, and reads policies in Python. PYTHON has requirements.txt.
set -euo pipefail
trap 'echo "$0: line $LINENO failed" >&2' ERR

build_directory=$1
prefix=$2
python=$3
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=$prefix/consumer-build
polyak=$prefix/bin/polyak

cmake --install "$build_directory" --prefix "$prefix" >"$prefix/install.log"
test -f "$prefix/share/polyak/pendulum_v1_starts.json"
"$polyak" signature --check "$prefix/share/polyak/signatures.txt" --device cpu
"$polyak" --version
grep -q 'Adam step size' "$prefix/share/man/man1/polyak-train.1"
grep -q 'polyak-info' <<<"$(echo "$prefix"/share/man/man1/*)"

# completed WORD... : what the last word is completed to.
completed() {
  # shellcheck source=cmake/completion.bash
  source "$prefix/share/bash-completion/completions/polyak"
  COMP_WORDS=("$polyak" "$@") COMP_CWORD=$#
  _polyak "$polyak"
  echo "${COMPREPLY[*]}"
}
[[ $(completed ro) == rollout ]]
[[ $(completed si) == signature ]]
[[ $(completed export --c) == --c-header ]]
[[ $(completed signature --ag) == --against ]]
[[ $(completed train --adam-b) == '--adam-beta1 --adam-beta2' ]]
[[ $(completed evaluate --per) == --per-start ]]
[[ -z $(completed evaluate some-file) ]]

# shellcheck disable=SC2016  # the fences of Markdown
sed -n '/^```cpp$/,/^```$/{/^```/!p}' "$here/../../README.md" >"$prefix/readme.cpp"

# Every installed header is whole: it compiles alone, with nothing but the prefix to look in.
while read -r header; do
  "${CXX:-c++}" -std=c++20 -Wall -Wextra -Werror -fsyntax-only -I"$prefix/include" -x c++ \
    - <<<"#include <$header>" || { echo "<$header> does not compile alone" >&2; exit 1; }
done < <(cd "$prefix/include" && find polyak -name '*.hpp' | sort)

cmake -S "$here/consumer" -B "$work" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$prefix" -DREADME_PROGRAM="$prefix/readme.cpp"
cmake --build "$work"
"$work/consumer" "$prefix/policy.safetensors"
(cd "$prefix" && "$work/readme_program" && "$polyak" evaluate policy.safetensors)

cmake -S "$here/../../examples" -B "$prefix/examples-build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix"
cmake --build "$prefix/examples-build"
(cd "$prefix" && ./examples-build/train | grep -q ' N m$')

"$python" "$here/test_documents.py" "$polyak"
"$python" "$here/test_python.py" "$polyak"
"$python" "$here/test_export.py" "$polyak"
"$python" "$here/test_optuna.py" "$polyak"
"$python" "$here/test_report.py" "$polyak"

"$polyak" evaluate "$prefix/policy.safetensors" --episodes 5
# Finds the start states beside itself.
(cd / && "$polyak" compare --devices cpu --agents 1 --total-steps 1000)
