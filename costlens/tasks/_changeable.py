"""A network whose convolutions can get other kinds: the graph of a spec, or an ONNX file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from glob import escape
from typing import TYPE_CHECKING

from costlens.analysis.forms import forms, row_owners
from costlens.errors import UsageError
from costlens.network.count import count
from costlens.network.variants import Mix, rewrite
from costlens.results.counts import AS_WRITTEN
from costlens.results.names import levels
from costlens.sources._sizes import Sizes
from costlens.sources._variants import rewritten
from costlens.sources.find import require, source_of
from costlens.sources.onnx import of_file
from costlens.tasks._timing import unsettled

if TYPE_CHECKING:
    from costlens.analysis.forms import Forms
    from costlens.bench.protocol import Protocol
    from costlens.network.graph import Graph
    from costlens.sources._source import Asked, Model

_CHOOSES = "advise chooses kinds of convolution"


class Changeable(ABC):
    """A network as it is written, and what it becomes with other kinds, by the names of its convolutions."""

    notes: tuple[str, ...] = ()
    """What a reader must know of what results."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @abstractmethod
    def forms(self, kinds: Iterable[str], *, keep: Sequence[str], tie: bool) -> Forms:
        """Return what each convolution costs in each kind; UsageError for a glob that matches nothing."""

    @abstractmethod
    def made(self, kinds: Mapping[str, str]) -> Model:
        """Return the network with these kinds, which can be predicted and timed."""

    @abstractmethod
    def owners(self, made: Model) -> Mapping[str, str]:
        """Return the convolution that each row of what was made is of; rows of none may be left out."""


def changeable(model: Model, asked: Asked, plan: Protocol | None = None) -> Changeable:
    """Return a model as a network that can be changed; a Keras model by its export.

    UsageError for a model that has neither a graph nor an ONNX file, whose inputs have no sizes, or whose batch is not
    the plan's.
    """
    if model.graph is not None:
        return _OfGraph(model, model.graph, asked.batch)
    if model.keras is not None and asked.exported is not None:
        (model,) = of_file(asked.exported(model, asked.batch), model.word, asked, (), Sizes({}), model.label)
    if model.again is None:
        is_saved = model.file is None and source_of(model.word).has_kinds
        require([model], "file" if is_saved else "graph", _CHOOSES)
    if reason := unsettled(model, plan):
        raise UsageError(f"{model.word.name}: {reason}")
    return _OfFile(model)


class _OfGraph(Changeable):
    def __init__(self, model: Model, graph: Graph, batch: int) -> None:
        super().__init__(model)
        self._graph, self._batch = graph, batch

    def forms(self, kinds: Iterable[str], *, keep: Sequence[str], tie: bool) -> Forms:
        return forms(self._graph, kinds, keep=keep, tie=tie, precisions=self.model.precisions)

    def made(self, kinds: Mapping[str, str]) -> Model:
        graph = rewrite(self._graph, kinds).graph if kinds else self._graph
        title, precisions = self.model.count.title, self.model.precisions
        return replace(
            self.model, graph=graph, count=count(graph, title=title, batch=self._batch, precisions=precisions)
        )

    def owners(self, made: Model) -> Mapping[str, str]:
        return row_owners(made.graph or self._graph)


class _OfFile(Changeable):
    notes = ("Convolutions that change have weights drawn anew in the file; the others keep theirs.",)

    def __init__(self, model: Model) -> None:
        from costlens.rewriting import look

        super().__init__(model)
        if model.file is None or model.again is None:
            raise ValueError(f"{model.label} is no file that can be rewritten")
        self._file, self._again = model.file, model.again
        self._found = look(self._file, model.count.rows)

    def forms(self, kinds: Iterable[str], *, keep: Sequence[str], tie: bool) -> Forms:
        from costlens.rewriting import Form, plan
        from costlens.rewriting import forms as forms_of_file

        plans = {kind: plan(self._found.sites, kind) for kind in kinds}
        models = {kind: self._as(kind) if one.changes else self.model for kind, one in plans.items()}
        made = {kind: (plans[kind], Form(model.count, self.owners(model))) for kind, model in models.items()}
        written = Form(self.model.count, self.owners(self.model))
        return forms_of_file(self._found.sites, written, made, keep=keep, tie=tie)

    def made(self, kinds: Mapping[str, str]) -> Model:
        if not kinds:
            return self.model
        given = {site.name: kinds.get(site.name, AS_WRITTEN) for site in self._found.sites}
        outer_first = sorted(given.items(), key=lambda rule: len(levels(rule[0])))  # a block's name is its layers', too
        return self._as(Mix("advised", tuple((escape(name), kind) for name, kind in outer_first)))

    def owners(self, made: Model) -> Mapping[str, str]:
        return self._found.owners(made.file or self._file)

    def _as(self, to: str | Mix) -> Model:
        (model,) = rewritten(self.model, [to], self._again)
        return model
