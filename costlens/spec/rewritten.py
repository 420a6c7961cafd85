"""A spec's text → that of the same network with kinds by name: what is changed is changed in place, the rest is kept.

Layers, blocks, comments and layout stay. ``kinds`` is added, so each layer keeps its word and its row keeps its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from costlens.errors import UsageError
from costlens.network.variants import Rules

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
_SCHEMA = "# yaml-language-server:"
_WIDTH = 118
_LEFT_OUT = ("expect", "variants", "kinds")
"""What is said of the network as it was."""

_Edit = tuple[int, int, str]


def rewritten(
    text: str,
    rules: Rules,
    *,
    name: str,
    title: str = "",
    note: str = "",
    knobs: Mapping[str, object] | None = None,
    includes: Mapping[str, str] | None = None,
) -> str:
    """Return a spec's text under another name, with ``kinds`` that are these rules.

    Its published figures, its variants and its former ``kinds`` are left out. title: in the place of its own.
    note: a comment at its head. knobs: their values as text. includes: other names of the files that it includes.
    UsageError where the text is no mapping.
    """
    from ruamel.yaml import YAML

    root = YAML(typ="safe", pure=True).compose(text)
    if root is None or root.id != "mapping":
        raise UsageError("expected a spec, a mapping of name:, input: and so on")
    top = {key.value: (key, value) for key, value in root.value}
    edits = [_instead(top["name"][1], name)]
    if title and "title" in top:
        edits.append(_instead(top["title"][1], json.dumps(title, ensure_ascii=False)))
    if knobs:
        edits += [_instead(value, str(knobs[key.value])) for key, value in top["knobs"][1].value if key.value in knobs]
    if includes and "include" in top:
        named = top["include"][1]
        items = named.value if named.id == "sequence" else [named]
        edits += [_instead(item, includes[item.value]) for item in items if item.value in includes]
    edits += [_without(text, *top[key], flow=root.flow_style) for key in _LEFT_OUT if key in top]
    if root.flow_style:
        at = root.start_mark.index + 1
        edits += [(at, at, f"kinds: {_flow(rules)}, ")] if rules else []
    for start, end, new in sorted(edits, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    if rules and not root.flow_style:
        text = f"{text.rstrip()}\n{_block(rules)}"
    return _noted(text, note) if note else text


def _instead(node: Any, new: str) -> _Edit:
    return node.start_mark.index, _end(node), new


def _without(text: str, key: Any, value: Any, *, flow: bool) -> _Edit:
    """Leave out an entry: its lines, or in a flow mapping itself with the comma beside it."""
    start, end = key.start_mark.index, _end(value)
    if not flow:
        line_end = text.find("\n", end)
        return start, len(text) if line_end < 0 else line_end + 1, ""
    behind = re.compile(r"\s*,\s*").match(text, end)
    if behind:
        return start, behind.end(), ""
    return len(text[:start].rstrip().removesuffix(",")), end, ""


def _end(node: Any) -> int:
    """Return where a value ends; a block ends with its last word, before the comments behind it."""
    if node.id == "scalar" or node.flow_style or not node.value:
        end: int = node.end_mark.index
        return end
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _entries(rules: Rules) -> Iterator[str]:
    for pattern, kind in rules.items():
        yield f"{pattern if _PLAIN.fullmatch(pattern) else json.dumps(pattern)}: {kind}"


def _flow(rules: Rules) -> str:
    return f"{{{', '.join(_entries(rules))}}}"


def _block(rules: Rules) -> str:
    line = f"kinds: {_flow(rules)}\n"
    return line if len(line) <= _WIDTH else "".join(["kinds:\n", *(f"  {entry}\n" for entry in _entries(rules))])


def _noted(text: str, note: str) -> str:
    """Put a comment at the head, behind the line that names the schema."""
    first, rest = text.split("\n", 1) if text.startswith(_SCHEMA) and "\n" in text else ("", text)
    return "\n".join(filter(None, (first, f"# {note}", rest)))
