"""Read an ONNX file without its weights: their bytes are stepped over, their names, types and sizes kept.

ONNX is protocol buffers: a message is a run of (field number and wire type, value), and a nested message is a value
preceded by its length (https://protobuf.dev/programming-guides/encoding/). Runs of small fields are copied as one
slice, and only fields that hold a large tensor are opened.
"""

import mmap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from costlens.errors import UsageError
from costlens.readers.onnx.schema import PAYLOAD, messages

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MORE = 0x80  # set in each byte of a varint but the last
_BITS = 64
_SMALL = 4096
"""A field of this many bytes or fewer is copied whole. A small tensor may be a shape, which others depend on."""
_KEPT = 32_768
"""Payloads of integers of this many bytes or fewer are kept: 4,096 numbers of 64 bits."""

_WHOLE = 64 << 20
"""A file of this many bytes or fewer is parsed with all its numbers."""

_INTEGERS = frozenset({2, 3, 4, 5, 6, 7, 9, 12, 13})  # TensorProto.DataType
_NESTED: Mapping[str, Mapping[int, str]] = {
    "Model": {7: "Graph", 25: "Function"},
    "Graph": {1: "Node", 5: "Tensor", 15: "Sparse"},
    "Function": {7: "Node", 11: "Attribute"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "Sparse", 23: "Sparse"},
    "Sparse": {1: "Tensor", 2: "Tensor"},
}
_DATA_TYPE = 2
_NUMBERS = frozenset({4, 5, 6, 7, 9, 10, 11})  # Tensor: float_data … raw_data … uint64_data
_DEEPEST = 100
"""Messages within messages: protobuf's own limit."""


def model(path: Path) -> Any:
    """Return the ``Model`` of a file, of a large one without its large tensors' numbers; UsageError if it is none.

    To step over numbers costs a call for each message, more than to copy those of a file of tens of megabytes.
    """
    kind = messages()["Model"]
    try:
        whole = path.stat().st_size <= _WHOLE
        return (_whole(path, kind) if whole else None) or kind.FromString(slim(path))
    except Exception as error:  # protobuf's DecodeError has a new home in each of its versions
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: cannot be read as an ONNX file: {reason}") from error


def slim(path: Path) -> bytes:
    """Return the serialised model of a file with the numbers of its large tensors left out."""
    with _bytes(path) as data:
        return b"".join(_message(data, 0, len(data), "Model", 0))


def _whole(path: Path, kind: Any) -> Any:
    """Return the ``Model`` of a file with all its numbers; None where it is none, which stepping over them explains."""
    with _bytes(path) as data, memoryview(data) as view:
        try:
            return kind.FromString(view)
        except Exception:  # as above
            return None


@contextmanager
def _bytes(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def parsed(data: bytes) -> Any:
    """Return the ``Model`` of a serialised one; UsageError if it is not one."""
    kind = messages()["Model"]
    try:
        return kind.FromString(b"".join(_message(data, 0, len(data), "Model", 0)))
    except Exception as error:
        raise UsageError(f"cannot be read as an ONNX model: {error}") from error


def _message(data: Any, start: int, end: int, kind: str, depth: int) -> Iterator[bytes]:
    """Yield the parts of a slim copy of a message."""
    if depth > _DEEPEST:
        raise ValueError(f"messages are nested more than {_DEEPEST} deep")
    if kind == "Tensor":
        yield from _tensor(data, start, end)
        return
    nested = _NESTED.get(kind, {})
    copied = at = start
    while at < end:
        begin = at
        key, at = (data[at], at + 1) if data[at] < _MORE else _varint(data, at, end)  # most are of one byte
        wire = key & 7
        if wire == _BYTES:
            length, at = (data[at], at + 1) if at < end and data[at] < _MORE else _varint(data, at, end)
            body, at = at, at + length
            if length > _SMALL and at <= end and (inner := nested.get(key >> 3)):
                yield data[copied:begin]
                slim = b"".join(_message(data, body, at, inner, depth + 1))
                yield _as_varint(key) + _as_varint(len(slim))
                yield slim
                copied = at
        else:
            at = _after(data, at, end, wire)
        if at > end or key < 8:  # noqa: PLR2004  # field 0 does not exist
            raise ValueError(f"a field at byte {begin} does not end in its message; the file is cut off or not ONNX")
    yield data[copied:end]


def _tensor(data: Any, start: int, end: int) -> Iterator[bytes]:
    """Yield the fields of a tensor without its numbers where those are many, and say how many bytes they take."""
    fields = list(_fields(data, start, end))
    kind = next((_varint(data, body, end)[0] for number, _, body, _ in fields if number == _DATA_TYPE), 0)
    numbers = [(begin, after) for number, begin, _, after in fields if number in _NUMBERS]
    whole = sum(after - begin for begin, after in numbers) <= (_KEPT if kind in _INTEGERS else _SMALL)
    for number, begin, _, after in fields:
        if whole or number not in _NUMBERS:
            yield data[begin:after]
    if not whole:
        payload = sum(after - body for number, _, body, after in fields if number in _NUMBERS)
        yield _as_varint(PAYLOAD << 3) + _as_varint(payload)


def _fields(data: Any, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (field number, start of the field, start and end of its value)."""
    at = start
    while at < end:
        begin = at
        key, at = _varint(data, at, end)
        wire, body = key & 7, at
        if wire == _BYTES:
            length, body = _varint(data, at, end)
            at = body + length
        else:
            at = _after(data, at, end, wire)
        if at > end or key < 8:  # noqa: PLR2004
            raise ValueError(f"a field at byte {begin} does not end in its message; the file is cut off or not ONNX")
        yield key >> 3, begin, body, at


def _after(data: Any, at: int, end: int, wire: int) -> int:
    """Return where a value of fixed or variable width ends."""
    if wire == _VARINT:
        return _varint(data, at, end)[1]
    if wire in (_FIXED64, _FIXED32):
        return at + (8 if wire == _FIXED64 else 4)
    raise ValueError(f"wire type {wire} at byte {at}")


def _varint(data: Any, at: int, end: int) -> tuple[int, int]:
    """Return an unsigned integer of seven bits a byte, the lowest first, and where it ends."""
    if at >= end:
        raise ValueError(f"an unfinished number at byte {at}")
    value = data[at]
    at += 1
    if value < _MORE:
        return value, at
    value &= _MORE - 1
    shift = 7
    while True:
        if at >= end or shift >= _BITS:
            raise ValueError(f"an unfinished number at byte {at}")
        byte = data[at]
        at += 1
        value |= (byte & (_MORE - 1)) << shift
        if byte < _MORE:
            return value, at
        shift += 7


def _as_varint(value: int) -> bytes:
    out = bytearray()
    while value >= _MORE:
        out.append(value & (_MORE - 1) | _MORE)
        value >>= 7
    out.append(value)
    return bytes(out)
