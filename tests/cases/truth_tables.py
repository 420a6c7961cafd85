"""Totals and layers that were established outside this project, as they stand in ``tests/cases/truth``.

``classic_totals.csv``: plain arithmetic over each network's table. ``*_layers.csv``: Keras's own count of the authors'
models, layer by layer. Shapes have the batch in front.
"""

import csv
from ast import literal_eval
from typing import NamedTuple

from costlens.arithmetic.shapes import Shape
from tests.places import TRUTH

FOLDER = TRUTH


class Total(NamedTuple):
    """What a network holds and multiplies."""

    trainable: int
    non_trainable: int
    kernels: int
    macs: int


class TrueLayer(NamedTuple):
    """One Keras layer; ``kernel`` as in ``3x3x64x128``, or a pool's ``2x2``, or empty."""

    name: str
    type: str
    kernel: str
    output: Shape
    trainable: int
    non_trainable: int
    macs: int


def totals() -> dict[str, Total]:
    """Return the totals by the name of the model."""
    columns = ("params_trainable", "bn_nontrainable", "kernel_weights_only", "macs")
    return {row["model"]: Total(*(int(row[column]) for column in columns)) for row in _rows("classic_totals")}


def layers(network: str) -> list[TrueLayer]:
    """Return the layers of a network, input first."""
    return [
        TrueLayer(
            row["layer"],
            row["type"],
            row["kernel"],
            literal_eval(row["out_shape"])[1:],
            int(row["params_trainable"]),
            int(row["params_nontrainable"]),
            int(row["macs"]),
        )
        for row in _rows(f"{network}_layers")
    ]


def _rows(table: str) -> list[dict[str, str]]:
    with (FOLDER / f"{table}.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
