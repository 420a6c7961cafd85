"""The top level of a spec beside its layers: name, knobs and their settings, inputs, published figures, budget."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import TypeGuard

from costlens.arithmetic.shapes import Shape
from costlens.arithmetic.units import Figure, FigureError
from costlens.spec import naming, tree
from costlens.spec.expressions import FUNCTIONS
from costlens.spec.fields import MAX_SIZE, FieldError, FieldType, settle
from costlens.spec.model import EXPECTED, LIMITED, Budget, Expect, limit, other_figure, published
from costlens.spec.problems import Place, Problems, hint
from costlens.spec.scalars import plain
from costlens.spec.tree import Entry, Scalar, Tree
from costlens.spec.values import Plain, Values

MODEL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
MAX_AXES = 4
_MAX_FIGURE = 40
_SIZE = FieldType(frozenset(), whole=True, number=True, boolean=False, nullable=False)
_SIZES = "a list of 1 to 4 whole numbers from 1, such as [96, 64, 1]"

Top = Mapping[str, Entry]


def model_name(top: Top, problems: Problems) -> str:
    """Read ``name``."""
    entry = top.get("name")
    if entry is None:
        problems.add(Place(1, 1, ""), "", "name: missing; every spec has one, such as name: yamnet")
        return ""
    given = entry.value
    if isinstance(given, Scalar) and isinstance(given.value, str) and MODEL_NAME.fullmatch(given.value):
        return given.value
    expected = "expected letters, digits, _ and -, a letter first"
    problems.add(given, "name", f"{expected}, received {tree.show(given)}")
    return ""


def text(fields: Top, name: str, path: str, problems: Problems) -> str:
    """Read an optional field of free text."""
    entry = fields.get(name)
    if entry is None:
        return ""
    if isinstance(entry.value, Scalar) and entry.value.value is not None:
        return entry.value.text
    problems.add(entry.value, path, f"expected a text, received {tree.what(entry.value)}")
    return ""


def knobs(top: Top, settings: Mapping[str, object], problems: Problems) -> dict[str, Plain]:
    """Read ``knobs`` and put the settings in."""
    entry = top.get("knobs")
    given = mapping(entry, "knobs", "names with their numbers, such as {alpha: 1.0}", problems)
    found: dict[str, Plain] = {}
    for name, item in given.items():
        if not naming.NAME.fullmatch(name) or name in FUNCTIONS:
            why = "a function has this name; choose another" if name in FUNCTIONS else naming.EXPECTED
            problems.add(item, "knobs", f"{tree.shorten(name)}: {why}")
            continue
        value = item.value.value if isinstance(item.value, Scalar) else None
        if _is_knob(value):
            found[name] = value
        else:
            message = f"{name}: expected a finite number or a word, received {tree.show(item.value)}"
            problems.add(item.value, "knobs", message)
    at = entry or Place(1, 1, "")
    for name, wanted in settings.items():
        wish: object = plain(wanted.strip()) if isinstance(wanted, str) else wanted
        received = tree.shorten(str(wanted))
        if name not in given:
            known = f"; known: {', '.join(given)}" if given else "; the spec has no knobs"
            problems.add(at, "knobs", f"--set {name}={received}: unknown knob{hint(name, given) or known}")
        elif not _is_knob(wish):
            problems.add(at, "knobs", f"--set {name}={received}: expected a finite number or a word")
        elif name in found and isinstance(wish, str) and not isinstance(found[name], str):
            problems.add(at, "knobs", f"--set {name}={received}: expected a number, as {found[name]} is")
        elif name in found:
            found[name] = wish
    return found


def _is_knob(value: object) -> TypeGuard[Plain]:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) <= MAX_SIZE
    return isfinite(value) if isinstance(value, float) else isinstance(value, str)


def inputs(top: Top, values: Values, problems: Problems) -> dict[str, Shape | None]:
    """Read ``input`` or ``inputs``; None where a shape has been reported."""
    if "input" in top and "inputs" in top:
        problems.add(top["inputs"], "inputs", "input is there already; keep one of the two")
    if "input" in top and isinstance(several := top["input"].value, tree.Mapping):
        problems.add(top["input"], "input", "expected the sizes of one input; write several under inputs:, by name")
        return dict.fromkeys(several.entries)
    if "input" in top:
        return {"input": _shape(top["input"].value, "input", values, problems)}
    if "inputs" not in top:
        problems.add(Place(1, 1, ""), "", "input: missing; give its sizes without the batch, such as [96, 64, 1]")
        return {}
    given = mapping(top["inputs"], "inputs", "names with their sizes", problems)
    if not given and isinstance(top["inputs"].value, tree.Mapping):
        problems.add(top["inputs"].value, "inputs", "expected at least one input")
    found: dict[str, Shape | None] = {}
    for name, entry in given.items():
        if not naming.NAME.fullmatch(name):
            problems.add(entry, "inputs", f"{tree.shorten(name)}: {naming.EXPECTED}")
        found[name] = _shape(entry.value, f"inputs.{tree.shorten(name)}", values, problems)
    return found


def input_places(top: Top) -> dict[str, Place]:
    """Return where each input is written."""
    if "input" in top:
        return {"input": Place(top["input"].line, top["input"].column, "input")}
    given = top["inputs"].value if "inputs" in top else None
    entries = given.entries if isinstance(given, tree.Mapping) else {}
    return {name: Place(entry.line, entry.column, "inputs") for name, entry in entries.items()}


def _shape(given: Tree, path: str, values: Values, problems: Problems) -> Shape | None:
    if not isinstance(given, tree.Sequence) or not 1 <= len(given.items) <= MAX_AXES:
        problems.add(given, path, f"expected {_SIZES}, received {tree.show(given)}")
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


def expect(top: Top, problems: Problems) -> Expect | None:
    """Read ``expect``: published figures and their source."""
    if "expect" not in top:
        return None
    given = mapping(top["expect"], "expect", "figures, such as {macs: 569M, source: …}", problems)
    source = text(given, "source", "expect.source", problems)
    figures = _figures(given, EXPECTED, "expect", problems, lambda _, written: published(written))
    if isinstance(top["expect"].value, tree.Mapping) and not given.keys() - {"source"}:
        problems.add(top["expect"], "expect", "quotes no figure; give some, such as macs: 569M, or take it out")
    return Expect(figures, source, _places(given, figures, "expect"))


def budget(top: Top, problems: Problems) -> Budget | None:
    """Read ``budget``: what the network may cost at most."""
    if "budget" not in top:
        return None
    given = mapping(top["budget"], "budget", "figures, such as {macs: 600M, latency_ms: 40}", problems)
    figures = _figures(given, LIMITED, "budget", problems, limit)
    if isinstance(top["budget"].value, tree.Mapping) and not given:
        problems.add(top["budget"], "budget", "limits nothing; give it figures, such as macs: 600M, or take it out")
    return Budget(figures, _places(given, figures, "budget"))


def _figures(
    given: Top, known: tuple[str, ...], path: str, problems: Problems, parse: Callable[[str, str], Figure]
) -> dict[str, Figure]:
    besides = ("source",) if path == "expect" else ()
    figures: dict[str, Figure] = {}
    for name, entry in given.items():
        if name in besides:
            continue
        if name not in known:
            shown = tree.shorten(name)
            problems.add(entry, path, f"{shown}: unknown field{other_figure(shown, (*known, *besides))}")
            continue
        written = entry.value.text if isinstance(entry.value, Scalar) else ""
        try:
            figures[name] = parse(name, written if len(written) <= _MAX_FIGURE else "")
        except FigureError as error:
            problems.add(entry.value, path, f"{name}: {error.expected}, received {tree.show(entry.value)}")
    return figures


def _places(given: Top, figures: Iterable[str], path: str) -> dict[str, Place]:
    return {name: Place(given[name].line, given[name].column, f"{path}.{name}") for name in figures}


def mapping(entry: Entry | None, path: str, expected: str, problems: Problems) -> dict[str, Entry]:
    """Return the entries of an optional mapping; anything else is a problem, and empty."""
    if entry is None:
        return {}
    if isinstance(entry.value, tree.Mapping):
        return entry.value.entries
    problems.add(entry.value, path, f"expected {expected}, received {tree.what(entry.value)}")
    return {}
