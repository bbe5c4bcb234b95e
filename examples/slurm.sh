#!/usr/bin/env bash
# 4,096 agents on 8 GPUs, two machines with four each: sbatch examples/slurm.sh [OPTION OF polyak train...]
# Submitted again with the same name, it goes on where it was stopped, also on other machines.
#SBATCH --job-name=polyak
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=4
#SBATCH --time=01:00:00
#SBATCH --signal=TERM@120
# SIGTERM two minutes before the time is over: time to write a checkpoint and the policies.
set -euo pipefail

polyak=${POLYAK:-build/release/src/polyak}
run=${RUN:-runs/$SLURM_JOB_NAME}  # on a disk that the first machine reaches

# One process for every GPU: process i of a machine takes its GPU i. Slurm and MPI must know each other;
# `srun --mpi=list` says how here.
launch=(srun --mpi="${SLURM_MPI_TYPE:-pmix}" --kill-on-bad-exit=1 "$polyak" train)

if [[ -e $run/checkpoint.safetensors ]]; then
  "${launch[@]}" --resume "$run" "$@"
else
  "${launch[@]}" --output "$run" --device cuda --agents 4096 "$@"
fi
