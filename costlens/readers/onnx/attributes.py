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
    """Return a node's attributes; ``given``: those of the function around it, which a node's own may refer to."""
    found = {}
    for one in node.attribute:
        if not one.ref_attr_name:
            found[one.name] = value(one)
        elif one.ref_attr_name in given:
            found[one.name] = given[one.ref_attr_name]
    return found
