"""What every runtime offers, whole: a file of this room holds one class of this base, and nothing else lists it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, get_args, runtime_checkable

from costlens.errors import BenchError, RuntimeUnavailable
from costlens.errors.packages import install_of
from costlens.runtimes._inputs import Inputs

if TYPE_CHECKING:
    from costlens.runtimes._profile import Profiler

Device = Literal["auto", "cpu", "cuda", "tensorrt"]
DEVICES: tuple[str, ...] = get_args(Device)


@dataclass(frozen=True, slots=True)
class Options:
    """How a model is run: ``inputs`` are what it is run on, ``seed`` makes the random numbers in them.

    Without inputs, ``batch`` replaces a dynamic leading axis.
    """

    device: Device = "auto"
    threads: int = 1
    batch: int = 1
    seed: int = 0
    inputs: Inputs = field(default_factory=dict)


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
    """A session on a device with memory of its own; ``run`` leaves out the copies to and from it."""

    def copy_in(self) -> None:
        """Copy all inputs from the host to the device once."""

    def copy_out(self) -> None:
        """Copy all outputs of the last run from the device to the host once."""


class Runtime(ABC):
    """One runtime, named as its file.

    ``library`` is the module that it imports, ``packages`` are the distributions one of which holds that module, the
    first of them the one that is installed where it is missing. ``start_s`` is about how long the import takes a
    process, for plans.
    """

    library: ClassVar[str]
    packages: ClassVar[tuple[str, ...]]
    devices: ClassVar[tuple[str, ...]] = ("auto", "cpu")
    start_s: ClassVar[float] = 0.0

    @classmethod
    def name(cls) -> str:
        """Return the runtime's name: that of its file."""
        return cls.__module__.rpartition(".")[2]

    @abstractmethod
    def load(self, path: Path, options: Options) -> Session:
        """Load a model file with random inputs; RuntimeUnavailable or BenchError where that fails."""

    @abstractmethod
    def predict(self, path: Path, inputs: Sequence[Any]) -> list[Any]:
        """Run a model file once on arrays, on the processor, and return its outputs in the file's order.

        RuntimeUnavailable or BenchError where that fails.
        """

    def arena_bytes(self, path: Path, options: Options) -> int | None:
        """Return what the allocator holds after two runs: activations and scratch, no weights; None where unknown."""
        return None

    def profiler(self) -> Profiler:
        """Return the part of the runtime that times kernels; RuntimeUnavailable where it has none."""
        raise RuntimeUnavailable(
            f"the runtime {self.name()} does not report the time of its kernels; use --runtime onnxruntime"
        )

    def fingerprint(
        self, options: Options, version: str, kernels: tuple[str, ...], optimisation: str, build: str = ""
    ) -> Fingerprint:
        """Return what a model runs by on the processor."""
        return Fingerprint(self.name(), version, build, "cpu", kernels, "{}", options.threads, optimisation)

    def start(self) -> None:
        """Import the library and what makes inputs, so that no model's load is charged for it."""
        import numpy.random  # noqa: F401

        self.imported()

    def require(self, device: str) -> None:
        """Raise RuntimeUnavailable where a device, or the library, is missing here; the library is not imported."""
        if device not in self.devices:
            raise RuntimeUnavailable(
                f"--device {device}: {self.name()} is timed on the processor only; use --device cpu"
            )
        if not find_spec(self.library.partition(".")[0]):
            raise self._missing("is not installed")

    def imported(self) -> Any:
        """Import the library; RuntimeUnavailable, with the remedy, where that fails."""
        try:
            return import_module(self.library)
        except ImportError as problem:
            is_there = find_spec(self.library.partition(".")[0])
            raise self._missing(f"cannot be imported ({problem})" if is_there else "is not installed") from problem

    def versions(self) -> tuple[str, ...]:
        """Return the versions of its packages that are installed, without importing them."""
        from importlib.metadata import PackageNotFoundError, version

        found = []
        for package in self.packages:
            with suppress(PackageNotFoundError):
                found.append(version(package))
        return tuple(found)

    def _missing(self, what: str) -> RuntimeUnavailable:
        package = self.packages[0]
        remedy = f"install it with: {install_of(package)}"
        return RuntimeUnavailable(f"the runtime {self.name()} needs {package}, which {what}; {remedy}")


def require_file(path: Path) -> None:
    """Raise BenchError where there is no such model file."""
    if not path.is_file():
        raise BenchError(f"{path}: no such model file; export the model first")


class ProcessorSession:
    """The part of a session on the processor: nothing is left to do when a run returns."""

    __slots__ = ("fingerprint",)

    def __init__(self, fingerprint: Fingerprint) -> None:
        self.fingerprint = fingerprint

    def synchronize(self) -> None:
        """Do nothing."""
