"""Model files for every runtime and precision: made from an export, compared with it, kept by content.

A file of this room is named ``<runtime>_<precision>.py`` and holds one ``Conversion``; nothing else lists it.
"""

from pathlib import Path

from costlens import runtimes
from costlens.discovery import class_in, module_names
from costlens.errors import RuntimeUnavailable, UsageError, did_you_mean
from costlens.export.conversions._conversion import Calibration, Conversion, Look, Source, digest

__all__ = [
    "FP32", "Calibration", "Look", "Source", "check_precision", "digest", "known_precision", "look", "model_file",
    "precisions",
]  # fmt: skip

FP32 = "fp32"


def precisions(runtime: str | None = None) -> tuple[str, ...]:
    """Return the precisions that a runtime has files for, or those that any has, fp32 first.

    >>> precisions("tensorflow"), precisions()
    (('fp32',), ('fp32', 'fp16', 'int8'))
    """
    pairs = (name.rpartition("_") for name in module_names(__path__))
    found = {precision for name, _, precision in pairs if runtime in (None, name)}
    return tuple(sorted(found, key=lambda precision: (precision != FP32, precision)))


def check_precision(name: str) -> None:
    """Raise UsageError, with the nearest known word, for a precision that no runtime has."""
    if name not in precisions():
        known = ", ".join(precisions())
        raise UsageError(f"precision {name!r} is unknown{did_you_mean(name, precisions())}; known: {known}")


def known_precision(name: str, runtime: str = "litert") -> str:
    """Return the name of a precision that a runtime has files for; UsageError for another one."""
    check_precision(name)
    if name not in precisions(runtime):
        raise UsageError(f"--precision {name}: {runtime} has files in {' and '.join(precisions(runtime))} only")
    return name


def model_file(source: Source, runtime: str, precision: str = FP32, *, batch: int = 1) -> Path:
    """Return the file by which a runtime computes a network in a precision, making it where it is not kept.

    RuntimeUnavailable where there is no such file or its tools are missing, ExportError where the network cannot be
    converted, or where the outputs of the file differ from those of the export.
    """
    return _conversion(runtime, precision).path(source, batch)


def look(path: Path, runtime: str, precision: str, device: str) -> Look:
    """Say what a runtime made of a file: why its time would not be one of that precision, or what to know of it."""
    return _conversion(runtime, precision).look(path, device)


def _conversion(runtime: str, precision: str) -> Conversion:
    runtimes.get(runtime)
    check_precision(precision)
    if precision not in precisions(runtime):
        raise RuntimeUnavailable(f"{runtime} has no files in {precision} here; it has {', '.join(precisions(runtime))}")
    return class_in(__name__, f"{runtime}_{precision}", Conversion)()  # type: ignore[type-abstract]  # to look for
