"""An ONNX file: its weights and multiplications are counted by its own shapes, and it can be run as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from costlens.errors import UsageError
from costlens.results.folding import folded
from costlens.sources._disk import on_disk
from costlens.sources._sizes import sizes_of
from costlens.sources._source import Asked, Model, Source
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
        """Return the file as one model with its name; ``?time=100`` sizes a free axis, ``?x=1x80x100`` an input."""
        from costlens.readers.onnx import read, size

        path = on_disk(word)
        if not path.is_file():
            raise UsageError(f"{word.name}: no such file; name an ONNX file that is there, a spec or a report")
        sizes = sizes_of(word, asked.settings, lambda: self.sizes(word))
        count, bytes_ = read(path, sizes.axes, sizes.shapes, asked.batch), size(path)
        label = Path(word.name).stem
        notes = (DEPLOYED,) if bytes_ is not None else (DEPLOYED, _INCOMPLETE)
        counted = folded(replace(count, name=label), asked.depth)
        model = Model(label, word, "onnx", counted, sizes.knobs, file=path, file_bytes=bytes_, notes=notes)
        return [replace(model, inputs=partial(_inputs, path, count))]


def _inputs(path: Path, count: ModelCount) -> Inputs:
    """Return what the file is run on: inputs of the shapes that it was counted for, which fit its graph."""
    from costlens.readers.onnx.made_up import made_up

    return made_up(path, {name: tuple(map(int, shape)) for name, shape in count.inputs.items()})
