"""Where the operations of a graph come from: the layers that are at work while a model is traced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from costlens import frameworks

_MARK = "_costlens_site"
ROOT = 0
"""The site of the model itself."""


@dataclass(slots=True)
class Site:
    """A layer at one place of a model: the same layer called by another one is another site.

    parent: the site of the layer that calls it, -1 for the model itself. inputs, output: what it was called with first,
    and made of it. calls: how often it was called. passed: the names of tensors that it returned as they were.
    """

    layer: Any
    parent: int
    inputs: tuple[tuple[int | None, ...], ...] = ()
    output: tuple[int | None, ...] | None = None
    calls: int = 0
    passed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sites:
    """The sites of one trace, in the order of their first calls; the model itself is the first."""

    found: list[Site]
    _numbers: dict[tuple[int, int], int] = field(default_factory=dict)
    _stack: list[int] = field(default_factory=list)
    _scopes: bool = False

    @contextmanager
    def watched(self, *, scopes: bool = False) -> Iterator[None]:
        """Note which layer is at work, in each operation that is made meanwhile.

        ``scopes``: in its name, too: that of what site 3 makes begins with ``…/site3/``.
        """
        self._scopes = scopes
        keras = frameworks.keras()
        kinds = (keras.Operation, keras.layers.Layer)
        originals = [kind.__call__ for kind in kinds]
        for kind, original in zip(kinds, originals, strict=True):
            kind.__call__ = self._noting(original)
        try:
            yield
        finally:
            for kind, original in zip(kinds, originals, strict=True):
                kind.__call__ = original

    def owner(self, op: Any, around: int) -> int:
        """Return the site that made an operation, or that of the operation whose function it is in."""
        try:
            return int(op.get_attr(_MARK))
        except ValueError:
            return around

    def add(self, layer: Any, parent: int) -> int:
        """Return the number of a layer's site, which is made where there is none."""
        key = (parent, id(layer))
        if key not in self._numbers:
            self._numbers[key] = len(self.found)
            self.found.append(Site(layer, parent))
        return self._numbers[key]

    def _noting(self, original: Any) -> Any:
        def call(layer: Any, *args: Any, **named: Any) -> Any:
            here = self._stack[-1] if self._stack else None
            if here is not None and self.found[here].layer is layer:  # Layer.__call__ calls Operation.__call__
                return original(layer, *args, **named)
            number = ROOT if here is None else self.add(layer, here)
            self._stack.append(number)
            try:
                with _marked(number, named=self._scopes):
                    made = original(layer, *args, **named)
            finally:
                self._stack.pop()
            self._note(self.found[number], (args, named), made)
            return made

        return call

    def _note(self, site: Site, given: Any, made: Any) -> None:
        site.calls += 1
        if site.calls == 1:
            site.inputs = tuple(_shapes(given))
            site.output = next(iter(_shapes(made)), None)
        site.passed += _names(given) & _names(made)


@contextmanager
def _marked(number: int, *, named: bool) -> Iterator[None]:
    """Mark what is added to the current graph; nothing where there is none, as layers are called to build them."""
    tf = frameworks.tensorflow()
    with ExitStack() as stack:
        if not tf.executing_eagerly():
            mark = tf.compat.v1.AttrValue(i=number)
            stack.enter_context(tf.compat.v1.get_default_graph()._attr_scope({_MARK: mark}))
            if named:
                stack.enter_context(tf.name_scope(f"site{number}"))
        yield


def _names(tensors: Any) -> set[str]:
    """Return the names of tensors of a graph."""
    tf = frameworks.tensorflow()
    return {tensor.name for tensor in tf.nest.flatten(tensors) if tf.is_symbolic_tensor(tensor)}


def _shapes(tensors: Any) -> Iterator[tuple[int | None, ...]]:
    tf = frameworks.tensorflow()
    for tensor in tf.nest.flatten(tensors):
        if tf.is_tensor(tensor) and tensor.shape.rank is not None:
            yield tuple(tensor.shape.as_list())
