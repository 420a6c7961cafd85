"""What ``import costlens`` offers: the tasks of the command line as functions, and one network to work on.

Words are those of the command line: a spec (``"a.yaml?alpha=0.5"``) or the name of one that costlens ships
(``"yamnet"``), a model file, a report or its folder, ``REVISION:path`` of one, a folder of them or a glob. Every
function raises a CostlensError that says where, what and what to do; it prints nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from costlens.errors import CostlensError, UsageError
from costlens.results.counts import AS_WRITTEN
from costlens.results.shown import written_by
from costlens.sources._source import ALL, Asked
from costlens.sources._word import Word, word
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.network.graph import Graph
    from costlens.results.check import Checked
    from costlens.results.comparison import Comparison
    from costlens.results.counts import ModelCount
    from costlens.results.diff import Diff
    from costlens.results.latency import LatencyReport
    from costlens.results.layer_times import LayerTimes
    from costlens.results.report import Report
    from costlens.results.verification import Ledger
    from costlens.sources._source import Model as Found

__all__ = [
    "CostlensError", "Model", "Summary", "bench", "check", "compare", "diff", "from_keras", "from_onnx", "load",
    "profile", "report", "summary",
]  # fmt: skip


def _show(result: Any, name: str) -> str | None:
    from costlens.formats._shown import written

    return written(result, name)


written_by(_show)


@dataclass(frozen=True, slots=True)
class Model:
    """A network, in one variant. Shapes of a spec leave the batch out and are channels-last.

    >>> model = load("specs/yamnet.yaml")
    >>> model
    Model(word='specs/yamnet.yaml', kind='as-written', knobs={})
    >>> model.count().totals.macs
    69165056
    >>> model.variant("standard").count().totals.macs
    595518464
    """

    word: str
    kind: str = AS_WRITTEN
    knobs: Mapping[str, object] = field(default_factory=dict)
    _live: Any = field(default=None, repr=False)

    @property
    def graph(self) -> Graph:
        """The graph of this variant: frozen nodes in topological order; UsageError where the source has none."""
        found = self._read()
        if found.graph is None:
            raise UsageError(f"{self.word}: has no graph that Keras can build; name a spec")
        return found.graph

    def count(self, *, batch: int = 1, depth: int | None = None) -> ModelCount:
        """Count parameters, MACs, FLOPs and bytes, per row and in total; ``depth`` folds rows by name.

        ``batch`` examples at a time, at least 1: UsageError otherwise.
        """
        if not isinstance(batch, int) or batch < 1:
            raise UsageError(f"batch must be a whole number of at least 1, received {batch!r}")
        return self._read(batch=batch, depth=depth).count

    def variant(self, kind: str) -> Model:
        """Return the same network with every convertible convolution of one kind; UsageError if unknown."""
        made = Model(self.word, kind, self.knobs, self._live)
        made._read()
        return made

    def __str__(self) -> str:
        return str(self.count())

    def _repr_html_(self) -> str | None:
        return self.count()._repr_html_()

    def _repr_markdown_(self) -> str | None:
        return self.count()._repr_markdown_()

    def to_keras(self) -> Any:
        """Build the network as a ``keras.Model`` (imports TensorFlow); its layers carry the rows' names."""
        from costlens.export import build

        return build(self.graph) if self._live is None else self._live

    def export(self, path: Path | str) -> Ledger:
        """Write the network as ONNX once it is proven equal to Keras and to the count; return the proof.

        VerificationError where they differ, ExportError where the graph cannot be exported.
        """
        from costlens.tasks.export import export

        return export([self._named], self._asked(), Path(path), tools=Tools()).ledger

    def report(self, **options: Any) -> Report:
        """Report on every variant of the network; the options are those of ``costlens.report``."""
        return report(self, **(options | dict(self.knobs)))

    @property
    def _named(self) -> str | Word:
        return self.word if self._live is None else _word(self)

    def _asked(self, **more: Any) -> Asked:
        knobs = {} if self._live is not None else self.knobs  # those of a model of this process are in its word
        return Asked(() if self.kind == AS_WRITTEN else (self.kind,), knobs, **more)

    def _read(self, **more: Any) -> Found:
        from costlens.sources.find import models

        found = models([self._named], self._asked(**more))
        if len(found) != 1:
            raise UsageError(f"{self.word}: names {len(found)} networks; name one")
        return found[0]


def load(path: Path | str, **knobs: object) -> Model:
    """Read a network, with knobs set by name: ``load("specs/mobilenet_v1.yaml", alpha=0.5)``.

    A name is that of a shipped spec (``costlens list``), unless a file has it. Raises SpecError with every problem
    found: file, line, column, what, received, remedy.

    >>> load("mobilenet_v1", alpha=0.5).count().totals.macs
    149497088
    >>> load("yamnet:standard")
    Model(word='yamnet:standard', kind='standard', knobs={})
    """
    return Model(str(path), knobs=knobs).variant(word(str(path)).variant or AS_WRITTEN)


def from_keras(model: Any, *, name: str = "", sizes: Mapping[str, object] | None = None) -> Model:
    """Take a Keras model of this process; ``name`` is that in tables, else its own.

    ``sizes`` gives free axes of its inputs their sizes: ``{"x:1": 100}`` for axis 1 of the input x, or
    ``{"x": "1x100x64"}`` for its whole shape.
    """
    return Model(name or str(model.name), knobs=dict(sizes or {}), _live=model)


