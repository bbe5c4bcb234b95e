# For bench/gpu.sh, which sources it: what is on this machine, and where the programs are.
# shellcheck shell=bash disable=SC2154,SC2034 # variables are bench/gpu.sh's, too

# Whether these scripts are in a folder that `bench/gpu.sh package` made.
is_package() { [[ -e $root/package.txt ]]; }

if is_package; then
  polyak=$root/bin/polyak
  micro=$root/bin/polyak_micro
  gpu_tests=$root/bin/polyak_gpu_tests
  export POLYAK_TEST_DATA=$root/tests/data
else
  polyak=$root/build/release/src/polyak
  micro=$root/build/release/bench/polyak_micro
  gpu_tests=$root/build/release/tests/polyak_gpu_tests
fi

gpu_name() {
  nvidia-smi --query-gpu=name --format=csv,noheader --id=0 | tr -cs '[:alnum:]' '-' | sed 's/-*$//'
}

describe_machine() {
  nvidia-smi --query-gpu=name,driver_version,memory.total,power.limit,clocks.max.sm --format=csv
  if is_package; then
    cat "$root/package.txt"
  else
    git -C "$root" describe --always --dirty
    "$(find_cuda_toolkit)/bin/nvcc" --version | tail -n 2
  fi
  uname -a
  grep -m 1 'model name' /proc/cpuinfo
  nproc
}

# The folders in which a toolkit may be, whether it has a compiler or not.
toolkit_folders() {
  find_cuda_toolkit
  printf '%s\n' "${CUDA_HOME:-/usr/local/cuda}" /usr/local/cuda /usr/local/cuda-*
}

find_compute_sanitizer() {
  local folder candidate
  while read -r folder; do
    for candidate in "$(command -v compute-sanitizer)" "$folder/bin/compute-sanitizer" \
      "$folder/compute-sanitizer/compute-sanitizer"; do
      [[ -x $candidate ]] && echo "$candidate" && return 0
    done
  done < <(toolkit_folders)
  return 1
}

# A package's programs have all libraries in them but cuBLAS. Where the system's loader does not find
# that, it is looked for in toolkits and among Python's packages, which PyTorch and JAX bring.
find_cublas() {
  local library
  library=$(ldd "$polyak" 2>/dev/null | sed -n 's/^[[:space:]]*\(libcublas.so[.0-9]*\) => not found$/\1/p')
  [[ -n $library ]] || return 0
  local folders folder
  folders=$(
    toolkit_folders | sed 's|$|/lib64|'
    python3 -c 'import glob, sys
for path in sys.path: print(*glob.glob(path + "/nvidia/*/lib"), sep="\n")'
  )
  while read -r folder; do
    [[ ! -e $folder/$library ]] || {
      export LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
      return 0
    }
  done <<<"$folders"
  say "$library is not here: polyak does not start without it; set LD_LIBRARY_PATH to its folder"
}
