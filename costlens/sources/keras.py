"""A Keras model: a file, or what Python code makes; counted layer by layer by the operations of its graph."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path
from typing import ClassVar

from costlens.sources._disk import on_disk
from costlens.sources._source import Asked, KerasModel, Model, Source
from costlens.sources._word import Word

_ZIP, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n"


class KerasSource(Source):
    """A model of Keras: ``.keras``, ``.h5``, or ``python:package.module:function``."""

    what = "a Keras model (.keras, .h5)"
    suffixes = (".keras", ".h5", ".hdf5")
    rank = 2
    has_sizes = True
    runs_code = True
    lacks: ClassVar[Mapping[str, str]] = {
        "graph": "a Keras model is not made from a spec",
    }

    def claims(self, head: bytes) -> bool:
        """Say whether a file begins as a ``.keras`` archive or an HDF5 file does."""
        return head.startswith((_ZIP, _HDF5))

    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return the model, named by its file or function; ``?x:1=100`` gives axis 1 of the input x a size."""
        from costlens.readers.keras import imported, load, read

        made = word.live
        if made is None:
            made = imported(word.code) if word.code else load(on_disk(word), word.name)
        sizes = {name: str(size) for name, size in word.settings.items()}
        count = read(made, sizes, name=word.name, batch=asked.batch, depth=asked.depth)
        label = word.code.rpartition(":")[2] if word.code else Path(word.name).stem
        kept = KerasModel(lambda: made, sizes, "" if word.code or word.live is not None else _digest(on_disk(word)))
        return [Model(label, word, "keras", replace(count, name=label), keras=kept)]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
