"""Model files for other runtimes and precisions: made from an export, compared with it, kept by content.

A file of this room is named ``<runtime>_<precision>.py`` and holds one ``Conversion``; nothing else lists it. The
exported file is what onnxruntime runs in fp32.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache as once
from pathlib import Path

from costlens import runtimes
from costlens.discovery import class_in, module_names
from costlens.errors import RuntimeUnavailable, UsageError, did_you_mean
from costlens.export.conversions._conversion import Conversion, Look, Source
from costlens.storage import cache

__all__ = ["AS_EXPORTED", "Look", "Source", "check_precision", "look", "model_file", "precisions"]

_MADE_BY = (
    "export", "network/layers", "runtimes/_filled.py", "runtimes/litert.py", "runtimes/onnxruntime.py",
    "runtimes/tensorflow.py",
)  # fmt: skip
_GPU_BUILD = "onnxruntime-gpu"
"""Takes the place of onnxruntime where there is a graphics card."""

AS_EXPORTED = ("onnxruntime", "fp32")
"""The runtime and precision of an exported file."""


def precisions(runtime: str | None = None) -> tuple[str, ...]:
    """Return the precisions that a runtime has files for, or those that any has, fp32 first.

    >>> precisions("tensorflow"), precisions()
    (('fp32',), ('fp32', 'fp16', 'int8'))
    """
    pairs = [AS_EXPORTED, *(tuple(name.rsplit("_", 1)) for name in module_names(__path__))]
    found = {precision for name, precision in pairs if runtime in (None, name)}
    return tuple(sorted(found, key=lambda precision: (precision != AS_EXPORTED[1], precision)))


def check_precision(name: str) -> None:
    """Raise UsageError, with the nearest known word, for a precision that no runtime has."""
    if name not in precisions():
        known = ", ".join(precisions())
        raise UsageError(f"precision {name!r} is unknown{did_you_mean(name, precisions())}; known: {known}")


def model_file(source: Source, runtime: str, precision: str, *, batch: int = 1) -> Path:
    """Return the file by which a runtime computes a network in a precision, making it where it is not kept.

    RuntimeUnavailable where there is no such file or its tools are missing, ExportError where the network cannot be
    converted or what comes out of the file is not what comes out of the export.
    """
    if (runtime, precision) == AS_EXPORTED:
        return source.onnx
    conversion = _conversion(runtime, precision)
    if conversion.needs_graph and source.graph is None:
        raise RuntimeUnavailable(f"{runtime} cannot run {source.onnx.name}: it is made from a spec, give the spec")
    key = _key(conversion, source, runtime, precision, batch)
    return cache.entry(key, lambda folder: conversion.write(source, folder, batch)) / conversion.file


def look(path: Path, runtime: str, precision: str, device: str) -> Look:
    """Say what a runtime made of a file: why its time would not be one of that precision, or what to know of it."""
    return Look() if (runtime, precision) == AS_EXPORTED else _conversion(runtime, precision).look(path, device)


def _conversion(runtime: str, precision: str) -> Conversion:
    runtimes.get(runtime)
    check_precision(precision)
    if precision not in precisions(runtime):
        raise RuntimeUnavailable(f"{runtime} has no files in {precision} here; it has {', '.join(precisions(runtime))}")
    found = class_in(__name__, f"{runtime}_{precision}", Conversion)  # type: ignore[type-abstract]  # to look for
    return found()


def _key(conversion: Conversion, source: Source, runtime: str, precision: str, batch: int) -> str:
    content = {
        "of": source.sha256,
        "to": [runtime, precision],
        "batch": batch if conversion.one_batch else None,
        "seed": source.seed,
        "versions": {**cache.tool_versions(), **cache.versions((_GPU_BUILD, *conversion.tools))},
        "code": _code(Path(__file__).parent.parent.parent),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@once
def _code(package: Path) -> str:
    """Return a digest of the code that makes, runs and compares files: a changed line leaves the old ones unfound."""
    places = (package / part for part in _MADE_BY)
    files = (file for place in places for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place]))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
