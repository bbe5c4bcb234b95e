# Functions shared by ./run, .ci/ and bench/gpu.sh: what is on this machine, installing what is
# missing, building without noise, running tests. Source it; needs bash.
# shellcheck shell=bash

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc 2>/dev/null || echo 2)

say() { printf 'polyak: %s\n' "$*" >&2; }

# fail EXIT_CODE MESSAGE...
fail() {
  local code=$1
  shift
  say "error: $*"
  exit "$code"
}

# --- What this machine has ---------------------------------------------------------------------

# Prints the toolkit's folder if it has an nvcc of CUDA 12 or later. nvcc is often not on PATH.
find_cuda_toolkit() {
  local candidate release
  for candidate in "$(command -v nvcc || true)" "${CUDA_HOME:-}/bin/nvcc" "${CUDA_PATH:-}/bin/nvcc" \
    /usr/local/cuda/bin/nvcc /usr/local/cuda-*/bin/nvcc; do
    [[ -x $candidate && -f $candidate ]] || continue
    release=$("$candidate" --version | sed -n 's/.*release \([0-9]*\).*/\1/p')
    [[ ${release:-0} -ge 12 ]] || continue
    candidate=$(readlink -f -- "$candidate")
    echo "${candidate%/bin/nvcc}"
    return 0
  done
  return 1
}

has_gpu() { nvidia-smi -L 2>/dev/null | grep -q '^GPU'; }

# --- Installing --------------------------------------------------------------------------------

# install_packages PACKAGE... : from Debian or Ubuntu, as root or through sudo.
install_packages() {
  local as_root=()
  command -v apt-get >/dev/null ||
    fail 2 "missing here: $*. These are Debian's names; install what this system calls them and run again"
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null ||
      fail 2 "missing here: $*. Run as root: apt-get install $*"
    as_root=(sudo)
  fi
  say "installing missing packages: $*"
  quietly "$root/build/install.log" "installing packages" \
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update
  quietly "$root/build/install.log" "installing packages" \
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends "$@"
}

