"""ONNX files with random mistakes: bytes and fields of real ones changed, taken away, doubled and put elsewhere."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import onnx
from onnx import defs

from tests.cases.hard_onnx import RIGHT
from tests.cases.onnx_cases import COUNTED, save
from tests.cases.onnx_faults import FORMS

LARGEST = 2_000_000
"""Bytes of a file that is changed; larger ones hold nothing but more weights."""
_NUMBERS = (0, 1, -1, 2, 3, 7, 100, 4096, 1 << 31, (1 << 31) - 1, 1 << 40, (1 << 63) - 1, -(1 << 63))
_FLOATS = (0.0, -1.0, 0.5, 1e30, float("nan"), float("inf"), float("-inf"))
_TEXTS = ("", "x", "y", "\0", "é", "N", "SAME_UPPER", "ai.onnx.ml", "com.microsoft", "a" * 300, "../../passwd", "->")
_MOST_CHANGES = 4


Seeds = Mapping[str, Mapping[str, bytes]]
"""Models by their names, in groups."""


@cache
def seeds() -> Seeds:
    """Return what comes with onnx (tests of operators, light networks, files that PyTorch wrote), and our own cases."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nodes = {case.name: case.model.SerializeToString() for case in collect_testcases() if case.model is not None}
    data = Path(onnx.__file__).parent / "backend/test/data"
    paths = (*data.glob("light/*.onnx"), *data.glob("*/*/model.onnx"))
    stored = {path.relative_to(data).as_posix(): path.read_bytes() for path in paths if path.stat().st_size <= LARGEST}
    return {"tests of operators": nodes, "networks": stored, "own": _own()}


def _own() -> dict[str, bytes]:
    tables: tuple[Mapping[str, Any], ...] = (COUNTED, RIGHT)
    written = {title: case[:3] for table in tables for title, case in table.items()}
    written |= {title: (form.nodes, form.inputs, form.constants) for title, form in FORMS.items()}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "m.onnx"
        return {title: save(path, *case).read_bytes() for title, case in written.items()}


def drawn(random: Random, known: Seeds) -> tuple[str, bytes]:
    """Return a changed model and the name of its seed; each group of seeds is taken as often."""
    group = random.choice(list(known))
    name = random.choice(sorted(known[group]))
    return f"{group}: {name}", mutated(known[group][name], random)


def mutated(content: bytes, random: Random) -> bytes:
    """Return a model with one to four mistakes, most often in its fields, else in its bytes."""
    if random.random() < 0.3:
        return _bytes(content, random)
    model = onnx.ModelProto.FromString(content)
    for _ in range(random.randint(1, _MOST_CHANGES)):
        _field(model, random)
    try:
        return bytes(model.SerializeToString())
    except ValueError:  # a text that cannot be written
        return _bytes(content, random)


def _bytes(content: bytes, random: Random) -> bytes:
    data = bytearray(content)
    for _ in range(random.randint(1, _MOST_CHANGES)):
        at = random.randrange(len(data)) if data else 0
        far = at + random.choice((1, 2, 8, 64, 1000))
        how = random.randrange(6)
        if how == 0:
            data[at : at + 1] = bytes([random.randrange(256)])
        elif how == 1:
            del data[at:far]
        elif how == 2:
            data[at:at] = data[at:far]
        elif how == 3:
            data[at:at] = random.choice((b"\xff" * 9 + b"\x01", b"\x00" * 4, b"\xff" * 20, b"\x7f"))
        elif how == 4:
            del data[at : len(data) if random.random() < 0.3 else at + 1]
        elif data:
            data[at] ^= 1 << random.randrange(8)
    return bytes(data)


