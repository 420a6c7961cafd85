"""A TensorFlow Lite file → its sub-graphs, tensors and operators, each checked to be inside the file."""

from __future__ import annotations

import mmap
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlens.errors import UsageError
from costlens.readers.tflite import schema
from costlens.readers.tflite.flatbuffer import MalformedError, Reader, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_AXES = 32
_SECOND_UNION = frozenset({"STABLEHLO_COMPOSITE"})
_CUSTOM = "CUSTOM"
_ZERO_POINT = 8
"""Bytes of a zero point in a file."""


@dataclass(frozen=True, slots=True)
class Held:
    """Where the bytes of a buffer lie: in the file, or in another one where ``outside`` is set."""

    start: int
    size: int
    outside: bool = False


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """A tensor as the file has it. ``shape`` is None where the file gives none; ``free`` are its axes without a size.

    held: its bytes, where the file holds them; tensors may share them. scales: where its numbers stand for real ones,
    scale · (number - zero point), one of them or one a channel; ``zero_points`` is how many the file holds.
    """

    name: str
    dtype: str
    shape: tuple[int, ...] | None
    free: tuple[int, ...]
    held: Held | None
    variable: bool
    sparse: bool
    scales: tuple[float, ...] = ()
    zero_points: int = 0

    @property
    def quantized(self) -> bool:
        """Whether its numbers stand for real ones."""
        return bool(self.scales)


@dataclass(frozen=True, slots=True)
class OperatorEntry:
    """An operator: its name, whether it is a custom one, its tensors by index (-1 for one left out), its options."""

    op: str
    custom: bool
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SubGraph:
    """A sub-graph: the first one is the network, the others are called by operators."""

    name: str
    tensors: Sequence[TensorEntry]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    operators: Sequence[OperatorEntry]


@dataclass(frozen=True, slots=True)
class Model:
    """A file, open as long as it is read: weights stay on the disk."""

    subgraphs: Sequence[SubGraph]
    data: mmap.mmap

    def bytes_of(self, held: Held) -> bytes:
        """Return the bytes of a buffer of this file."""
        return self.data[held.start : held.start + held.size]


@dataclass(frozen=True, slots=True)
class _Buffers:
    """The buffers of a file by their place, and those of other files by their number."""

    own: Sequence[Held | None]
    outside: Mapping[int, Held]

    def of(self, tensor: Table, name: str) -> Held | None:
        """Return what a tensor holds; MalformedError where there is no such buffer."""
        own = tensor.number(schema.TENSOR["buffer"], "I")
        outside = tensor.number(schema.TENSOR["external_buffer"], "I")
        if (own and own >= len(self.own)) or (outside and outside not in self.outside):
            raise MalformedError(f"tensor {name} names buffer {outside or own}, which is not there")
        return self.outside[outside] if outside else (self.own[own] if self.own else None)


@contextmanager
def opened(path: Path) -> Iterator[Model]:
    """Open a file; UsageError where it is not a TensorFlow Lite model, is cut short or contradicts itself."""
    try:
        with path.open("rb") as stream:
            if not path.stat().st_size:
                raise UsageError(f"{path}: cannot be read as a TensorFlow Lite file: it is empty")
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                yield _model(data)
    except MalformedError as error:
        raise UsageError(f"{path}: cannot be read as a TensorFlow Lite file: {error}") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error


def _model(data: mmap.mmap) -> Model:
    if data[4:8] != schema.IDENTIFIER:
        raise MalformedError(f"its bytes 4 to 7 are {bytes(data[4:8])!r}, not {schema.IDENTIFIER!r}")
    reader = Reader(data)
    root = reader.root()
    codes = [_code(table) for table in root.tables(schema.MODEL["operator_codes"])]
    buffers = [_held(table, reader.size) for table in root.tables(schema.MODEL["buffers"])]
    outside = {
        table.number(schema.EXTERNAL_BUFFER["id"], "I"): Held(
            0, table.number(schema.EXTERNAL_BUFFER["length"], "Q"), True
        )
        for table in root.tables(schema.MODEL["external_buffers"])
    }
    graphs = [_subgraph(table, codes, _Buffers(buffers, outside)) for table in root.tables(schema.MODEL["subgraphs"])]
    if not graphs or not graphs[0].operators:
        raise MalformedError("it holds no graph, or an empty one")
    return Model(graphs, data)


def _code(table: Table) -> tuple[str, bool]:
    """Return the name of an operator, and whether it is a custom one.

    Old files hold the number in a byte, newer ones in both places; the larger is meant (schema.fbs, OperatorCode).
    """
    fields = schema.OPERATOR_CODE
    number = max(table.number(fields["deprecated_builtin_code"], "b"), table.number(fields["builtin_code"], "i"))
    if not 0 <= number < len(schema.OPERATORS):
        return f"number {number}", False
    name = schema.OPERATORS[number]
    return (table.text(fields["custom_code"]) or "without a name", True) if name == _CUSTOM else (name, False)


