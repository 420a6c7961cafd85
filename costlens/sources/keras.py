"""A Keras model: a file, a SavedModel, or what Python code makes; counted by the operations of its graph."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path
from typing import ClassVar

from costlens.errors import UsageError
from costlens.sources._disk import on_disk
from costlens.sources._source import Asked, KerasModel, Model, Source
from costlens.sources._word import Word

_SAVED = "saved_model.pb"
_ZIP, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n"


class KerasSource(Source):
    """A model of Keras: ``.keras``, ``.h5``, the folder of a SavedModel, or ``python:package.module:function``."""

    what = "a Keras model (.keras, .h5, saved_model.pb)"
    suffixes = (".keras", ".h5", ".hdf5", ".pb")
    rank = 2
    has_sizes = True
    runs_code = True
    marks_folder = _SAVED
    lacks: ClassVar[Mapping[str, str]] = {
        "graph": "a Keras model is not made from a spec",
        "file": "a SavedModel is counted only; save the model as .keras to export it",
    }

    def claims(self, head: bytes) -> bool:
        """Say whether a file begins as a ``.keras`` archive or an HDF5 file does."""
        return head.startswith((_ZIP, _HDF5))

    def inside(self, folder: Path) -> list[Path]:
        """Return a folder's SavedModel, else the files of models and the SavedModels in it."""
        own = folder / _SAVED
        if own.is_file():
            return [own]
        return [path for path in super().inside(folder) if path.suffix != own.suffix or path.name == _SAVED]

    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return the model, named by its file or function; ``?x:1=100`` gives axis 1 of the input x a size."""
        from costlens.readers.keras import imported, load, read, read_saved

        sizes = {name: str(size) for name, size in {**asked.settings, **word.settings}.items()}
        if word.path.suffix == ".pb" and not word.code and word.live is None:
            if not word.named:
                raise UsageError(f"{word.name}: TensorFlow runs what initialises a SavedModel; name this one itself")
            count = read_saved(word.path.parent, sizes, name=word.name, batch=asked.batch, depth=asked.depth)
            label = word.path.parent.resolve().name
            return [Model(label, word, "keras", replace(count, name=label))]
        made = word.live
        if made is None:
            made = imported(word.code) if word.code else load(on_disk(word), word.name)
        count = read(made, sizes, name=word.name, batch=asked.batch, depth=asked.depth)
        label = word.code.rpartition(":")[2] if word.code else Path(word.name).stem
        kept = KerasModel(lambda: made, sizes, "" if word.code or word.live is not None else _digest(on_disk(word)))
        return [Model(label, word, "keras", replace(count, name=label), keras=kept)]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
