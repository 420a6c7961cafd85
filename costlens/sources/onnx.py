"""An ONNX file: its weights and multiplications are counted by its own shapes, and it can be run as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from costlens.errors import UsageError
from costlens.results.folding import folded
from costlens.sources import _input_data
from costlens.sources._disk import on_disk
from costlens.sources._executed import by_a_run, settled_shapes
from costlens.sources._sizes import Sizes, sizes_of
from costlens.sources._source import Asked, Model, Source
from costlens.sources._variants import chosen, rewritten
from costlens.sources._word import Word

if TYPE_CHECKING:
    from costlens.results.counts import ModelCount
    from costlens.runtimes import Inputs

DEPLOYED = "parameters are not known of an ONNX file, in which BatchNorm is folded already; size is the file's"
_INCOMPLETE = "its size is not known: a file of its external data is not beside it"
_IR_VERSION = b"\x08"
"""How a ModelProto begins: field 1, a number (onnx/onnx.proto)."""
_LATEST_IR = 64


class OnnxSource(Source):
    """A model file in ONNX's format."""

    what = "an ONNX file (.onnx)"
    suffixes = (".onnx",)
    rank = 2
    has_sizes = True
    has_variants = True
    has_kinds = True
    has_inputs = True
    layout = "NCS"
    lacks: ClassVar[Mapping[str, str]] = {"graph": "an ONNX file has no graph that Keras can build"}

    def claims(self, head: bytes) -> bool:
        """Say whether a file begins with the version of ONNX's format."""
        return head[:1] == _IR_VERSION and len(head) > 1 and 0 < head[1] < _LATEST_IR

    def sizes(self, word: Word) -> tuple[str, ...] | None:
        """Return the file's inputs and axes whose sizes are free, by name and by place (``x:1``)."""
        from costlens.readers.onnx import sizes_to_give

        path = on_disk(word)
        return sizes_to_give(path) if path.is_file() else None

    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return the file as one model with its name, or the variants that are named, each as a file.

        ``?time=100`` sizes a free axis, ``?x=1x80x100`` an input.
        """
        path = on_disk(word)
        if not path.is_file():
            raise UsageError(f"{word.name}: no such file; name an ONNX file that is there, a spec or a report")
        sizes = sizes_of(word, asked.settings, lambda: self.sizes(word))
        if asked.data is not None:
            _input_data.refuse_sizes(asked.data, {**asked.settings, **word.settings}, word.name)
        return of_file(path, word, asked, variants, sizes)


def of_file(
    path: Path, word: Word, asked: Asked, variants: Sequence[str], sizes: Sizes, label: str = ""
) -> list[Model]:
    """Return a file as one model, or the variants of it that are named; ``label``: its name, the word's file's else."""
    whole = partial(_model, word=word, asked=asked, sizes=sizes, label=label or Path(word.name).stem)
    found = [whole(path)]
    if asked.variants or asked.kinds:
        found = rewritten(found[0], chosen(asked, variants), whole)
    return [replace(model, count=folded(model.count, asked.depth)) for model in found]


def _model(path: Path, *, word: Word, asked: Asked, sizes: Sizes, label: str) -> Model:
    """Return a file as a model, its rows unfolded."""
    from costlens.readers.onnx import read, size

    if asked.data is None:
        count = read(path, sizes.axes, sizes.shapes, asked.batch)
    else:
        count = _of_data(path, asked.data, word.name)
    bytes_ = size(path)
    inputs = partial(_inputs, path, count, asked.data)
    if asked.execute:
        settled_shapes(path, count)
        count = by_a_run(path, count, inputs())
    notes = (DEPLOYED,) if bytes_ is not None else (DEPLOYED, _INCOMPLETE)
    model = Model(
        label, word, "onnx", replace(count, name=label), sizes.knobs, file=path, file_bytes=bytes_, notes=notes
    )
    return replace(model, inputs=inputs, again=partial(_model, word=word, asked=asked, sizes=sizes, label=label))


def _of_data(path: Path, data: Path, name: str) -> ModelCount:
    """Return the count for the shapes of real inputs; their first axis is the batch where it would be one if free."""
    from costlens.readers.onnx import read, signature

    inputs = signature(path)
    shapes = _input_data.shapes_of(data, inputs, name)
    first = {sizes[0] for _, _, sizes in inputs if sizes and isinstance(sizes[0], str)}
    free = {
        size: shapes[key][index]
        for key, _, sizes in inputs
        for index, size in enumerate(sizes or ())
        if isinstance(size, str)
    }
    examples = {free[size] for size in first}
    if len(examples) == 1:
        count = read(path, {size: free[size] for size in free if size not in first}, {}, examples.pop())
        if count.inputs == shapes:
            return count
    return read(path, {}, shapes)


def _inputs(path: Path, count: ModelCount, data: Path | None) -> Inputs:
    """Return what the file is run on, of the shapes that it was counted for: those given, else what fits its graph."""
    from costlens.readers.onnx.made_up import made_up
    from costlens.runtimes import Input

    shapes = settled_shapes(path, count)
    return made_up(path, shapes) if data is None else {name: Input(shape, file=data) for name, shape in shapes.items()}