def from_onnx(model: Any, *, name: str = "model", **sizes: object) -> Model:
    """Take an ``onnx.ModelProto`` of this process; ``name`` is that in tables, ``time=100`` sizes a free axis.

    UsageError where it is no ONNX model, or has its weights in other files: name its file then.
    """
    from costlens.sources._disk import kept

    if not hasattr(model, "SerializeToString") or not hasattr(model, "opset_import"):
        raise UsageError(f"from_onnx: expected an onnx.ModelProto, received {type(model).__name__}")
    return load(kept(f"{name.replace('/', '_')}.onnx", model.SerializeToString()), **sizes)


def summary(model: Any, *, batch: int = 1, depth: int | None = None, width: int | None = None) -> Summary:
    """Count a model and print its layers, in the place of Keras's ``model.summary()``.

    model: a Keras model, a word or a :class:`Model`. In an interactive session, which shows what a line returns by
    itself, nothing is printed.
    """
    one = model if isinstance(model, Model) else load(model) if isinstance(model, str | Path) else from_keras(model)
    made = Summary(one.count(batch=batch, depth=depth), width or get_terminal_size((100, 25)).columns)
    if not hasattr(sys, "ps1"):
        print(made)  # noqa: T201  # as model.summary() does
    return made


@dataclass(frozen=True, slots=True, repr=False)
class Summary:
    """A count that shows itself as the table of its layers."""

    count: ModelCount
    width: int = 100

    def __repr__(self) -> str:
        from costlens.formats._shown import text
        from costlens.formats.pages.count import page

        return text(page([self.count], rows=True), self.width)

    def _repr_html_(self) -> str | None:
        return self.count._repr_html_()

    def _repr_markdown_(self) -> str | None:
        return self.count._repr_markdown_()


def report(
    path: Path | str | Model,
    *,
    variants: str | Sequence[str] = (),
    bench: Protocol | bool = True,
    output: Path | str | None = None,
    **knobs: object,
) -> Report:
    """Report on every variant of a network, or on those named; a :class:`Model` is a network, whatever its kind.

    With ``output``, write report.json, .md and .html in a folder of its name there.
    """
    from costlens.tasks import report as task

    given = replace(_word(path), variant="") if isinstance(path, Model) else _word(path)
    (network,) = task.networks([given], Asked(_names(variants), knobs, alone=(ALL,)))
    made = task.report(network, _plan() if bench is True else bench or None, tools=Tools())
    if output is not None:
        from costlens.tasks import _report_folder as report_folder

        report_folder.write(made, Path(output), knobs)
    return made


def bench(
    *words: Path | str | Model, variants: str | Sequence[str] = (), plan: Protocol | None = None, baseline: str = ""
) -> LatencyReport:
    """Time networks side by side: one in its variants, several as written or in the variants named."""
    from costlens.tasks.bench import bench as task

    chosen = plan or _plan()
    asked = Asked(_names(variants), batch=chosen.batch, alone=(ALL,))
    return task([*map(_word, words)], asked, chosen, baseline=baseline, tools=Tools()).latency


def compare(*words: Path | str | Model, variants: str | Sequence[str] = (), plan: Protocol | None = None) -> Comparison:
    """Compare what networks cost with the first of them; with a plan, those that have files are timed side by side."""
    from costlens.tasks.compare import compare as task

    return task([*map(_word, words)], Asked(_names(variants), alone=(ALL,)), plan, tools=Tools())


def diff(base: Path | str | Model, head: Path | str | Model) -> Diff:
    """Compare two networks layer by layer."""
    from costlens.tasks.diff import of_two

    return of_two(_word(base), _word(head), tools=Tools())


def check(*words: Path | str | Model, **knobs: object) -> Checked:
    """Compare networks with their published figures and budgets; what is missed is in the result."""
    from costlens.tasks.check import Checks
    from costlens.tasks.check import check as task

    return task([*map(_word, words)], Asked((), knobs), Checks(), tools=Tools())


def profile(
    *words: Path | str | Model, variants: str | Sequence[str] = (), plan: Protocol | None = None
) -> tuple[LayerTimes, ...]:
    """Measure the time of every layer; BenchError where a network cannot be measured."""
    from costlens.errors import BenchError
    from costlens.tasks.profile import profile as task

    found = task([*map(_word, words)], Asked(_names(variants)), plan or _plan(), tools=Tools())
    if found.problems:
        raise BenchError("\n".join(found.problems))
    return found.times


def _word(given: Path | str | Model) -> Word:
    """Return what a task works on: a word, or the model of this process; a model's knobs are in its word."""
    if not isinstance(given, Model):
        return word(str(given))
    if given._live is None:
        named = word(given.word)
        variant = "" if given.kind == AS_WRITTEN else given.kind
        return replace(named, settings={**given.knobs, **named.settings}, variant=variant)
    return Word(given.word, Path(given.word), given.knobs, live=given._live)


def _names(variants: str | Sequence[str]) -> tuple[str, ...]:
    return (variants,) if isinstance(variants, str) else tuple(variants)


def _plan() -> Protocol:
    from costlens.bench.protocol import Protocol

    return Protocol()
