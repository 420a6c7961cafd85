"""The same random inputs for every runtime: made by position, shape, type and seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from costlens.runtimes.onnxruntime import random_input

_OTHER_NAMES = {"float32": "float", "float64": "double"}


def filled(name: str, dtype: str, shape: tuple[int, ...], *, seed: int, index: int, path: Path) -> Any:
    """Return the array of the input at ``index`` of a network; ``dtype`` is numpy's name of it."""
    return random_input(name, f"tensor({_OTHER_NAMES.get(dtype, dtype)})", shape, (seed, index), path)
