#!/usr/bin/env bash
# Machine code for sm_90, executed and timed by the model: see the usage below.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts/common.sh"

usage() {
  cat <<'TEXT'
bench/model/run.sh              the shapes of bench/floors.md's table of the model, one after another
bench/model/run.sh OPTION...    one shape, by polyak_model's options; --help lists them

Compiles kernels/fused/training_fp32.cu (or that of --precision, or with --clustered
kernels/clustered_update.cu) for sm_90, which takes a minute, into build/model, disassembles it, and builds
polyak_model; each only if there is something new. Needs the CUDA toolkit, and network access if that has
no nvdisasm, but no GPU.
TEXT
}

# make_listing SOURCE : prints the path of the listing of a file's kernels.
make_listing() {
  local folder=$root/build/model name toolkit nvdisasm
  name=$(basename -- "$1" .cu)
  local cubin=$folder/$name.cubin listing=$folder/$name.listing
  toolkit=$(find_cuda_toolkit) || fail 2 "no CUDA toolkit: set CUDA_HOME, or put nvcc on PATH"
  mkdir -p "$folder"
  cd "$root"
  if [[ ! -e $cubin || -n $(find kernels include -newer "$cubin" -type f -print -quit) ]]; then
    say "compiling $1"
    # The flags of cmake/CompileFlags.cmake, and the lines of the source.
    quietly "$folder/nvcc.log" "nvcc" "$toolkit/bin/nvcc" -std=c++20 -O3 -DNDEBUG -lineinfo \
      -fmad=false -prec-div=true -prec-sqrt=true -ftz=false -gencode arch=compute_90,code=sm_90 \
      -Iinclude -Isrc -I. -cubin "$1" -o "$cubin"
  fi
  if [[ ! -e $listing || $cubin -nt $listing ]]; then
    nvdisasm=$(find_nvdisasm "$toolkit")
    "$nvdisasm" -gi -hex -c "$cubin" | tr -s ' ' >"$listing.new"
    mv "$listing.new" "$listing"
  fi
  echo "$listing"
}

# source_of OPTION... : the kernels that the options are about.
source_of() {
  local precision=fp32
  while [[ $# -gt 0 ]]; do
    case $1 in
      --clustered)
        echo kernels/clustered_update.cu
        return
        ;;
      --precision) precision=${2:-} ;;
      --precision=*) precision=${1#*=} ;;
    esac
    shift
  done
  [[ -e $root/kernels/fused/training_$precision.cu ]] || fail 2 "no kernel of precision '$precision'"
  echo "kernels/fused/training_$precision.cu"
}

case ${1:-} in
  -h | help)
    usage
    exit
    ;;
esac
tree=$(emulator_tree)
[[ -e $root/build/$tree/CMakeCache.txt ]] || configure_emulator "$tree"
build "$tree" polyak_model
program=$root/build/$tree/bench/model/polyak_model
if [[ ${1:-} == --help ]]; then exec "$program" --help; fi

# Without randomised addresses: they decide what shares a line of the cache.
model() {
  local source listing
  source=$(source_of "$@")
  listing=$(make_listing "$source")
  setarch -R "$program" "$listing" "$@"
}
if [[ $# -gt 0 ]]; then
  model "$@"
  exit
fi
model --hidden 64 64 --batch 100 --blocks 16 --phases
model --hidden 64 64 --batch 100 --blocks 8
model --hidden 64 64 --batch 100 --blocks 1
model --hidden 256 256 --batch 256 --blocks 16
model --clustered --batch 256
