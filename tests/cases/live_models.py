"""Keras models of this process as tasks see them."""

from pathlib import Path
from typing import Any

from costlens.readers.keras import read
from costlens.sources._source import KerasModel, Model
from costlens.sources._word import Word


def live_model(model: Any, name: str) -> Model:
    """Return a Keras model with its count."""
    return Model(name, Word(name, Path(name)), "keras", read(model, name=name), keras=KerasModel(lambda: model, {}))
