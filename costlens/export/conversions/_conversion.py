"""What every file of this room holds, what it is given, and how its files are kept."""

import hashlib
import inspect
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path
from typing import Any, ClassVar

from costlens import runtimes
from costlens.errors import RuntimeUnavailable, UsageError
from costlens.network.graph import Graph
from costlens.runtimes import onnxruntime
from costlens.storage import cache
from costlens.storage.files import scratch

_MADE_BY = ("export", "network/layers", "runtimes/_inputs.py", f"runtimes/{runtimes.DEFAULT}.py")
_CALIBRATED_ON = 4


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a quantiser is calibrated on: an ``.npz`` file of an array an input, its first axis the examples."""

    file: Path
    sha256: str
    examples: int


@dataclass(frozen=True, slots=True)
class Source:
    """An exported network: its file with that file's digest, and the graph and seed it was exported from.

    ``graph`` is None for an ONNX file that was not exported here. Without a ``calibration`` it is random.
    """

    onnx: Path
    sha256: str
    graph: Graph | None = None
    seed: int = 0
    calibration: Calibration | None = None

    def examples(self, batch: int) -> Iterator[dict[str, Any]]:
        """Yield the inputs, by name, that a quantiser is calibrated on; the last examples may make no whole batch."""
        if self.calibration is None:
            for index in range(_CALIBRATED_ON):
                yield onnxruntime.random_inputs(self.onnx, batch=batch, seed=self.seed + index)
            return
        import numpy as np

        with np.load(self.calibration.file, allow_pickle=False) as held:
            names = [name for name, _ in self.graph.inputs] if self.graph else held.files
            arrays = {name: held[name] for name in names}
        for first in range(0, self.calibration.examples - batch + 1, batch):
            yield {name: array[first : first + batch] for name, array in arrays.items()}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, as ``Source`` holds it; UsageError where the file cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error


@dataclass(frozen=True, slots=True)
class Look:
    """What a runtime makes of a file: ``problem`` says why it is not computed in its precision, empty where it is."""

    problem: str = ""
    remark: str = ""


def optimised(path: Path, device: str) -> Any:
    """Return the graph that onnxruntime runs in the place of a file, an ``onnx.ModelProto``; BenchError otherwise."""
    available = runtimes.get(runtimes.DEFAULT).imported().get_available_providers()
    with scratch() as folder:
        return onnxruntime.optimised(path, onnxruntime.choose_providers(device, available), folder)


class Conversion(ABC):
    """The file by which a runtime computes a network in a precision; its module is ``<runtime>_<precision>``.

    ``file`` is the file's name; ``alone`` says that it needs no other file beside it.
    """

    file: ClassVar[str]
    alone: ClassVar[bool] = True

    @classmethod
    def pair(cls) -> tuple[str, str]:
        """Return the runtime and the precision: those of the module's name."""
        runtime, _, precision = cls.__module__.rpartition(".")[2].rpartition("_")
        return runtime, precision

    @abstractmethod
    def path(self, source: Source, batch: int) -> Path:
        """Return the file, making it where it is not kept; RuntimeUnavailable or ExportError where that fails."""

    def look(self, path: Path, device: str) -> Look:
        """Look at what the runtime computes; by default there is nothing to find."""
        return Look()


class Written(Conversion):
    """A conversion that writes a file, which is kept by content.

    ``one_batch`` says that a file serves one batch only, ``needs_graph`` that it is made from the graph and not from
    the ONNX file.
    """

    one_batch: ClassVar[bool] = False
    needs_graph: ClassVar[bool] = False

    @abstractmethod
    def write(self, source: Source, folder: Path, batch: int) -> None:
        """Write the file into an empty folder; ExportError where that fails."""

    def path(self, source: Source, batch: int) -> Path:
        """Return the kept file, or write it."""
        if self.needs_graph and source.graph is None:
            runtime, _ = self.pair()
            raise RuntimeUnavailable(f"{runtime} cannot run {source.onnx.name}: its file is made from a spec")
        return cache.entry(self.key(source, batch), lambda folder: self.write(source, folder, batch)) / self.file

    def key(self, source: Source, batch: int) -> str:
        """Return what the file is kept by: 64 hexadecimal digits."""
        runtime, precision = self.pair()
        runs = runtimes.get(runtime)
        own = (Path(inspect.getfile(type(one))) for one in (self, runs))
        content = {
            "of": source.sha256,
            "to": [runtime, precision],
            "batch": batch if self.one_batch else None,
            "seed": source.seed,
            "calibration": source.calibration.sha256 if source.calibration else None,
            "versions": {**cache.tool_versions(), **cache.versions(runs.packages)},
            "code": code(Path(__file__).parent.parent.parent, *own),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@once
def code(package: Path, *own: Path) -> str:
    """Return a digest of the code that makes, runs and compares files: after a changed line, none is found again."""
    places: Iterable[Path] = (*(package / part for part in _MADE_BY), *own)
    files = (file for place in places for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place]))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
