"""What ``costlens export`` is to write: a kind of file, its precision and its name, settled before any work is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from costlens import runtimes
from costlens.errors import UsageError, did_you_mean
from costlens.export import conversions

ONNX, TFLITE, C = "onnx", "tflite", "c"
ENDINGS = {ONNX: (".onnx",), TFLITE: (".tflite",), C: (".h", ".c", ".cc", ".cpp")}
"""The kinds of file, with the endings of their names; a file that is given none gets the first."""
_LITERT = "litert"


@dataclass(frozen=True, slots=True)
class Target:
    """A file to write. path: None where the network's name is its own."""

    path: Path | None
    kind: str
    precision: str = conversions.FP32

    @property
    def runtime(self) -> str:
        """The runtime that the file is for."""
        return runtimes.DEFAULT if self.kind == ONNX else _LITERT

    def named(self, name: str) -> Path:
        """Return the path, for a network of this name."""
        precision = "" if self.precision == conversions.FP32 else f"-{self.precision}"
        return self.path or Path(f"{name}{precision}{ENDINGS[self.kind][0]}")


def target(output: Path | str | None, kind: str = "", precision: str = "") -> Target:
    """Return what is to be written, by a file's name, its kind, or both.

    UsageError for an ending that no kind has, one of another kind, and a precision in which no such file is made.

    >>> target("net.tflite", precision="int8").kind, target(None, "c").named("net")
    ('tflite', PosixPath('net.h'))
    """
    path = None if output is None else Path(output)
    if path is None and not kind:
        raise UsageError("export: which file? name it with --output, or give --format onnx, tflite or c")
    if kind and kind not in ENDINGS:
        raise UsageError(f"--format {kind}: expected {', '.join(ENDINGS)}{did_you_mean(kind, ENDINGS)}")
    made = Target(path, _kind(path, kind) if path else kind, conversions.FP32)
    known = conversions.precisions(made.runtime) if made.kind != ONNX else (conversions.FP32,)
    if precision and precision not in known:
        conversions.check_precision(precision)
        where = "; for a microcontroller give --format tflite" if made.kind == ONNX else ""
        raise UsageError(f"--precision {precision}: {ENDINGS[made.kind][0]} is written in {' or '.join(known)}{where}")
    return replace(made, precision=precision or conversions.FP32)


def _kind(path: Path, kind: str) -> str:
    ending = path.suffix.lower()
    of = next((each for each, endings in ENDINGS.items() if ending in endings), "")
    if not of:
        *others, last = (ending for endings in ENDINGS.values() for ending in endings)
        raise UsageError(f"{path}: export writes {', '.join(others)} and {last} files; give it one of these endings")
    if kind and kind != of:
        raise UsageError(
            f"{path}: --format {kind} writes {' or '.join(ENDINGS[kind])}, and this name says {of}; give it such an "
            "ending, or leave --format out"
        )
    return of
