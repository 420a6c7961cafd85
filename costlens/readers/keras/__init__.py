"""A Keras model → rows: what each layer stores and multiplies, by the operations of its own graph.

Nothing here knows of specs. With the counting of a spec it shares the arithmetic of ``cost.py`` only.
"""

from costlens.readers.keras.inputs import Inputs, Sizes, inputs, sizes_to_give
from costlens.readers.keras.loading import imported, load
from costlens.readers.keras.reader import read, row_names
from costlens.readers.keras.saved import Saved, load_saved, read_saved
from costlens.readers.keras.tracing import reason

__all__ = [
    "Inputs",
    "Saved",
    "Sizes",
    "imported",
    "inputs",
    "load",
    "load_saved",
    "read",
    "read_saved",
    "reason",
    "row_names",
    "sizes_to_give",
]
