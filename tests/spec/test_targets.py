"""Boards: those that are shipped say where their figures are from; what is wrong with a file of one's own is said."""

from pathlib import Path

import pytest

from costlens.errors import SpecError, UsageError
from costlens.network.layers import layer_names
from costlens.readers.tflite import schema
from costlens.spec import target as targets

# a board, flash and RAM as its data sheet prints them
SHIPPED = {
    "nano33ble": (2**20, 256 * 2**10), "esp32s3": (8 * 2**20, 512 * 2**10), "nucleo_f446re": (2**19, 2**17),
    "stm32f746g_disco": (2**20, 320 * 2**10), "nucleo_h743zi2": (2**21, 2**19), "nucleo_l4r5zi": (2**21, 640 * 2**10),
    "stm32l475": (2**20, 96 * 2**10), "pico": (2**21, 264 * 2**10), "pico2": (2**22, 520 * 2**10),
    "nrf5340dk": (2**20, 2**19), "coral_micro": (2**27, 2**26), "pi_zero2": (None, 512 * 10**6),
    "pi4": (None, 2 * 10**9), "pi5": (None, 4 * 10**9), "phone": (128 * 10**9, 6 * 10**9),
}  # fmt: skip
FILE = "title: Mine\nruntime: tflite-micro\nram: 64KiB\nflash: 256KiB\nusable: {ram: 0.5}\n"
WRONG = [
    ("ram: 64KiB", "ram: 64KB", "2:1: ram: expected a size such as 14MB, 2MiB or 14680064; KB may be 1,000"),
    ("ram: 64KiB\n", "", "ram: missing; give a size such as 256KiB"),
    ("ram: 64KiB", "ram: 0", "ram: expected a size such as 256KiB, received 0"),
    ("runtime: tflite-micro", "runtime: tflite_micro", '(did you mean "tflite-micro"?)'),
    ("runtime: tflite-micro", "runtime: [litert]", "runtime: expected tflite-micro or litert"),
    ("{ram: 0.5}", "{ram: 2}", "usable.ram: expected a share such as 0.7, received 2"),
    ("{ram: 0.5}", "{ram: yes}", "usable.ram: expected a share such as 0.7"),
    ("{ram: 0.5}", "{rom: 0.5}", 'usable: rom: unknown field'),
    ("{ram: 0.5}", "half", "usable: expected shares, such as {flash: 0.7, ram: 0.7}"),
    ("flash:", "flahs:", 'flahs: unknown field (did you mean "flash"?)'),
    ("title: Mine", "title: [1]", "title: expected a text, received a list"),
    (FILE, "- 1\n", "expected the fields of a target"),
    (FILE, "a: [\n", "not valid YAML"),
]  # fmt: skip


def test_the_shipped_boards() -> None:
    assert set(targets.names()) == set(SHIPPED)
    for name, (flash, ram) in SHIPPED.items():
        found = targets.target(name)
        assert (found.flash, found.ram, found.file) == (flash, ram, "")
        assert found.usable_ram <= found.ram
        assert (found.usable_flash is None) == (flash is None)
        assert "ata sheet" in found.memory_source or "specification" in found.memory_source or "brief" in (
            found.memory_source
        )
        assert found.usable_source.startswith("our assumption")


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(FILE)
    found = targets.target(str(path))
    assert (found.name, found.title, found.runtime, found.ram, found.usable_ram) == (
        "mine", "Mine", "tflite-micro", 2**16, 2**15,
    )  # fmt: skip
    assert (found.flash, found.usable_flash, found.file) == (2**18, 2**18, str(path))
    path.write_text("ram: 1MiB")
    found = targets.target(str(path))
    assert (found.title, found.runtime, found.flash) == ("mine", "tflite-micro", None)


@pytest.mark.parametrize(("before", "after", "said"), WRONG)
def test_what_is_wrong_with_a_file(before: str, after: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    assert before in FILE
    path.write_text(FILE.replace(before, after))
    with pytest.raises(SpecError) as wrong:
        targets.target(str(path))
    assert said.removeprefix("2:1: ") in str(wrong.value)
    assert str(wrong.value).startswith(f"{path}:")


def test_a_board_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'--target nano33: no target has this name \(did you mean "nano33ble"\?\)'):
        targets.target("nano33")
    with pytest.raises(UsageError, match=r"--target .*none.yaml: no such file; costlens list --targets shows"):
        targets.target(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize("runtime", targets.RUNTIMES)
def test_the_operators_of_a_runtime_are_of_the_format(runtime: str) -> None:
    assert targets.operators_of(runtime) <= set(schema.OPERATORS)
    assert {"CONV_2D", "FULLY_CONNECTED", "SOFTMAX"} <= targets.operators_of(runtime)


def test_each_layer_kind_has_its_operators() -> None:
    kinds = {line.partition(":")[0] for line in targets._lines("converter")}
    assert kinds == set(layer_names())
    for kind in kinds:
        assert set(targets.operators_of_kind(kind)) <= targets.operators_of("litert"), kind
