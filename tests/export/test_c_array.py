"""A model as an array of C: the bytes that a compiler reads are the file's, aligned, in C and in C++."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from costlens.export.c_array import ALIGNMENT, c_array, identifier

DATA = bytes(range(256)) + b"TFL3"
MAIN = """
#include <stdint.h>
#include <stdio.h>
{declared}
int main(void) {{
  for (unsigned int i = 0; i < {name}_len; ++i) printf("%02x", {name}[i]);
  printf(" %u", (unsigned)((uintptr_t){name} % {alignment}));
  return 0;
}}
"""


@pytest.mark.parametrize("name", [
    "ds_cnn_s-int8", "8 bits", "../../evil.h", "a\n#include <stdio.h>", "int", "\U0001f600", "", "__init__", "Größe",
    "x" * 300, "µ-net", "data",
])  # fmt: skip
def test_a_name_is_one_that_c_and_c_plus_plus_take(name: str) -> None:
    made = identifier(name)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*[A-Za-z0-9]|[A-Za-z]", made)
    assert "__" not in made
    assert made not in ("int", "data")


def test_the_text_is_the_bytes_and_the_same_each_time() -> None:
    text = c_array(DATA, "net", "a net", header=True)
    assert bytes(int(byte, 16) for byte in re.findall(r"0x([0-9a-f]{2})", text)) == DATA
    assert text == c_array(DATA, "net", "a net", header=True)
    assert max(map(len, text.splitlines())) <= 100
    evil = c_array(b"\0", "net", "a\n#error no comment any more \\", header=True)
    assert evil.splitlines()[0] == "// a #error no comment any more /"


@pytest.mark.process
@pytest.mark.parametrize(("compiler", "ending"), [("gcc", ".c"), ("g++", ".cc")])
@pytest.mark.parametrize("header", [True, False])
def test_a_compiler_reads_the_bytes(compiler: str, ending: str, header: bool, tmp_path: Path) -> None:
    if not shutil.which(compiler):
        pytest.skip(f"there is no {compiler}")
    name, model = "net_int8", tmp_path / ("net.h" if header else f"net{ending}")
    model.write_text(c_array(DATA, name, "a net", header=header))
    linked = f"extern const unsigned char {name}[]; extern const unsigned int {name}_len;"
    in_c = f'extern "C" {{ {linked} }}' if ending == ".cc" else linked
    main = tmp_path / f"main{ending}"
    main.write_text(MAIN.format(
        declared='#include "net.h"\n#include "net.h"' if header else in_c, name=name, alignment=ALIGNMENT,
    ))  # fmt: skip
    sources = [str(main)] if header else [str(main), str(model)]
    strict = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-std=c11" if ending == ".c" else "-std=c++11"]
    subprocess.run([compiler, *strict, *sources, "-o", str(tmp_path / "main")], check=True)
    printed = subprocess.run([str(tmp_path / "main")], capture_output=True, text=True, check=True).stdout
    assert printed == f"{DATA.hex()} 0"
