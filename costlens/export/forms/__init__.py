"""Layers that have an ONNX form of their own, which tf2onnx does not write or writes slowly: one file a family.

A form says which Keras layers it is for, and writes the nodes of one call. A new one is a new file here.
"""

from functools import cache
from typing import Any

from costlens.discovery import class_in, module_names
from costlens.export.forms._form import Draft, Form

__all__ = ["Draft", "Form", "form_of"]


def form_of(layer: Any) -> Form | None:
    """Return the form of a Keras layer; None for one that tf2onnx converts."""
    return next((form for form in _forms() if form.takes(layer)), None)


@cache
def _forms() -> tuple[Form, ...]:
    return tuple(class_in(__name__, name, Form)() for name in module_names(__path__))  # type: ignore[type-abstract]
