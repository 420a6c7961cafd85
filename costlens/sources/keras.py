"""A Keras model: a file, a SavedModel, or what Python code makes; counted by the operations of its graph."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path
from typing import Any, ClassVar

from costlens.errors import UsageError
from costlens.sources._disk import on_disk
from costlens.sources._sizes import Sizes, sizes_of
from costlens.sources._source import Asked, KerasModel, Model, Source
from costlens.sources._word import Word
from costlens.sources.onnx import of_file

_SAVED = "saved_model.pb"
_ZIP, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n"


class KerasSource(Source):
    """A model of Keras: ``.keras``, ``.h5``, the folder of a SavedModel, or ``python:package.module:function``."""

    what = "a Keras model (.keras, .h5, saved_model.pb)"
    suffixes = (".keras", ".h5", ".hdf5", ".pb")
    rank = 2
    has_sizes = True
    has_variants = True
    has_kinds = True
    runs_code = True
    marks_folder = _SAVED
    lacks: ClassVar[Mapping[str, str]] = {
        "graph": "a Keras model is not made from a spec",
        "file": "a SavedModel is counted only; save the model as .keras to export it",
    }

    def __init__(self) -> None:
        self._kept: dict[Word, Any] = {}

    def claims(self, head: bytes) -> bool:
        """Say whether a file begins as a ``.keras`` archive or an HDF5 file does."""
        return head.startswith((_ZIP, _HDF5))

    def inside(self, folder: Path) -> list[Path]:
        """Return a folder's SavedModel, else the files of models and the SavedModels in it."""
        own = folder / _SAVED
        if own.is_file():
            return [own]
        return [path for path in super().inside(folder) if path.suffix != own.suffix or path.name == _SAVED]

    def sizes(self, word: Word) -> tuple[str, ...] | None:
        """Return the model's inputs, and their free axes by place (``x:1``); None of one that takes any input."""
        from costlens.readers.keras import Saved, sizes_to_give

        made = self._made(word, keep=True)
        return made.sizes_to_give if isinstance(made, Saved) else sizes_to_give(made, word.name)

    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return the model, named by its file or function; ``?x:1=100`` sizes an axis of an input, ``?x=1x80x100`` it.

        Where variants are named they are those of its export, an ONNX file. UsageError where it cannot be loaded or
        called.
        """
        from costlens.readers.keras import Saved, read, read_saved

        sizes = sizes_of(word, asked.settings, lambda: self.sizes(word))
        made, batch, depth = self._made(word), asked.batch, asked.depth
        if isinstance(made, Saved):
            if asked.variants or asked.kinds:
                raise UsageError(f"{word.name}: variants are made of an export; {self.lacks['file']}")
            count = read_saved(made, sizes.given, name=word.name, batch=batch, depth=depth)
            label = word.path.parent.resolve().name
            return [Model(label, word, "keras", replace(count, name=label), sizes.knobs)]
        count = read(made, sizes.given, name=word.name, batch=batch, depth=depth)
        label = word.code.rpartition(":")[2] if word.code else Path(word.name).stem
        is_file = not word.code and word.live is None
        kept = KerasModel(lambda: made, sizes.given, _digest(on_disk(word)) if is_file else "")
        model = Model(label, word, "keras", replace(count, name=label), sizes.knobs, keras=kept)
        if not (asked.variants or asked.kinds):
            return [model]
        if asked.exported is None:
            raise ValueError(f"{word.name}: nothing exports it here")
        return of_file(asked.exported(model, batch), word, asked, variants, Sizes({}), label)

    def _made(self, word: Word, *, keep: bool = False) -> Any:
        """Return the Keras model, or the SavedModel, that a word names; one that is kept is handed out once more."""
        from costlens.readers.keras import imported, load, load_saved

        if word.live is not None:
            return word.live
        made = self._kept.pop(word, None)
        if made is None and word.code:
            made = imported(word.code)
        elif made is None and word.path.suffix == ".pb":
            if not word.named:
                raise UsageError(f"{word.name}: TensorFlow runs what initialises a SavedModel; name this one itself")
            made = load_saved(word.path.parent, word.name)
        elif made is None:
            made = load(on_disk(word), word.name)
        if keep:
            self._kept[word] = made
        return made


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
