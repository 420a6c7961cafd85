"""What every file of this room holds, and what it is given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from costlens.network.graph import Graph


@dataclass(frozen=True, slots=True)
class Source:
    """An exported network: its file with that file's digest, and the graph and seed it was exported from.

    ``graph`` is None for an ONNX file that no spec of ours made.
    """

    onnx: Path
    sha256: str
    graph: Graph | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What a runtime makes of a file: ``problem`` says why it is not computed in its precision, empty where it is."""

    problem: str = ""
    remark: str = ""


class Conversion(ABC):
    """One kind of model file.

    ``file`` is its name, ``tools`` the packages besides an export's that it depends on, ``one_batch`` says that a file
    serves one batch only, ``needs_graph`` that it is made from the graph and not from the ONNX file.
    """

    file: ClassVar[str]
    tools: ClassVar[tuple[str, ...]] = ()
    one_batch: ClassVar[bool] = False
    needs_graph: ClassVar[bool] = False

    @abstractmethod
    def write(self, source: Source, folder: Path, batch: int) -> None:
        """Write the file into an empty folder; ExportError where that cannot be."""

    def look(self, path: Path, device: str) -> Look:
        """Look at what the runtime computes; by default there is nothing to find."""
        return Look()
