"""TensorFlow Lite files that are cut short, altered or made to mislead end in one sentence, and in no wrong number."""

import random
import struct
import tracemalloc
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from costlens.errors import UsageError
from costlens.readers.tflite import read
from costlens.results.counts import CountRow, ModelCount, Totals
from tests.cases.tflite_cases import COUNTED
from tests.cases.tflite_files import Graph, Op, T, ints, net, save, w, x

SEEDS = (
    "convolution by int8", "LSTM of 6 steps", "transposed convolution", "real Fourier transform, by its definition",
    "weights that are transposed first", "dense that flattens",
)  # fmt: skip
MUTATIONS = 300
_MOST_BYTES = 50_000_000


@pytest.fixture
def bounded() -> Iterator[None]:
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < _MOST_BYTES


def counted(path: Path) -> ModelCount | None:
    """Return the count of a file, or None where it is refused as one is; no number of it is below zero."""
    refused = ""
    try:
        found = read(path)
    except UsageError as error:
        refused = str(error)
    if refused:
        assert refused.startswith(f"{path}: ")
        assert "\n" not in refused
        return None
    numbers = [getattr(found.totals, each.name) for each in fields(Totals)]
    for row in found.rows:
        held = [getattr(row, each.name) for each in fields(CountRow)]
        numbers += [*(each for each in held if isinstance(each, int | float)), *(row.input or ()), *(row.output or ())]
    assert all(number is None or number >= 0 for number in numbers)
    return found


def _seed(index: int, folder: Path) -> bytes:
    tensors, ops, *_ = COUNTED[SEEDS[index % len(SEEDS)]]
    return net(folder / "seed.tflite", tensors, *ops).read_bytes()


@pytest.mark.usefixtures("bounded")
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    whole = _seed(0, tmp_path)
    refused = 0
    for length in range(0, len(whole), 7):
        (tmp_path / "cut.tflite").write_bytes(whole[:length])
        refused += counted(tmp_path / "cut.tflite") is None
    assert refused > 0.9 * len(range(0, len(whole), 7))


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_altered_bytes_do_no_harm(seed: int, tmp_path: Path) -> None:
    whole = _seed(seed, tmp_path)
    drawn = random.Random(seed)
    refused = 0
    for _ in range(MUTATIONS // len(SEEDS)):
        altered = bytearray(whole)
        for _ in range(drawn.choice((1, 1, 2, 8))):
            place = drawn.randrange(len(altered))
            size = drawn.choice((1, 2, 4))
            number = drawn.choice((0, 1, 0xFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, drawn.getrandbits(32)))
            altered[place : place + size] = struct.pack("<I", number)[:size]
        path = tmp_path / "altered.tflite"
        path.write_bytes(altered[: len(whole)])
        refused += counted(path) is None
    assert refused, "some of them cannot be read"


BROKEN = {
    "empty": (b"", "it is empty"),
    "of another format": (b"\x08\x00\x00\x00ONNX....", "its bytes 4 to 7 are b'ONNX', not b'TFL3'"),
    "with a root outside": (struct.pack("<I", 10**9) + b"TFL3", "it refers to byte 1,000,000,000 of 8"),
    "with a vtable before its start": (struct.pack("<I4si", 8, b"TFL3", 1000), "it refers to byte -992 of 12"),
}


@pytest.mark.parametrize("title", BROKEN)
def test_a_file_is_refused_with_its_reason(title: str, tmp_path: Path) -> None:
    written, said = BROKEN[title]
    path = tmp_path / "m.tflite"
    path.write_bytes(written)
    with pytest.raises(UsageError) as refused:
        read(path)
    assert str(refused.value) == f"{path}: cannot be read as a TensorFlow Lite file: {said}"


def test_sizes_that_cannot_be_are_refused(tmp_path: Path) -> None:
    marked = net(tmp_path / "m.tflite", [x(1, 77_777), T("y", (1, 77_777))], Op("NEG", ["x"], ["y"]))
    whole = marked.read_bytes()
    marked.write_bytes(whole.replace(struct.pack("<i", 77_777), struct.pack("<i", -2)))
    with pytest.raises(UsageError, match=r"tensor [xy] has a size below 0: \[1, -2\]"):
        read(marked)
    marked.write_bytes(whole.replace(struct.pack("<i", 77_777), struct.pack("<i", 2**31 - 1)))
    assert read(marked).totals.flops == 2**31 - 1


def test_more_numbers_than_there_are_bytes_are_refused(tmp_path: Path) -> None:
    dense = Op("FULLY_CONNECTED", ["x", "w", None], ["y"])
    path = net(tmp_path / "m.tflite", [x(1, 3), w("w", 40_961, 3), T("y", (1, 40_961))], dense)
    path.write_bytes(path.read_bytes().replace(struct.pack("<ii", 40_961, 3), struct.pack("<ii", 2**30, 3)))
    with pytest.raises(UsageError, match=r"w: \[1073741824, 3\] of float32 do not fit its 491,532 bytes"):
        read(path)


def test_a_file_that_refers_to_its_parts_again_and_again_is_refused(tmp_path: Path) -> None:
    """Sub-graphs that call each other twice would run 2 to the power of their number."""
    graphs = [
        Graph(
            ["x"], ["y"], [x(1, 4), T("h", (1, 4)), T("y", (1, 4))],
            [Op("CALL", ["x"], ["h"], {"subgraph": place + 1}), Op("CALL", ["h"], ["y"], {"subgraph": place + 1})],
        )
        for place in range(15)
    ]  # fmt: skip
    leaf = Graph(["x"], ["y"], [x(1, 4), *(T(f"n{at}", (1, 4)) for at in range(40)), T("y", (1, 4))], [
        *(Op("NEG", ["x"], [f"n{at}"]) for at in range(40)), Op("NEG", ["x"], ["y"]),
    ])  # fmt: skip
    path = save(tmp_path / "m.tflite", *graphs, leaf)
    with pytest.raises(UsageError, match=r"m.tflite: its sub-graphs call each other again and again"):
        read(path)


def test_a_large_range_is_not_made(tmp_path: Path) -> None:
    numbers = [ints(name, value, dtype="INT64", shape=()) for name, value in (("a", 0), ("b", 2**62), ("c", 1))]
    made = T("r", (1,), "INT64", signature=(-1,))
    ops = (Op("RANGE", ["a", "b", "c"], ["r"]), Op("ADD", ["x", "r"], ["y"]))
    tensors = [x(1, dtype="INT64"), *numbers, made, T("y", (1,), "INT64", signature=(-1,))]
    assert read(net(tmp_path / "m.tflite", tensors, *ops)).totals.flops == 2**62
