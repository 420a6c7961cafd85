"""Read an ONNX file without its weights: their bytes are stepped over, their names, types and sizes kept.

ONNX is protocol buffers: a message is a run of (field number and wire type, value), and a nested message is a value
preceded by its length (https://protobuf.dev/programming-guides/encoding/). Field numbers: onnx/onnx.proto.
"""

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from costlens.errors import RuntimeUnavailable, UsageError

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SMALL = 4096
"""A tensor of this many bytes or fewer is kept whole: it may be a shape, which other shapes depend on."""

_PAYLOAD = frozenset({4, 5, 6, 7, 9, 10, 11})  # TensorProto: float_data … raw_data … uint64_data
_NESTED: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph"},
    "tensor": {},
}


def model(path: Path) -> Any:
    """Return the ``onnx.ModelProto`` of a file with the payload of its large tensors left out.

    UsageError where the file is not an ONNX model, RuntimeUnavailable where the package onnx is missing.
    """
    try:
        import onnx
    except ImportError as error:
        raise RuntimeUnavailable(
            f"{path}: reading it needs onnx, which cannot be imported ({error}); install it with: pip install onnx"
        ) from error
    data = skim(path)
    try:
        return onnx.ModelProto.FromString(data)
    except Exception as error:  # protobuf's own DecodeError, which has a new home in each of its versions
        raise _unreadable(path, error) from error


def skim(path: Path) -> bytes:
    """Return the serialised model of a file with the payload of its large tensors left out.

    UsageError where the file cannot be read or is not a sequence of protocol buffer fields.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return b"".join(_message(data, 0, len(data), "model"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> UsageError:
    reason = getattr(error, "strerror", None) or error
    return UsageError(f"{path}: cannot be read as an ONNX file: {reason}")


def _message(data: mmap.mmap, start: int, end: int, kind: str) -> Iterator[bytes]:
    nested = _NESTED[kind]
    drop = _PAYLOAD if kind == "tensor" and end - start > _SMALL else frozenset()
    for number, wire, at, body, after in _fields(data, start, end):
        if number in drop:
            continue
        if wire == _BYTES and number in nested:
            inner = b"".join(_message(data, body, after, nested[number]))
            yield _varint_bytes(number << 3 | _BYTES) + _varint_bytes(len(inner)) + inner
        else:
            yield data[at:after]


def _fields(data: mmap.mmap, start: int, end: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield (field number, wire type, start of the field, start and end of its value)."""
    at = start
    while at < end:
        key, body = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            _, after = _varint(data, body)
        elif wire == _BYTES:
            length, body = _varint(data, body)
            after = body + length
        elif wire in (_FIXED64, _FIXED32):
            after = body + (8 if wire == _FIXED64 else 4)
        else:
            raise ValueError(f"wire type {wire} at byte {at}")
        if after > end or number == 0:
            raise ValueError(
                f"a field at byte {at} does not end in its message; the file is cut off or not an ONNX file"
            )
        yield number, wire, at, body, after
        at = after


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:  # noqa: PLR2004  # a varint holds 64 bits
            raise ValueError(f"an unfinished number at byte {at}")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:  # noqa: PLR2004  # the high bit says that more follows
            return value, at
        shift += 7


def _varint_bytes(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:  # noqa: PLR2004
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
