#!/usr/bin/env bash
# A whole short training by the command line on the emulated GPU: the policies must have the same
# bits in another order of threads and with another filling of unwritten memory, and must be
# readable.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

need_toolkit >/dev/null
tree=$(emulator_tree)
configure_emulator "$tree"
build "$tree" polyak_emulated
polyak=$root/build/$tree/src/polyak_emulated
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT

train() {
  POLYAK_EMULATOR_ORDER=$1 POLYAK_EMULATOR_POISON=$2 "$polyak" train --device cuda --agents 2 --environments 3 \
    --total-steps 600 --warmup-steps 60 --learning-starts 60 --batch-size 33 --update-to-data 0.1 \
    --steps-per-iteration 10 --actor-hidden 31,17 --critic-hidden 33,15 --output "$runs/$1"
}
train forward 0xffff
train run_ahead 0x7ff8
for policy in policy_0.safetensors policy_1.safetensors; do
  cmp "$runs/forward/$policy" "$runs/run_ahead/$policy"
done
if cmp --silent "$runs/forward/policy_0.safetensors" "$runs/forward/policy_1.safetensors"; then
  fail 1 "two agents with different seeds have the same policy"
fi
"$polyak" evaluate "$runs/forward/policy_0.safetensors" --device cuda --episodes 3
"$polyak" bench --device cuda --actor-hidden 16 --critic-hidden 16 --batch-size 32 \
  --learning-starts 64 --warmup-steps 64 --repetitions 5 --seconds 0.001
