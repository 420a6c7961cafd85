"""What a runtime reports of one model's kernels: the time of each in each run, and the graph they were made from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from costlens.runtimes._runtime import Options, Session

SCOPES = "pkg.torch.onnx.name_scopes"
"""The key of the modules around a node that PyTorch's exporter notes, outermost first; the last is the node itself."""
HOLD_GRAPHS = ("If", "Loop", "Scan", "SequenceMap")
"""Operators whose kernels run graphs of their own."""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node of a model file: its tensors by name, stored ones among the inputs; an omitted input is ``""``.

    scopes: the modules around it, as its exporter notes them under ``SCOPES``.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    scopes: str = ""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel as the profile names it."""

    name: str
    op: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Microseconds of each kernel, run by run: ``runs_us[run][kernel]``, kernels in the order they first ran.

    Kernels that run inside another (the body of a loop) are part of its time and are not listed; ``within[kernel]``
    is how many of them there were a run.
    """

    kernels: tuple[Kernel, ...]
    runs_us: tuple[tuple[float, ...], ...]
    within: tuple[float, ...]


class ProfiledSession(Session, Protocol):
    """A session that writes down when each kernel starts and ends, which takes time of its own."""

    def graphs(self) -> tuple[tuple[GraphNode, ...], tuple[GraphNode, ...]]:
        """Return the nodes of the graph that really runs, and of the file; none where they were not asked for."""

    def end(self) -> Profile:
        """Stop, and return what was written down; the session cannot run afterwards."""


class Profiler(Protocol):
    """The part of a runtime that times kernels."""

    def profiled(
        self, path: Path, options: Options, folder: Path, *, graphs: bool = False, as_is: bool = False
    ) -> ProfiledSession:
        """Load a model as it is timed, with what is written down kept in a folder; ``graphs``: its nodes too.

        ``as_is``: its nodes run as they are in the file, none of them fused or left out.
        """

    def plain(self, path: Path, options: Options) -> Session:
        """Load a model whose nodes run as they are in the file, without writing anything down."""

    def ladder(self, folder: Path) -> tuple[Path, ...]:
        """Write nets of few to many small kernels."""
