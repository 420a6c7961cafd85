"""Runtimes: load a model file and run it on inputs already in place; one file per runtime.

A runtime is a module of this package with ``start()`` and ``load(path, options) -> Session``. Its
file name is the runtime's name; nothing else lists it. What it runs on (provider, threads,
optimisation level, build) stands in the session's ``Fingerprint``.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, cast, get_args, runtime_checkable

from costlens.discovery import module_names
from costlens.errors import UsageError, did_you_mean

Device = Literal["auto", "cpu", "cuda", "tensorrt"]
DEVICES: tuple[str, ...] = get_args(Device)


@dataclass(frozen=True, slots=True)
class Options:
    """How a model is run. ``batch`` replaces a dynamic leading axis; ``seed`` makes the random inputs."""

    device: Device = "auto"
    threads: int = 1
    batch: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a model was really run by. Two measurements are comparable only where these are equal."""

    name: str
    version: str
    build: str
    device: str
    providers: tuple[str, ...]
    provider_options: str
    threads: int
    optimisation: str


class Session(Protocol):
    """A loaded model with its inputs and outputs bound to the device."""

    @property
    def fingerprint(self) -> Fingerprint:
        """What the model runs on."""

    def run(self) -> None:
        """Run the model once and return when the outputs are there."""

    def synchronize(self) -> None:
        """Wait until the device has nothing left to do."""


@runtime_checkable
class DeviceSession(Session, Protocol):
    """A session on a device with memory of its own; the copies to and from it are no part of ``run``."""

    def copy_in(self) -> None:
        """Copy all inputs from the host to the device once."""

    def copy_out(self) -> None:
        """Copy all outputs of the last run from the device to the host once."""


class Runtime(Protocol):
    """A module of this package."""

    def start(self) -> None:
        """Import the library, so that no model's load is charged for it; RuntimeUnavailable otherwise."""

    def require(self, device: str) -> None:
        """Raise RuntimeUnavailable where a device asked for is not there."""

    def load(self, path: Path, options: Options) -> Session:
        """Load a model file; RuntimeUnavailable or BenchError where that cannot be."""


def names() -> tuple[str, ...]:
    """Return the runtimes there are, by file name, sorted.

    >>> "onnxruntime" in names()
    True
    """
    return module_names(__path__)


def get(name: str) -> Runtime:
    """Return a runtime by name; UsageError with the nearest known name otherwise.

    The runtime's library is imported when the runtime starts, not here.
    """
    if name not in names():
        known = ", ".join(names())
        raise UsageError(f"runtime {name!r} is unknown{did_you_mean(name, names())}; known: {known}")
    return cast(Runtime, importlib.import_module(f"{__name__}.{name}"))
