"""The same inputs for every runtime: given ones, else made of place, shape, type, seed and what a graph asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costlens.errors import BenchError

TYPES = (
    "bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
)  # fmt: skip
TEXT = "string"
WORD = "1"
"""What a text is made of: a number, since some graphs read one from it."""

Number = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a model: its shape, its type as NumPy calls it (empty where the file says it), what is to be in it.

    ``file``: an ``.npz`` file that holds it by its name. ``values``: those of each element in order, or the one of all.
    ``low`` and ``high``: the least and the largest of its numbers. ``why``: where these come from, in a few words.
    Without any of these it is filled as :func:`random_input` does.
    """

    shape: tuple[int, ...]
    dtype: str = ""
    low: int | None = None
    high: int | None = None
    values: tuple[Number, ...] = ()
    why: str = ""
    file: Path | None = None


Inputs = Mapping[str, Input]
"""The inputs of a model by their names."""


def said(inputs: Inputs) -> str:
    """Say what the inputs of a run are: what was made up, or the file that holds them; nothing where there are none.

    >>> said({"x": Input((1, 8), "float32"), "t": Input((1, 9), "int64", 0, 511, why="its table")})
    'made up: x float32 at random, t int64 0..511 (its table)'
    >>> said({"n": Input((1,), "int64", values=(1000,), why="its axis"), "on": Input((), "bool", values=(True,))})
    'made up: n = 1,000 (its axis), on = True'
    """
    files = dict.fromkeys(str(one.file) for one in inputs.values() if one.file is not None)
    made = [_said(name, one) for name, one in inputs.items() if one.file is None]
    parts = [f"inputs of {', '.join(files)}" if files else "", f"made up: {', '.join(made)}" if made else ""]
    return "; ".join(filter(None, parts))


def _said(name: str, one: Input) -> str:
    why = f" ({one.why})" if one.why else ""
    if one.values:
        first, *others = dict.fromkeys(one.values)
        written = [f"{each:,}" if type(each) is int else str(each) for each in ((first,) if not others else one.values)]
        return f"{name} = {written[0] if not others else '[' + ', '.join(written) + ']'}{why}"
    span = "at random" if one.high is None else f"{one.low or 0:,}..{one.high:,}"
    return f"{' '.join(filter(None, (name, one.dtype, span)))}{why}"


def filled(name: str, dtype: str, given: Input, seed: Sequence[int], path: Path) -> Any:
    """Return the array of an input, of a NumPy type (or ``string``).

    BenchError for a type that no array holds, and where the file that holds it cannot be read.
    """
    import numpy

    if given.file is not None:
        try:
            with numpy.load(given.file, allow_pickle=False) as held:
                return _of_type(numpy.ascontiguousarray(held[name]).reshape(given.shape), dtype)
        except (OSError, ValueError, KeyError) as problem:
            raise BenchError(f"{given.file}: input {name!r} cannot be read: {problem}") from problem
    kind = _kind(name, dtype, path)
    if given.values:
        return numpy.resize(numpy.asarray(given.values, kind), given.shape)
    if given.high is None:
        return random_input(name, dtype, given.shape, seed, path)
    low, random = given.low or 0, numpy.random.default_rng(list(seed))
    if kind.kind == "f":
        return numpy.asarray(random.uniform(low, given.high, given.shape), kind)
    return numpy.asarray(random.integers(low, given.high, size=given.shape, endpoint=True), kind)


def concrete_shape(name: str, shape: Sequence[int | str | None], batch: int, path: Path) -> tuple[int, ...]:
    """Put the batch where the leading axis is dynamic; BenchError where another axis is.

    >>> concrete_shape("x", ["N", 96, 64, 1], 4, Path("m.onnx"))
    (4, 96, 64, 1)
    """
    filled = []
    for axis, size in enumerate(shape):
        if axis and not isinstance(size, int):
            raise BenchError(
                f"{path}: input {name!r}: axis {axis} of {list(shape)} is dynamic; only the leading (batch) "
                "axis may be; fix the others when exporting"
            )
        filled.append(size if isinstance(size, int) else batch)
    return tuple(filled)


def random_input(name: str, dtype: str, shape: tuple[int, ...], seed: Sequence[int], path: Path) -> Any:
    """Return a random array of a NumPy type: standard normal, 8-bit over its whole range, other integers 0 or 1.

    Wider integers are mostly indices, and 0 and 1 are indices into any table. Texts are all alike. BenchError for
    other types.
    """
    import numpy

    kind = _kind(name, dtype, path)
    random = numpy.random.default_rng(list(seed))
    if kind.kind == "O":
        return numpy.full(shape, WORD, kind)
    if kind.kind == "f":
        return numpy.asarray(random.standard_normal(shape, numpy.float32), kind)
    if kind.kind in "iu" and kind.itemsize == 1:
        limits = numpy.iinfo(kind)
        return numpy.asarray(random.integers(limits.min, limits.max, size=shape, endpoint=True), kind)
    return numpy.asarray(random.integers(0, 2, size=shape), kind)


def _kind(name: str, dtype: str, path: Path) -> Any:
    """Return NumPy's type of a name; texts are objects. BenchError where there is none."""
    import numpy

    if dtype not in (*TYPES, TEXT):
        raise BenchError(
            f"{path}: input {name!r} is of type {dtype}, which has no random values; known: {', '.join((*TYPES, TEXT))}"
        )
    return numpy.dtype(object if dtype == TEXT else dtype)


def _of_type(array: Any, dtype: str) -> Any:
    """Return texts as objects, as runtimes take them."""
    return array.astype(object) if dtype == TEXT else array