def _held(table: Table, file_size: int) -> Held | None:
    """Return where the bytes of a buffer lie; None where it holds none.

    Files of more than 2 GB keep them behind the FlatBuffer.
    """
    start, size = table.span(schema.BUFFER["data"])
    if not size:
        start, size = table.number(schema.BUFFER["offset"], "Q"), table.number(schema.BUFFER["size"], "Q")
        if start > 1 and start + size > file_size:
            raise MalformedError(f"the {size:,} bytes of a buffer at byte {start:,} are not all in it")
        size = size if start > 1 else 0
    return Held(start, size) if size else None


def _subgraph(table: Table, codes: Sequence[tuple[str, bool]], buffers: _Buffers) -> SubGraph:
    fields = schema.SUB_GRAPH
    tensors = [_tensor(each, buffers) for each in table.tables(fields["tensors"])]
    count = len(tensors)

    def indices(of: Table, field: int, least: int = 0) -> tuple[int, ...]:
        found = of.numbers(field) or ()
        if any(not least <= index < count for index in found):
            raise MalformedError(f"it names tensor {max(found, key=abs)} of {count}")
        return found

    operators = []
    for each in table.tables(fields["operators"]):
        code = each.number(schema.OPERATOR["opcode_index"], "I")
        if code >= len(codes):
            raise MalformedError(f"it names operator code {code} of {len(codes)}")
        op, custom = codes[code]
        inputs = indices(each, schema.OPERATOR["inputs"], -1)
        outputs = indices(each, schema.OPERATOR["outputs"], -1)
        operators.append(OperatorEntry(op, custom, inputs, outputs, {} if custom else _options(op, each)))
    return SubGraph(
        table.text(fields["name"]),
        tensors,
        indices(table, fields["inputs"], -1),
        indices(table, fields["outputs"], -1),
        operators,
    )


def _tensor(table: Table, buffers: _Buffers) -> TensorEntry:
    fields = schema.TENSOR
    name = table.text(fields["name"])
    shape = table.numbers(fields["shape"])
    signature = table.numbers(fields["shape_signature"]) or ()
    kind = table.number(fields["type"], "b")
    if not 0 <= kind < len(schema.TYPES):
        raise MalformedError(f"tensor {name} is of type {kind}, which the format does not have")
    held = buffers.of(table, name)
    if shape is not None and len(shape) > _MOST_AXES:
        raise MalformedError(f"tensor {name} has {len(shape):,} axes")
    if any(size < 0 for size in shape or ()):
        raise MalformedError(f"tensor {name} has a size below 0: {list(shape or ())}")
    free = tuple(axis for axis, size in enumerate(signature[:_MOST_AXES]) if size < 0)
    if signature and shape is not None and len(signature) != len(shape):
        shape, free = None, ()
    if not shape and held is None and not table.number(fields["has_rank"], "b"):
        shape = None  # old files write a scalar and a tensor of unknown rank alike
    quantization = table.table(fields["quantization"])
    return TensorEntry(
        name,
        schema.TYPES[kind],
        shape if shape is not None or held is None else (),
        free,
        held,
        bool(table.number(fields["is_variable"], "b")),
        table.has(fields["sparsity"]),
        (quantization.numbers(schema.QUANTIZATION["scale"], "f") or ()) if quantization else (),
        quantization.span(schema.QUANTIZATION["zero_point"], _ZERO_POINT)[1] // _ZERO_POINT if quantization else 0,
    )


def _options(op: str, table: Table) -> Mapping[str, Any]:
    """Return the options of an operator by name; the defaults where it has none, or those of another operator."""
    if op not in schema.OPTIONS:
        return {}
    _, number, _ = schema.OPTIONS[op]
    union = "builtin_options_2" if op in _SECOND_UNION else "builtin_options"
    own = table.number(schema.OPERATOR[f"{union}_type"], "B") == number
    options = table.table(schema.OPERATOR[union]) if own else None
    found: dict[str, Any] = {}
    for field, (name, form, default) in enumerate(_fields(op)):
        if form == "*":
            found[name] = options.numbers(field) if options else None
        elif form not in ("f", "_"):
            found[name] = options.number(field, form, default) if options else default
    return found


@cache
def _fields(op: str) -> tuple[tuple[str, str, int], ...]:
    """Return name, form and default of each field of an operator's options."""
    split = (written.partition(":") for written in schema.OPTIONS[op][2].split())
    return tuple((name, rest.partition("=")[0], int(rest.partition("=")[2] or 0)) for name, _, rest in split)
