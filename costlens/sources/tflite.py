"""A TensorFlow Lite file: its operators are counted by its own shapes, and LiteRT runs it as it is."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from costlens.errors import UsageError
from costlens.results.folding import folded
from costlens.sources._disk import on_disk
from costlens.sources._sizes import sizes_of
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
    layout = "NSC"
    lacks: ClassVar[Mapping[str, str]] = {"graph": "a TensorFlow Lite file has no graph that Keras can build"}

    def claims(self, head: bytes) -> bool:
        """Say whether a file has the format's identifier behind its first number."""
        return head[4:8] == _IDENTIFIER

    def sizes(self, word: Word) -> tuple[str, ...] | None:
        """Return the file's inputs, and their axes by place (``x:1``)."""
        from costlens.readers.tflite import sizes_to_give

        path = on_disk(word)
        return sizes_to_give(path) if path.is_file() else None

    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return the file as one model with its name; ``?x:1=100`` sizes an axis of an input, ``?x=1x80x100`` all."""
        from costlens.readers.tflite import plan_of, read

        path = on_disk(word)
        if not path.is_file():
            raise UsageError(
                f"{word.name}: no such file; name a TensorFlow Lite file that is there, a spec or a report"
            )
        sizes = sizes_of(word, asked.settings, lambda: self.sizes(word))
        label = Path(word.name).stem
        count = folded(replace(read(path, sizes.axes, sizes.shapes, asked.batch), name=label), asked.depth)
        made = Model(label, word, "tflite", count, sizes.knobs, file=path, file_bytes=path.stat().st_size)
        plan = partial(plan_of, path, sizes.axes, sizes.shapes, asked.batch)
        return [replace(made, runtime=_RUNTIME, plan=plan, notes=(DEPLOYED,))]
