#!/usr/bin/env bash
# A whole short training by the command line on the emulated GPU: the policies must have the same
# bits in another order of threads and with another filling of unwritten memory, on several GPUs and by
# several processes, and must be readable.
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

# train NAME [WORD...] : by a command that begins with the words.
train() {
  "${@:2}" "$polyak" train --device "${device:-cuda}" --agents 3 --environments 3 \
    --total-steps 600 --warmup-steps 60 --learning-starts 60 --batch-size 33 --update-to-data 0.1 \
    --steps-per-iteration 10 --actor-hidden 31,17 --critic-hidden 33,15 --evaluate-every 300 \
    --evaluation-episodes 5 --output "$runs/$1"
}
train forward env POLYAK_EMULATOR_ORDER=forward POLYAK_EMULATOR_POISON=0xffff
device=cuda:all train every_gpu env POLYAK_EMULATOR_DEVICES=2 POLYAK_EMULATOR_ORDER=run_ahead \
  POLYAK_EMULATOR_POISON=0x7ff8
others=(every_gpu)
if grep -q '^POLYAK_MPI:.*=OFF' "$root/build/$tree/CMakeCache.txt" || ! command -v mpirun >/dev/null; then
  say "not tried: several processes, for which there is no MPI here"
else
  # The third one shares the first one's GPU.
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  train ranks env POLYAK_EMULATOR_DEVICES=2 mpirun --oversubscribe -n 3
  others+=(ranks)
fi
for other in "${others[@]}"; do
  for policy in policy_{0,1,2}.safetensors; do
    cmp "$runs/forward/$policy" "$runs/$other/$policy"
  done
done
if cmp --silent "$runs/forward/policy_0.safetensors" "$runs/forward/policy_1.safetensors"; then
  fail 1 "two agents with different seeds have the same policy"
fi
"$polyak" evaluate "$runs/forward/policy_0.safetensors" --device cuda --episodes 3
"$polyak" bench --device cuda --actor-hidden 16 --critic-hidden 16 --batch-size 32 \
  --learning-starts 64 --warmup-steps 64 --repetitions 5 --seconds 0.001
