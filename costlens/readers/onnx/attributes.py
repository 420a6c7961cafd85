"""The attributes of a node, as Python's values."""

from collections.abc import Callable, Mapping
from typing import Any


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


_READ: Mapping[int, Callable[[Any], Any]] = {  # AttributeProto.AttributeType
    1: lambda one: one.f,
    2: lambda one: one.i,
    3: lambda one: _text(one.s),
    4: lambda one: one.t,
    5: lambda one: one.g,
    6: lambda one: list(one.floats),
    7: lambda one: list(one.ints),
    8: lambda one: [_text(each) for each in one.strings],
    11: lambda one: one.sparse_tensor,
}
_FIELDS = {"f": 1, "i": 2, "s": 3, "t": 4, "g": 5}


def value(attribute: Any) -> Any:
    """Return the value of an attribute; None for a kind that decides nothing. Old files do not say which kind it is."""
    kind = attribute.type or next((kind for name, kind in _FIELDS.items() if attribute.HasField(name)), 0)
    if not kind:
        return list(attribute.ints) or list(attribute.floats)
    read = _READ.get(kind)
    return read(attribute) if read else None


def attributes(node: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node's attributes; ``given``: those of the function around it, which a node's own may refer to.

    A reference to what is not there is left out, or is the value that it has as well, as onnxruntime takes it.
    """
    found = {}
    for one in node.attribute:
        if one.ref_attr_name in given:
            found[one.name] = given[one.ref_attr_name]
        elif not one.ref_attr_name or one.ints or one.floats or any(map(one.HasField, _FIELDS)):
            found[one.name] = value(one)
    return found


_WORDS = ("auto_pad", "direction", "equation")
_SWITCHES = ("ceil_mode", "keepdims", "layout")
_WHOLE = ("axis", "batch_dims", "group", "hidden_size", "num_heads", "to")
_COUNTS = ("dilations", "kernel_shape", "strides")
_LISTS = (*_COUNTS, "axes", "output_padding", "output_shape", "pads", "perm")
_RULES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(_WORDS, ("a word", lambda found: isinstance(found, str))),
    **dict.fromkeys(_SWITCHES, ("0 or 1", lambda found: isinstance(found, int) and found in (0, 1))),
    **dict.fromkeys(_WHOLE, ("a whole number", lambda found: isinstance(found, int))),
    **dict.fromkeys(_LISTS, ("whole numbers", lambda found: _are(found, int))),
    **dict.fromkeys(_COUNTS, ("1 or more each", lambda found: _are(found, int) and all(one > 0 for one in found))),
}


def _are(found: Any, kind: type) -> bool:
    return isinstance(found, list) and all(isinstance(one, kind) for one in found)


def check(found: Mapping[str, Any]) -> None:
    """Hold the attributes that many operators share to what they can be, which a file may get wrong; TypeError."""
    for name, held in found.items():
        wanted, holds = _RULES.get(name, ("", None))
        if holds is not None and not holds(held):
            raise TypeError(f"{name} must be {wanted}")
