"""The knobs of a spec and what they are set to: numbers, words, true or false, lists and tables of these."""

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import TypeGuard

from costlens.errors import SpecError
from costlens.spec import tree
from costlens.spec.document import compose
from costlens.spec.elsewhere import guess
from costlens.spec.expressions import FUNCTIONS
from costlens.spec.fields import MAX_SIZE
from costlens.spec.parse import Fields, is_name
from costlens.spec.problems import START, Problems
from costlens.spec.tree import Scalar, Tree, plain
from costlens.spec.values import MAX_VALUES, Bound, Plain, size

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_EXPECTED = "expected a finite number, a word, true or false, or a list of these"


def knobs(top: Fields, settings: Mapping[str, object], problems: Problems) -> dict[str, Bound]:
    """Read ``knobs`` and put the settings in."""
    entry = top.get("knobs")
    given = problems.entries(entry, "knobs", "names with their numbers, such as {alpha: 1.0}")
    found: dict[str, Bound] = {}
    for name, item in given.items():
        taken = "a function has this name; choose another" if name in FUNCTIONS else ""
        if not is_name(name, item, "knobs", problems, taken):
            continue
        why = _wrong(item.value)
        if why:
            problems.add(item.value, "knobs", f"{name}: {why}, received {tree.show(item.value)}")
        else:
            found[name] = _value(item.value)
    at = entry or START
    for name, wanted in settings.items():
        wish, received = _set(wanted), tree.shorten(str(wanted))
        if name not in given:
            known = f"; known: {', '.join(given)}" if given else "; the spec has no knobs"
            problems.add(at, "knobs", f"--set {name}={received}: unknown knob{guess(name, given, known)}")
        elif wish is None or (why := _wrong(wish)):
            problems.add(at, "knobs", f"--set {name}={received}: {_EXPECTED if wish is None else why}")
        elif name in found and (why := _unlike(wish, given[name].value)):
            problems.add(at, "knobs", f"--set {name}={received}: {why}")
        elif name in found:
            found[name] = _value(wish)
    return found


def shown(found: Mapping[str, Bound]) -> dict[str, int | float | str]:
    """Return knobs as results state them: a number as it is, anything else as ``--set`` takes it."""
    return {
        name: value if isinstance(value, int | float) and not isinstance(value, bool) else tree.written(value)
        for name, value in found.items()
    }


def _set(wanted: object) -> Tree | None:
    """Return what a knob is set to, text as YAML; None where that is no value of a document."""
    if isinstance(wanted, list | tuple | dict):
        try:
            wanted = json.dumps(wanted)
        except (TypeError, ValueError):
            return None
    if isinstance(wanted, str) and wanted.strip()[:1] in ("[", "{"):
        try:
            return compose(wanted.strip(), "--set")
        except SpecError:
            return None
    value = plain(wanted.strip()) if isinstance(wanted, str) else wanted
    return Scalar(1, 1, value, str(wanted)) if isinstance(value, str | int | float) else None


def _value(given: Tree) -> Bound:
    return given.value if isinstance(given, Scalar) and given.value is not None else given  # type: ignore[return-value]


def _wrong(given: Tree) -> str:
    """Say what a knob is expected to be; nothing where it is that."""
    if isinstance(given, Scalar):
        return "" if _is_plain(given.value) else _EXPECTED
    if isinstance(given, tree.Mapping):
        return _EXPECTED
    if size(given) > MAX_VALUES:
        return f"expected at most {MAX_VALUES} values in a list"
    return "" if all(map(_is_row, given.items)) else "expected a list of numbers, words, true, false, or rows of these"


def _is_row(item: Tree) -> bool:
    if isinstance(item, tree.Mapping):
        return all(_is_row(entry.value) for entry in item.entries.values())
    if isinstance(item, tree.Sequence):
        return all(map(_is_row, item.items))
    return _is_plain(item.value) and (not isinstance(item.value, str) or bool(_WORD.fullmatch(item.value)))


def _is_plain(value: object) -> TypeGuard[Plain]:
    if isinstance(value, int):
        return abs(value) <= MAX_SIZE
    return isfinite(value) if isinstance(value, float) else isinstance(value, str)


def _unlike(wish: Tree, declared: Tree) -> str:
    """Say how a value differs in sort from the one that the spec gives; nothing where both are alike."""
    sort = _sort(declared)
    if sort != _sort(wish) and not (sort == "a word" and isinstance(wish, Scalar)):
        return f"expected {sort}; the spec gives {tree.shorten(tree.written(declared))}"
    if isinstance(wish, tree.Sequence) and isinstance(declared, tree.Sequence) and declared.items:
        forms = set(map(_form, declared.items))
        odd = next((item for item in wish.items if _form(item) not in forms), None)
        if odd is not None:
            return f"expected elements like {tree.show(declared.items[0])}, received {tree.show(odd)}"
    return ""


def _sort(given: Tree) -> str:
    if isinstance(given, tree.Sequence):
        return "a list"
    if isinstance(given, tree.Mapping):
        return "a mapping"
    if isinstance(given.value, bool):
        return "true or false"
    return "a word" if isinstance(given.value, str) else "a number"


def _form(given: Tree) -> object:
    """Return what is equal for rows of one form: the sorts of their parts in order, by name where they have names."""
    if isinstance(given, tree.Sequence):
        return tuple(map(_form, given.items))
    if isinstance(given, tree.Mapping):
        return tuple(sorted((name, _form(entry.value)) for name, entry in given.entries.items()))
    return _sort(given)
