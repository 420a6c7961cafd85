"""The specs that costlens ships, by name."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from costlens.discovery import shipped_folder

FOLDER = shipped_folder("specs")
_SUFFIX = ".yaml"
_SHOWN = re.compile(r"^(?:title|knobs):.*\n(?:[ \t].*\n)*", re.MULTILINE)


@cache
def names() -> tuple[str, ...]:
    """Return the names of all shipped specs, in alphabetical order."""
    return tuple(sorted(file.stem for file in FOLDER.glob(f"*{_SUFFIX}") if "." not in file.stem))


def path(name: str) -> Path:
    """Return the file of the shipped spec of a name."""
    return FOLDER / f"{name}{_SUFFIX}"


def find(name: str) -> Path | None:
    """Return the file of a shipped spec; None where no such spec is shipped.

    >>> find("yamnet").name, find("yamnet.yaml"), find("../README")
    ('yamnet.yaml', None, None)
    """
    return path(name) if name in names() else None


def described(name: str) -> tuple[str, Mapping[str, int | float | str]]:
    """Return the title and the knobs of a shipped spec from their lines: reading all specs takes seconds.

    >>> described("mobilenet_v1")
    ('MobileNetV1', {'alpha': 1.0, 'resolution': 224, 'classes': 1000})
    """
    from costlens.spec import header, knobs, tree
    from costlens.spec.document import compose
    from costlens.spec.problems import Problems

    file, problems = path(name), Problems(str(path(name)))
    lines = compose("".join(_SHOWN.findall(file.read_text(encoding="utf-8"))), str(file))
    top = lines.entries if isinstance(lines, tree.Mapping) else {}
    return header.text(top, "title", "title", problems), knobs.shown(knobs.knobs(top, {}, problems))
