"""The top level of a spec beside its layers: name, knobs and their settings, inputs, published figures, budget."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from costlens.analysis.budgets import Limit
from costlens.arithmetic.figures import FigureError
from costlens.arithmetic.shapes import Limits, Shape
from costlens.spec import tree
from costlens.spec.fields import FieldError, one_value, settle
from costlens.spec.model import EXPECTED, LIMITED, limit, other_figure, published
from costlens.spec.parse import Fields, is_name
from costlens.spec.problems import START, Problems
from costlens.spec.tree import Place, Scalar, Tree
from costlens.spec.values import Values

MODEL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
MAX_AXES = 4
_MAX_FIGURE = 40
_SIZE = one_value(int, limits=Limits(ge=1))
_AXES = {
    1: ("samples",), 2: ("time", "channels"), 3: ("height", "width", "channels"),
    4: ("depth", "height", "width", "channels"),
}  # fmt: skip
"""What sizes are called by their number."""
_DEFAULTS = {"samples": 16000, "time": 100, "height": 224, "width": 224, "channels": 3, "depth": 16}
_SIZES = "a list of 1 to 4 whole numbers from 1, such as [96, 64, 1]"


class Input(NamedTuple):
    """The shape of an input, None where that has been reported, and where the input is written."""

    shape: Shape | None
    at: Place


def model_name(top: Fields, problems: Problems) -> str:
    """Read ``name``."""
    if "name" not in top:
        problems.add(START, "", "name: missing; every spec has one, such as name: yamnet")
        return ""
    given = top["name"].value
    word = tree.word_of(given)
    if not MODEL_NAME.fullmatch(word):
        expected = "expected letters, digits, _ and -, a letter first"
        problems.add(given, "name", f"{expected}, received {tree.show(given)}")
    return word


def text(fields: Fields, name: str, path: str, problems: Problems) -> str:
    """Read an optional field of free text."""
    entry = fields.get(name)
    if entry is None:
        return ""
    if isinstance(entry.value, Scalar) and entry.value.value is not None:
        return entry.value.text
    problems.add(entry.value, path, f"expected a text, received {tree.what(entry.value)}")
    return ""


def inputs(top: Fields, values: Values, problems: Problems) -> dict[str, Input]:
    """Read ``input`` or ``inputs``."""
    one, several = top.get("input"), top.get("inputs")
    if one and several:
        problems.add(several, "inputs", "input is there already; keep one of the two")
    if one and isinstance(one.value, tree.Mapping):
        problems.add(one, "input", "expected the sizes of one input; write several under inputs:, by name")
        return {name: Input(None, tree.place_of(one, "input")) for name in one.value.entries}
    if one:
        return {"input": Input(_shape(one.value, "input", values, problems), tree.place_of(one, "input"))}
    if several is None:
        problems.add(START, "", "input: missing; give its sizes without the batch, such as [96, 64, 1]")
        return {}
    given = problems.entries(several, "inputs", "names with their sizes", "expected at least one input")
    found = {}
    for name, entry in given.items():
        is_name(name, entry, "inputs", problems)
        shape = _shape(entry.value, f"inputs.{tree.shorten(name)}", values, problems)
        found[name] = Input(shape, tree.place_of(entry, "inputs"))
    return found


def _shape(given: Tree, path: str, values: Values, problems: Problems) -> Shape | None:
    if not isinstance(given, tree.Sequence) or not 1 <= len(given.items) <= MAX_AXES:
        problems.add(given, path, f"expected {_SIZES}, received {tree.show(given)}")
        return None
    free = [place for place, item in enumerate(given.items) if _is_free(item)]
    if free:
        problems.add(given.items[free[0]], path, _free_axes(given, path, free))
        return None
    sizes: list[int] = []
    for item in given.items:
        try:
            size = settle(item, _SIZE, values)
        except FieldError as error:
            problems.add(error.at, path, error.message(_SIZES))
            continue
        if isinstance(size, int) and size >= 1:
            sizes.append(size)
        else:
            shown = f"{tree.show(item)} = {size}" if isinstance(getattr(item, "value", 0), str) else tree.show(item)
            problems.add(item, path, f"expected {_SIZES}, received {shown}")
    return tuple(sizes) if len(sizes) == len(given.items) else None


def _is_free(item: Tree) -> bool:
    return isinstance(item, Scalar) and item.value in (None, -1, "?", "None")


def _free_axes(given: tree.Sequence, path: str, free: list[int]) -> str:
    """Say what to write in the place of sizes that are left open."""
    items, said = list(given.items), []
    if free[0] == 0 and len(items) == MAX_AXES:
        said.append("the batch is left out")
        items, free = items[1:], [place - 1 for place in free[1:]]
    axes = _AXES[len(items)]
    named = [axes[place] if place in free else tree.written(item) for place, item in enumerate(items)]
    remedy = f"{path.rpartition('.')[2]}: [{', '.join(named)}]"
    if not free:
        return f"{said[0]}: write {remedy}"
    said.append("a free size is a knob with a default")
    knobs = ", ".join(f"{axes[place]}: {_DEFAULTS[axes[place]]}" for place in free)
    first = axes[free[0]]
    other = f"--set {first}={_DEFAULTS[first] * 2} sets another"
    return f"{', and '.join(said)}: write knobs: {{{knobs}}} and {remedy}; {other}"


def limits(top: Fields, problems: Problems) -> tuple[Limit, ...]:
    """Read ``expect``, published figures and their source, and ``budget``, what the network may cost at most."""
    quoted = problems.entries(top.get("expect"), "expect", "figures, such as {macs: 569M, source: …}")
    if "expect" in top and isinstance(top["expect"].value, tree.Mapping) and not quoted.keys() - {"source"}:
        problems.add(top["expect"], "expect", "quotes no figure; give some, such as macs: 569M, or take it out")
    allowed = problems.entries(top.get("budget"), "budget", "figures, such as {macs: 600M, latency_ms: 40}")
    if "budget" in top and isinstance(top["budget"].value, tree.Mapping) and not allowed:
        problems.add(top["budget"], "budget", "limits nothing; give it figures, such as macs: 600M, or take it out")
    source = text(quoted, "source", "expect.source", problems)
    figures = {name: entry for name, entry in quoted.items() if name != "source"}
    return (*_limits("expect", figures, problems, source), *_limits("budget", allowed, problems))


def _limits(
    path: Literal["expect", "budget"], given: Fields, problems: Problems, published_in: str = ""
) -> Iterator[Limit]:
    known = EXPECTED if path == "expect" else LIMITED
    for name, entry in given.items():
        if name not in known:
            shown, words = tree.shorten(name), (*known, "source") if path == "expect" else known
            problems.add(entry, path, f"{shown}: unknown field{other_figure(shown, words)}")
            continue
        written = entry.value.text if isinstance(entry.value, Scalar) else ""
        written = written if len(written) <= _MAX_FIGURE else ""
        try:
            figure = published(name, written) if path == "expect" else limit(name, written)
        except FigureError as error:
            problems.add(entry.value, path, f"{name}: {error.expected}, received {tree.show(entry.value)}")
        else:
            yield Limit(path, name, figure, problems.file, entry.line, entry.column, published_in)
