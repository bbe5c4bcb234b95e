"""The translator refuses, with one line, whatever it does not know."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(FOLDER))

from translator.emit import translate  # noqa: E402
from translator.errors import TranslationError  # noqa: E402

DECLARATIONS = """.reg .b16 %h<4>; .reg .b32 %r<4>; .reg .b64 %rd<4>; .reg .f32 %f<4>; .reg .f64 %fd<4>;
.reg .pred %p<4>; .shared .align 4 .b8 words[16];"""


def kernel(body: str) -> str:
    """A kernel whose body begins on line 6."""
    return f".version 8.0\n.target sm_90\n.visible .entry k()\n{{ {DECLARATIONS}\n{body}\nret;\n}}\n"


UNKNOWN = {
    # Opcodes, modifiers and types that it does not have.
    "frobnicate.b32 %r0, %r1": "unknown opcode frobnicate",
    "tanh.approx.f32 %f0, %f1": "unknown opcode tanh",
    "add.rz.f32 %f0, %f1, %f2": "unknown modifier .rz",
    "fma.rp.f32 %f0, %f1, %f2, %f3": "one of .rn is missing",
    "div.full.f32 %f0, %f1, %f2": "one of .rn is missing",
    "sqrt.approx.f32 %f0, %f1": "one of .rn is missing",
    "add.f16 %h0, %h1, %h2": "unknown type .f16",
    "add.cc.u32 %r0, %r1, %r2": "unknown modifier .cc",
    "min.NaN.f32 %f0, %f1, %f2": "unknown modifier .NaN",
    "cvt.rz.f32.f64 %f0, %fd1": "one of .rn is missing",
    "cvt.rn.sat.f32.f64 %f0, %fd1": "unknown modifier .sat",
    "cvt.s32.f32 %r0, %f1": "the rounding is missing",
    "setp.lt.b32 %p0, %r0, %r1": "unknown comparison .lt for b32",
    "ex2.approx.f32 %f0, %f1": "unknown opcode ex2",
    "bar.sync 1": "only barrier 0",
    "bar.sync 0, 64": "only barrier 0",
    "atom.global.add.f16x2 %r0, [%rd0], %r1": "unknown type .f16x2",
    "mma.sync.aligned.m8n8k4.row.col.f32.f16.f16.f32 {%f0}, {%r0}, {%r1}, {%f1}": "unknown matrix",
    "ld.global.b128 {%rd0, %rd1}, [%rd2]": "unknown type .b128",
    "cp.async.bulk.commit_group": "unknown modifier .bulk",
    # Operands that do not fit.
    "add.rn.f32 %f0, %f1": "2 operands",
    "add.s32 %rd0, %rd1, %rd2": "%rd1 has 64 bits, not 32",
    "add.s32 %r9, %r1, %r2": "%r9 is no register",
    "mov.u32 %r0, %clock": "%clock as b32",
    "mov.u32 %r0, nowhere": "unknown name nowhere",
    "add.s32 %r0, %r1, 0x1FFFFFFFF": "does not fit u32",
    "ld.global.u32 %r0, [words]": "words is in shared memory",
    "ld.global.v4.u32 {%r0, %r1}, [%rd0]": "2 elements instead of 4",
    "call.uni nothing, ()": "unknown function nothing",
    # Declarations.
    ".reg .b128 %q<2>": "unknown declaration",
    ".tex .u32 t": "unknown declaration",
    '.pragma "frequency 2"': "unknown declaration",
}


class Refusals(unittest.TestCase):
    def test_what_is_not_known_ends_the_translation(self) -> None:
        for text, reason in UNKNOWN.items():
            with self.subTest(text), self.assertRaises(TranslationError) as caught:
                translate(kernel(f"{text};"))
            message = str(caught.exception)
            self.assertIn(reason, message)
            self.assertTrue(message.startswith("line 6: "), message)
            self.assertIn(text, message)

    def test_a_kernel_without_them_is_translated(self) -> None:
        self.assertIn("kernel_0", translate(kernel("add.rn.f32 %f0, %f1, %f2;")))

    def test_memory_of_a_module_that_kernels_write_is_refused(self) -> None:
        module = ".global .align 4 .b8 memory[4];\n" + kernel("st.global.u32 [memory], %r0;")
        with self.assertRaisesRegex(TranslationError, "without values"):
            translate(module)

    def test_a_refused_file_leaves_no_output_and_one_line(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source, output = Path(folder, "a.ptx"), Path(folder, "a.cpp")
            source.write_text(kernel("frobnicate.b32 %r0, %r1;"))
            command = [sys.executable, "-m", "translator", str(source), str(output)]
            run = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True)
            self.assertEqual(run.returncode, 1)
            expected = f"{source}: line 6: unknown opcode frobnicate: frobnicate.b32 %r0, %r1\n"
            self.assertEqual(run.stderr, expected)
            self.assertFalse(output.exists())


if __name__ == "__main__":
    unittest.main()