# Installs what building needs, or nothing if all of it is here.
install_build_tools() {
  local missing=()
  command -v g++ >/dev/null || missing+=(g++)
  command -v cmake >/dev/null || missing+=(cmake)
  command -v ninja >/dev/null || missing+=(ninja-build)
  has_header gtest/gtest.h || missing+=(libgtest-dev)
  has_header gmock/gmock.h || missing+=(libgmock-dev)
  has_header CLI/CLI.hpp || missing+=(libcli11-dev)
  has_header nlohmann/json.hpp || missing+=(nlohmann-json3-dev)
  has_header toml++/toml.h || missing+=(libtomlplusplus-dev)
  has_header boost/random/sobol.hpp || missing+=(libboost-dev)
  [[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
  need_version cmake 3.25
  need_version g++ 11
}

# need_version PROGRAM VERSION : ends with one line if the program is older.
need_version() {
  local found
  found=$("$1" --version | sed -n '1s/^.* \([0-9][0-9.]*\).*$/\1/p')
  printf '%s\n' "$2" "$found" | sort --version-sort --check=quiet ||
    fail 2 "$1 $found is too old: polyak needs $2 or later; install that, or put it first on PATH"
}

has_header() { [[ -e /usr/include/$1 || -e /usr/local/include/$1 ]]; }

# find_nvdisasm TOOLKIT : prints the disassembler's path. Not every installation of the toolkit has it.
find_nvdisasm() {
  local packages=$root/build/python
  if [[ -x $1/bin/nvdisasm ]]; then
    echo "$1/bin/nvdisasm"
    return
  fi
  python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
  [[ -x $packages/bin/python ]] || python3 -m venv "$packages"
  quietly "$root/build/pip.log" "installing nvdisasm" \
    "$packages/bin/pip" install -r "$root/tests/emulator/ptx/requirements.txt"
  find "$packages" -name nvdisasm -type f | head -n 1
}

# --- Building ----------------------------------------------------------------------------------

# quietly LOG WHAT COMMAND... : runs the command with its output in LOG; shows the log's end only if
# the command fails.
quietly() {
  local log=$1 what=$2
  shift 2
  mkdir -p "$(dirname -- "$log")"
  "$@" >"$log" 2>&1 </dev/null && return
  tail -n 60 "$log" >&2
  fail 1 "$what failed; the whole log is in $log"
}

# configure PRESET [OPTION...] : and what POLYAK_CONFIGURE_OPTIONS has.
configure() {
  local preset=$1 options together=()
  shift
  # Reading the same headers less often is worth more than more groups where few cores compile them.
  [[ $jobs -gt 4 ]] || together=(-DPOLYAK_FILES_TOGETHER=30)
  read -ra options <<<"${POLYAK_CONFIGURE_OPTIONS:-}"
  quietly "$root/build/$preset/configure.log" "configuring build/$preset" \
    cmake -S "$root" --preset "$preset" "${together[@]}" "${options[@]}" "$@"
}

builds_cuda() { grep -qs '^POLYAK_CUDA:.*=ON' "$root/build/release/CMakeCache.txt"; }

# Prints the build tree of the emulator: build/release where that is for the CPU alone, so that what
# is the same for both is compiled once.
emulator_tree() { if builds_cuda; then echo emulator; else echo release; fi; }

# configure_emulator TREE : one that emulator_tree printed.
configure_emulator() {
  configure "$1" -DPOLYAK_CUDA=OFF -DPOLYAK_EMULATOR=ON -DCUDAToolkit_ROOT="$(find_cuda_toolkit)"
}

# build PRESET [TARGET...] : everything if no target is given. Says so only if there is work to do, and
# if compilers warned.
build() {
  local preset=$1 directory=$root/build/$1 started=$SECONDS targets=()
  shift
  [[ $# -eq 0 ]] || targets=(--target "$@")
  if ! ninja -C "$directory" -n "$@" 2>/dev/null | tail -n 1 | grep -q 'no work to do'; then
    say "building $preset${*:+: $*}"
  fi
  quietly "$directory/build.log" "building build/$preset" \
    cmake --build "$directory" --parallel "$jobs" "${targets[@]}"
  ((SECONDS - started < 5)) || say "built $preset in $((SECONDS - started)) s"
  ! grep -qw warning "$directory/build.log" ||
    say "there are warnings, which .ci/run refuses, in $directory/build.log"
}

# --- Testing -----------------------------------------------------------------------------------

test_results=${POLYAK_TEST_RESULTS:-$root/build/test-results}

# run_ctest NAME PRESET [CTEST ARGUMENT...] : ctest's JUnit report goes to NAME.xml in $test_results,
# where a test is a group of ours, and the groups' own reports, with every test, to NAME there.
# GTEST_FILTER chooses tests. Shown is what failed.
run_ctest() {
  local name=$1 tree=$root/build/$2 status=0
  shift 2
  mkdir -p "$test_results"
  rm -rf "$tree/test-reports" "${test_results:?}/$name"
  say "testing: $name"
  # One more than cores: tests of files and of processes wait for disks and for each other.
  ctest --test-dir "$tree" --parallel "$((jobs + 1))" --output-on-failure --timeout 1200 --no-tests=error \
    --output-junit "$test_results/$name.xml" "$@" </dev/null | without_passed_tests || status=1
  [[ ! -d $tree/test-reports ]] || mv "$tree/test-reports" "$test_results/$name"
  return "$status"
}

# Leaves out of GoogleTest's output what tests that passed wrote. A test that never ended stays.
without_passed_tests() {
  awk '
    /^\[ RUN / { printf "%s", block; block = $0 "\n"; next }
    /^\[       OK/ || /^\[  SKIPPED/ { block = ""; next }
    /^\[[-=]+\]/ { next }
    block != "" { block = block $0 "\n" }
    block == "" { print }
    /^\[  FAILED/ || /^ *[0-9]+\/[0-9]+ Test/ { printf "%s", block; block = "" }
    END { printf "%s", block }'
}

# count_results NAME RESULT : how many tests of run_ctest's NAME are completed or skipped.
# The name may be a pattern.
count_results() {
  # shellcheck disable=SC2086
  cat "$test_results"/$1/*.xml 2>/dev/null | grep -c "<testcase .* result=\"$2\"" || true
}
