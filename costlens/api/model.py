"""One network, in one variant, and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlens.api._options import about
from costlens.errors import UsageError, not_installed
from costlens.network.variants import MIXED
from costlens.results.counts import AS_WRITTEN
from costlens.sources._source import Asked
from costlens.sources._word import Word, word

if TYPE_CHECKING:
    from costlens.network.graph import Graph
    from costlens.results.counts import ModelCount
    from costlens.results.report import Report
    from costlens.results.verification import Ledger
    from costlens.sources._source import Model as Found


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
    kinds: Mapping[str, str] = field(default_factory=dict, repr=False)
    _live: Any = field(default=None, repr=False)

    @property
    def graph(self) -> Graph:
        """The graph of this variant: frozen nodes in topological order; UsageError where the source has none."""
        found = self._read()
        if found.graph is None:
            raise UsageError(f"{self.word}: has no graph that Keras can build; name a spec")
        return found.graph

    def count(
        self,
        *,
        batch: int = 1,
        depth: int | None = None,
        execute: bool = False,
        input_data: Path | str | Mapping[str, Any] | None = None,
    ) -> ModelCount:
        """Count parameters, MACs, FLOPs and bytes, per row and in total; ``depth`` folds rows by name.

        ``batch`` examples at a time, at least 1: UsageError otherwise. Of an ONNX file: ``execute`` runs it once where
        only a run tells its sizes, on ``input_data``: an array an input, or an ``.npz`` file that holds them.
        """
        return self._read(batch=least_one("batch", batch), depth=depth, execute=execute, data=file_of(input_data)).count

    def variant(self, kind: str | Mapping[str, str]) -> Model:
        """Return the same network with every convertible convolution of one kind, or as a variant of its spec.

        A mapping gives kinds by the names of convolutions, or of blocks of them, also as globs, of which the last that
        matches holds: ``{"*": "separable", "stage3": "standard"}``. UsageError for a kind or a name that is unknown.
        """
        one, several = (kind, {}) if isinstance(kind, str) else (MIXED, dict(kind))
        made = Model(self.word, one, self.knobs, several, self._live)
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
        """Write the network as a file once it is proven, as :func:`costlens.export` does, and return the proof."""
        from costlens.api.proving import export

        return export(self, path)

    def report(self, **options: Any) -> Report:
        """Report on every variant of the network; the options are those of :func:`costlens.report`."""
        from costlens.api.functions import report

        return report(self, **options)

    @property
    def _word(self) -> Word:
        """The word that names it; its knobs and its variant are in it."""
        variant, rules = "" if self.kind == AS_WRITTEN or self.kinds else self.kind, tuple(self.kinds.items())
        if self._live is not None:
            return Word(self.word, Path(self.word), self.knobs, variant=variant, kinds=rules, live=self._live)
        named = word(self.word)
        knobs = {name: _as_text(value) for name, value in self.knobs.items()}
        known = replace(named, settings={**knobs, **named.settings}, variant=variant, kinds=rules)
        return replace(known.at(known.path), named=True)  # whose text tells all of it

    def _read(self, **more: Any) -> Found:
        from costlens.sources.find import models

        found = models([self._word], Asked(**about(None), **more))
        if len(found) != 1:
            raise UsageError(f"{self.word}: names {len(found)} networks; name one")
        return found[0]


def _as_text(value: object) -> object:
    """Return a flag or a list as a command line gives it to a knob; any other value as it is."""
    if not isinstance(value, bool | list | tuple | dict):
        return value
    try:
        return json.dumps(value, separators=(",", ": "))
    except (TypeError, ValueError):  # which the spec refuses
        return value


def load(path: Path | str, *, kind: Mapping[str, str] | None = None, **knobs: object) -> Model:
    """Read a network, with knobs set by name: ``load("specs/mobilenet_v1.yaml", alpha=0.5)``; a knob may be a list.

    kind: a kind for each of some convolutions, as :meth:`Model.variant` takes them.

    A name is that of a shipped spec (``costlens list``), unless a file has it. Raises SpecError with every problem
    found: file, line, column, what, received, remedy.

    >>> load("mobilenet_v1", alpha=0.5).count().totals.macs
    149497088
    >>> load("yamnet:standard")
    Model(word='yamnet:standard', kind='standard', knobs={})
    """
    return Model(str(path), knobs=knobs).variant(kind or word(str(path)).variant or AS_WRITTEN)


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
    path = kept(f"{name.replace('/', '_')}.onnx", model.SerializeToString())
    return Model(str(path), knobs=sizes).variant(AS_WRITTEN)


def words_of(given: Sequence[Path | str | Model]) -> list[str | Word]:
    """Return what a task works on: words as they are, and the words of models."""
    return [one._word if isinstance(one, Model) else str(one) for one in given]


def least_one(name: str, given: int) -> int:
    """Return a number of things; UsageError where it is no whole number of at least 1."""
    if not isinstance(given, int) or given < 1:
        raise UsageError(f"{name} must be a whole number of at least 1, received {given!r}")
    return given


def file_of(input_data: Path | str | Mapping[str, Any] | None) -> Path | None:
    """Return the ``.npz`` file of inputs; arrays are written to one in a temporary folder of this process.

    RuntimeUnavailable where NumPy is missing.
    """
    if input_data is None or isinstance(input_data, Path | str):
        return None if input_data is None else Path(input_data)
    from io import BytesIO

    from costlens.sources._disk import kept

    try:
        import numpy as np
    except ModuleNotFoundError as error:
        raise not_installed(error) or error from None

    held = BytesIO()
    arrays: dict[str, Any] = {name: np.asarray(array) for name, array in input_data.items()}
    np.savez(held, **arrays)
    return kept("input_data.npz", held.getvalue())
