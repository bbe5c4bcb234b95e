#!/usr/bin/env bash
# test_installation.sh BUILD_DIRECTORY PREFIX : installs a finished build, then uses it as a stranger
# would: runs the installed program, compiles every header alone, builds a consumer with find_package,
# reads a policy in Python.
set -euo pipefail

build_directory=$1
prefix=$2
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=$prefix/consumer-build

cmake --install "$build_directory" --prefix "$prefix" >"$prefix/install.log"
test -f "$prefix/share/polyak/pendulum_v1_starts.json"
"$prefix/bin/polyak" --version

# Every installed header is whole: it compiles alone, with nothing but the prefix to look in.
while read -r header; do
  "${CXX:-c++}" -std=c++20 -Wall -Wextra -Werror -fsyntax-only -I"$prefix/include" -x c++ \
    - <<<"#include <$header>" || { echo "<$header> does not compile alone" >&2; exit 1; }
done < <(cd "$prefix/include" && find polyak -name '*.hpp' | sort)

cmake -S "$here/consumer" -B "$work" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$prefix"
cmake --build "$work"
output=$("$work/consumer" "$prefix/policy.safetensors")
echo "$output"
python3 "$here/read_policy.py" "$prefix/policy.safetensors" "$(sed -n 's/^torque //p' <<<"$output")"
for cell in lstm gru; do
  read -ra torques <<<"$(sed -n "s/^$cell torques //p" <<<"$output")"
  python3 "$here/read_policy.py" "$prefix/policy.safetensors.$cell" "${torques[@]}"
done

cmake -S "$here/../../examples" -B "$prefix/examples-build" -G Ninja -DCMAKE_PREFIX_PATH="$prefix"
cmake --build "$prefix/examples-build"
(cd "$prefix" && ./examples-build/train | grep -q ' N m$')

"$prefix/bin/polyak" evaluate "$prefix/policy.safetensors" --episodes 5
# Finds the start states beside itself.
(cd / && "$prefix/bin/polyak" compare --devices cpu --agents 1 --total-steps 1000)
