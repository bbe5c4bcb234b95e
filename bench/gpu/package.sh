# For bench/gpu.sh, which sources it: makes a folder that has all that a machine with a GPU needs.
# shellcheck shell=bash disable=SC2154,SC2034 # variables are bench/gpu.sh's, too

package_mebibytes=40  # at most: it may have to go through a slow door

# make_package [FOLDER] : builds the programs and puts them there.
make_package() {
  local folder=${1:-$root/build/gpu-package} toolkit program small=() tree=$root/build/gpu-package-programs
  ! is_package || fail 2 "this is a package already"
  toolkit=$(find_cuda_toolkit) || fail 2 "there is no CUDA toolkit (nvcc 12 or later) here"
  install_build_tools
  # From CUDA 12.8 on kernels can be stored in a quarter of the bytes; loading them takes a little longer.
  ! "$toolkit/bin/nvcc" --help | grep -q -- --compress-mode || small=(-DCMAKE_CUDA_FLAGS=--compress-mode=size)
  configure gpu-package-programs -DCUDAToolkit_ROOT="$toolkit" "${small[@]}"
  build gpu-package-programs polyak polyak_gpu_tests polyak_micro
  assemble_package "$folder" "$tree/src/polyak" "$tree/tests/polyak_gpu_tests" "$tree/bench/polyak_micro"
  for program in "$folder"/bin/*; do refuse_other_libraries "$program"; done
  say "on a machine with a GPU run bench/gpu.sh essential in $folder"
}

# assemble_package FOLDER POLYAK TESTS MICRO : of programs that are built.
assemble_package() {
  local folder=$1 size
  [[ ! -e $folder || -e $folder/package.txt ]] ||
    fail 2 "$folder is there and no package; it is not overwritten"
  rm -rf "$folder"
  mkdir -p "$folder"/{bin,share/polyak,tests/data,scripts,bench}
  strip -o "$folder/bin/polyak" "$2"
  strip -o "$folder/bin/polyak_gpu_tests" "$3"
  strip -o "$folder/bin/polyak_micro" "$4"
  cp "$root"/tests/data/*.json "$folder/tests/data/"
  cp "$root/tests/data/pendulum_v1_starts.json" "$folder/share/polyak/"
  cp "$root/scripts/common.sh" "$folder/scripts/"
  cp -r "$root"/bench/{gpu.sh,gpu,experiments,peers,training_costs.py,layered_kernels.csv} "$folder/bench/"
  find "$folder" -name __pycache__ -prune -exec rm -r {} +
  {
    echo "polyak's programs for a machine with a GPU: bench/gpu.sh help"
    "$folder/bin/polyak" --version
  } >"$folder/package.txt"
  size=$(du -sm "$folder" | cut -f 1)
  [[ $size -le $package_mebibytes ]] || fail 1 "$folder takes $size MiB, more than $package_mebibytes"
  say "$folder takes $size MiB"
}

# Nothing but the C library, which every Linux has, and cuBLAS.
refuse_other_libraries() {
  local others
  others=$(readelf --dynamic "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
    grep -vE '^(lib(c|m|dl|rt|pthread)\.so\.[0-9]+|ld-linux.*|libcublas(Lt)?\.so\.[0-9]+)$')
  [[ -z $others ]] || fail 1 "$1 needs libraries that the other machine may lack: ${others//$'\n'/ }"
}
