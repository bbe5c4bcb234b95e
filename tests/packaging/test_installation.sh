#!/usr/bin/env bash
# test_installation.sh BUILD_DIRECTORY PREFIX : installs a finished build, then uses it as a stranger
# would: runs the installed program, builds a consumer with find_package, reads a policy in Python.
set -euo pipefail

build_directory=$1
prefix=$2
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=$prefix/consumer-build

cmake --install "$build_directory" --prefix "$prefix" >"$prefix/install.log"
test -f "$prefix/share/polyak/pendulum_v1_starts.json"
"$prefix/bin/polyak" --version

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

"$prefix/bin/polyak" evaluate "$prefix/policy.safetensors" --episodes 5
# Finds the start states beside itself.
(cd / && "$prefix/bin/polyak" compare --devices cpu --agents 1 --total-steps 1000)
