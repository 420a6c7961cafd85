"""A TensorFlow Lite file: its operators are counted by its own shapes, and LiteRT runs it as it is."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from costlens.errors import UsageError
from costlens.results.folding import folded
from costlens.sources._disk import on_disk
from costlens.sources._source import Asked, Model, Source
from costlens.sources._word import Word

DEPLOYED = (
    "parameters are not known of a TensorFlow Lite file, in which BatchNorm is folded already; size is the file's"
)
_IDENTIFIER = b"TFL3"
_RUNTIME = "litert"


class TFLiteSource(Source):
    """A model file in the format of TensorFlow Lite, which LiteRT reads."""

    what = "a TensorFlow Lite file (.tflite)"
    suffixes = (".tflite",)
    rank = 2
    has_sizes = True
    lacks: ClassVar[Mapping[str, str]] = {"graph": "a TensorFlow Lite file has no graph that Keras can build"}

    def claims(self, head: bytes) -> bool:
        """Say whether a file has the format's identifier behind its first number."""
        return head[4:8] == _IDENTIFIER

    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return the file as one model with the file's name; ``?x:0=100`` gives axis 0 of the input x a size."""
        from costlens.readers.tflite import read

        path = on_disk(word)
        if not path.is_file():
            raise UsageError(
                f"{word.name}: no such file; name a TensorFlow Lite file that is there, a spec or a report"
            )
        sizes = {name: _size(word, name, written) for name, written in {**asked.settings, **word.settings}.items()}
        label = Path(word.name).stem
        count = folded(replace(read(path, sizes, asked.batch), name=label), asked.depth)
        bytes_ = path.stat().st_size
        return [Model(label, word, "tflite", count, file=path, file_bytes=bytes_, runtime=_RUNTIME, notes=(DEPLOYED,))]


def _size(word: Word, name: str, written: object) -> int:
    """Return the size that a word gives an axis; UsageError where it is not a whole number above 0."""
    text = str(written)
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10 and int(text)):  # noqa: PLR2004
        raise UsageError(f"{word.name}: ?{name}={text}: expected a size, a whole number of 1 or more")
    return int(text)
