"""check_sass.py --ptxas PTXAS --nvdisasm NVDISASM --architecture 90 FILE.ptx... : ptxas, which no
emulator sees, has fused no multiplication and addition that the PTX has apart. Prints each kernel where
it has; exit code 1 if there is one.

That a machine instruction FFMA is there proves nothing: fma.rn is one, ptxas repeats code, and a
division or a root is a sequence of them. So each file is assembled twice, the second time with every
add.rn and sub.rn turned into add.rz and sub.rz. A sum that is rounded toward zero cannot be fused with
a product that is rounded to nearest, for no instruction does that; in all else the two are alike, down
to how often ptxas repeats what. A kernel that has more FFMA (in double precision DFMA) as it is than in
its twin has one that was fused. What this cannot see is a fused one in place of an fma.rn that
disappeared at the same time. Before anything else, a kernel with a plain mul and add, which ptxas does
fuse, must be found, and no file may have such plain ones."""

import argparse
import re
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SUM = re.compile(r"\b(add|sub)(?:\.rn)?((?:\.ftz)?(?:\.sat)?\.f(?:32|64))\b")
# Without a rounding, ptxas may fuse them.
PLAIN = re.compile(r"^.*\b(?:add|sub|mul)(?:\.ftz)?(?:\.sat)?\.f(?:32|64)\b.*$", re.MULTILINE)
SECTION = re.compile(r"^\s*\.section\s+\.text\.([\w$]+)")
FUSED = re.compile(r"\b([FD]FMA)\b")

CONTROL = """.version 8.0
.target sm_75
.address_size 64
.visible .entry control(.param .u64 values)
{
  .reg .b64 %rd;
  .reg .f32 %a, %b, %c;
  ld.param.u64 %rd, [values];
  ld.global.f32 %a, [%rd];
  ld.global.f32 %b, [%rd+4];
  ld.global.f32 %c, [%rd+8];
  mul.f32 %a, %a, %b;
  add.f32 %a, %a, %c;
  st.global.f32 [%rd], %a;
  ret;
}
"""


class Tools:
    def __init__(self, ptxas: str, nvdisasm: str, architecture: str) -> None:
        self._ptxas = ptxas
        self._nvdisasm = nvdisasm
        self._architecture = f"sm_{architecture}"

    def fused_by_function(self, ptx: str) -> Counter[tuple[str, str]]:
        """How many fused instructions of each kind each function of the machine code has."""
        with tempfile.TemporaryDirectory() as folder:
            source, binary = Path(folder, "a.ptx"), Path(folder, "a.cubin")
            source.write_text(ptx)
            command = [self._ptxas, "--warning-as-error", f"-arch={self._architecture}"]
            subprocess.run([*command, str(source), "-o", str(binary)], check=True)
            listing = subprocess.run(
                [self._nvdisasm, str(binary)], check=True, stdout=subprocess.PIPE, text=True
            ).stdout
        counts: Counter[tuple[str, str]] = Counter()
        function = ""
        for line in listing.splitlines():
            section = SECTION.match(line)
            if section:
                function = section[1].partition(",")[0]
            match = FUSED.search(line)
            if match:
                counts[function, match[1]] += 1
        return counts

    def differences(self, ptx: str) -> list[str]:
        """Functions that have more or fewer fused instructions than their twin, in words."""
        twin = SUM.sub(r"\1.rz\2", ptx)
        as_is, of_twin = self.fused_by_function(ptx), self.fused_by_function(twin)
        return [
            f"{function}: {as_is[function, name]} {name}, and {of_twin[function, name]} where no sum "
            "can be fused"
            for function, name in sorted(as_is.keys() | of_twin.keys())
            if as_is[function, name] != of_twin[function, name]
        ]


def check_file(tools: Tools, path: Path) -> list[str]:
    ptx = path.read_text()
    problems = [f"may be fused: {line.strip()}" for line in PLAIN.findall(ptx)]
    if ".entry" in ptx:
        problems += tools.differences(ptx)
    return [f"{path.name}: {problem}" for problem in problems]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ptxas", required=True)
    parser.add_argument("--nvdisasm", required=True)
    parser.add_argument("--architecture", required=True)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    tools = Tools(options.ptxas, options.nvdisasm, options.architecture)
    if not tools.differences(CONTROL):
        print("a multiplication and an addition that ptxas may fuse were not found: the check is blind")
        return 1
    with ThreadPoolExecutor(options.jobs) as pool:
        found = pool.map(lambda path: check_file(tools, path), options.files)
    problems = [problem for of_file in found for problem in of_file]
    print("\n".join(problems) or f"{len(options.files)} files, nothing fused")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
