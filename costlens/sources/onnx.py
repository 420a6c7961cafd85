"""An ONNX file: its weights and multiplications are counted by its own shapes, and it can be run as it is."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from costlens.errors import UsageError
from costlens.sources._disk import on_disk
from costlens.sources._source import Asked, Model, Source
from costlens.sources._word import Word

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
    lacks: ClassVar[Mapping[str, str]] = {"graph": "an ONNX file has no graph that Keras can build"}

    def claims(self, head: bytes) -> bool:
        """Say whether a file begins with the version of ONNX's format."""
        return head[:1] == _IR_VERSION and len(head) > 1 and 0 < head[1] < _LATEST_IR

    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return the file as one model with the file's name, counted for its inputs' batch, or for one example."""
        from costlens.readers.onnx import read, size

        path = on_disk(word)
        if not path.is_file():
            raise UsageError(f"{word.name}: no such file; name an ONNX file that is there, a spec or a report")
        count, bytes_ = read(path), size(path)
        label = Path(word.name).stem
        notes = (DEPLOYED,) if bytes_ is not None else (DEPLOYED, _INCOMPLETE)
        return [Model(label, word, "onnx", replace(count, name=label), file=path, file_bytes=bytes_, notes=notes)]