def _messages(message: Any) -> Iterator[Any]:
    """Yield a message and all within it."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for each in value if field.is_repeated else (value,):
                yield from _messages(each)


def _field(model: Any, random: Random) -> None:
    """Change one field, one in ten times a field that the file left out."""
    message = random.choice(list(_messages(model)))
    held = [field for field, _ in message.ListFields()]
    field = random.choice(held if held and random.random() < 0.9 else message.DESCRIPTOR.fields)
    try:
        if field.message_type is not None:
            _moved(model, message, field, random)
        elif field.is_repeated:
            _listed(getattr(message, field.name), _changed(model, field, random), random)
        else:
            setattr(message, field.name, _changed(model, field, random)(getattr(message, field.name)))
    except (ValueError, TypeError):  # a number that the field does not hold
        message.ClearField(field.name)


def _moved(model: Any, message: Any, field: Any, random: Random) -> None:
    """Take a message away, double it, put another of its kind there, or two in another order."""
    kind = field.message_type.full_name
    others = [each for each in _messages(model) if each.DESCRIPTOR.full_name == kind and each is not message]
    if not field.is_repeated:
        if random.random() < 0.3 or not others:
            message.ClearField(field.name)
        else:
            _copy(random.choice(others), getattr(message, field.name))
        return
    parts = getattr(message, field.name)
    how = random.randrange(5)
    if how == 0 and parts:
        del parts[random.randrange(len(parts))]
    elif how == 1 and parts:
        _copy(random.choice(parts), parts.add())
    elif how == 2 and others:
        _copy(random.choice(others), parts.add())
    elif how == 3 and parts and others:
        _copy(random.choice(others), random.choice(parts))
    else:
        kept = [type(each).FromString(each.SerializeToString()) for each in parts]
        random.shuffle(kept)
        del parts[:]
        parts.extend(kept)


def _copy(source: Any, target: Any) -> None:
    copied = type(source)()
    copied.CopyFrom(source)  # what is copied may hold the place that it is put at
    target.CopyFrom(copied)


def _listed(values: Any, change: Callable[[Any], Any], random: Random) -> None:
    kept = list(values)
    at = random.randrange(len(kept)) if kept else 0
    how = random.randrange(6)
    if how == 0 and kept:
        del kept[at]
    elif how == 1:
        kept.insert(at, change(kept[at] if kept else 0))
    elif how == 2:
        random.shuffle(kept)
    elif how == 3 and kept:
        kept *= random.choice((0, 2, 50))
    elif kept:
        kept[at] = change(kept[at])
    del values[:]
    values.extend(kept)


def _changed(model: Any, field: Any, random: Random) -> Callable[[Any], Any]:
    """Return what changes a value of a field: a number, a text or bytes."""
    if field.cpp_type == field.CPPTYPE_STRING and field.type == field.TYPE_STRING:
        return lambda value: random.choice(_texts(model, field))
    if field.cpp_type == field.CPPTYPE_STRING:
        return lambda value: random.choice((b"", value[: len(value) // 2], value + b"\0\1", b"\xff\xfe", value[::-1]))
    if field.cpp_type in (field.CPPTYPE_FLOAT, field.CPPTYPE_DOUBLE):
        return lambda value: random.choice((*_FLOATS, value + 1, -value))
    if field.cpp_type == field.CPPTYPE_ENUM:
        return lambda value: random.choice(field.enum_type.values).number
    return lambda value: random.choice((*_NUMBERS, *_near(value)))


def _near(value: Any) -> Sequence[int]:
    return (value + 1, value - 1, value * 2, -value) if isinstance(value, int) else (5,)


def _texts(model: Any, field: Any) -> Sequence[str]:
    """Return texts that stand in that field elsewhere, in any of a node's names, operators, and odd ones."""
    same = [getattr(each, field.name) for each in _messages(model) if each.DESCRIPTOR is field.containing_type]
    known = [text for each in same for text in ([each] if isinstance(each, str) else each)]
    if field.name == "op_type":
        return [*known, *_operators()]
    return [*known, *_TEXTS]


@cache
def _operators() -> tuple[str, ...]:
    return tuple(sorted({schema.name for schema in defs.get_all_schemas()}))
