#!/usr/bin/env bash
# The shell scripts pass shellcheck, the Python files compile, the tables that scripts write into
# Markdown files are those that the scripts write now, the tests of bench/ pass, every mutant of
# tests/mutants can still be planted, filters name tests that there are (if the lane `tests` has built
# them), and ./run refuses tools that are too old.
set -euo pipefail
# shellcheck source=.ci/functions.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../functions.sh"

cd "$root"
mapfile -t shell_files < <(project_files run .ci/run '*.sh')
shellcheck --external-sources "${shell_files[@]}"
mapfile -t python_files < <(project_files '*.py')
for file in "${python_files[@]}"; do
  python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$file"
done
export PYTHONDONTWRITEBYTECODE=1
python3 -m bench.experiments report --check
python3 -m bench.floors --check
[[ ! -x build/release/src/polyak ]] || export POLYAK=$root/build/release/src/polyak
python3 -m unittest tests/bench/test_experiments.py tests/bench/test_search.py
python3 tests/mutants/run.py --check
tests=build/$(emulator_tree)/tests
if [[ -x $tests/polyak_emulated_tests && -x $tests/polyak_tests ]]; then
  python3 .ci/check_filters.py "$tests"/{polyak_tests,polyak_emulated_tests,emulator/emulator_tests}
fi
python3 tests/emulator/ptx/test/translator_test.py
tests/packaging/test_scripts.sh
