"""What a comparison is given, in words: specs with their own knobs, folders of them, reports, ONNX files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from costlens.errors import UsageError
from costlens.sources.git.revisions import split
from costlens.spec.paths import files_in

REPORT = "report.json"
Kind = Literal["spec", "report", "onnx"]
_KINDS: Mapping[str, Kind] = {".onnx": "onnx", ".json": "report"}
_LAYERS = re.compile(rb"^(?:layers|sections)\s*:", re.MULTILINE)
_HEAD = 2**20
_WHAT = {"report": "a report", "onnx": "an ONNX file"}


@dataclass(frozen=True, slots=True)
class Operand:
    """One thing to compare: what it is, its file, and the knobs that were set behind it."""

    kind: Kind
    path: Path
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The operand as it can be written on a command line."""
        knobs = "&".join(f"{name}={value}" for name, value in self.settings.items())
        return f"{self.name}?{knobs}" if knobs else self.name

    @property
    def name(self) -> str:
        """Its file; bytes in its name that are no UTF-8 are shown as escapes."""
        return _written(str(self.path))

    @property
    def knobs(self) -> str:
        """Its knobs, as a label shows them: ``alpha=0.5, resolution=128``."""
        return ", ".join(f"{name}={value}" for name, value in self.settings.items())


def with_knobs(word: str) -> tuple[Path, dict[str, object]]:
    """Split ``specs/a.yaml?alpha=0.5&resolution=128`` into a path and knobs; the spec reads their values.

    A file whose name has a ``?`` in it is taken as that file.

    >>> with_knobs("specs/a.yaml?alpha=0.5&resolution=128")
    (PosixPath('specs/a.yaml'), {'alpha': '0.5', 'resolution': '128'})
    """
    name, mark, knobs = word.partition("?")
    if not mark or exists(Path(word)):
        return Path(word), {}
    settings: dict[str, object] = {}
    for pair in _written(knobs).split("&"):
        knob, equals, value = (part.strip() for part in pair.partition("="))
        if not (knob and equals and value):
            raise UsageError(f"{word}: expected NAME=VALUE behind ?, joined by &, received {pair!r}: {name}?alpha=0.5")
        if knob in settings:
            raise UsageError(f"{word}: {knob} is set twice; keep one")
        settings[knob] = value
    return Path(name), settings


def operands(word: str) -> list[Operand]:
    """Return what a word names; UsageError where that cannot be.

    A folder stands for its report.json, else for the reports in the folders in it, else for the specs in it and below.
    One that holds reports and specs is refused.
    """
    path, settings = with_knobs(word)
    if not word.strip():
        raise UsageError(f"{word!r}: expected a spec, a folder of specs, a {REPORT} or an ONNX file")
    if not exists(path) and split(str(path)):
        raise UsageError(f"{word}: no such file; what git holds at a revision is compared by costlens diff {word} SPEC")
    found = _in_folder(path) if exists(path) and path.is_dir() else [path]
    if not found:
        raise UsageError(f"{path}: no spec (*.yaml) and no {REPORT} in this folder; name a file, or a folder with some")
    made = [Operand(_KINDS.get(file.suffix, "spec"), file, settings) for file in found]
    if settings and (other := next((one for one in made if one.kind != "spec"), None)):
        raise UsageError(f"{word}: {_WHAT[other.kind]} has no knobs; leave out what stands behind ?, or name the spec")
    return made


def _in_folder(folder: Path) -> Sequence[Path]:
    own = folder / REPORT
    reports = [own] if own.is_file() else sorted(folder.glob(f"*/{REPORT}"))
    specs = [path for path in files_in(folder) if not reports or _is_spec(path)]
    if reports and specs:
        raise UsageError(
            f"{folder}: holds specs ({specs[0]}) as well as reports ({reports[0]}); name those that are meant"
        )
    return reports or specs


def _is_spec(path: Path) -> bool:
    """Say whether a file has what only specs have; tables of published figures lie beside reports too."""
    try:
        return _LAYERS.search(path.read_bytes()[:_HEAD]) is not None
    except OSError:
        return True


def _written(text: str) -> str:
    """Return a text that can be written as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def exists(path: Path) -> bool:
    """Say whether there is a file or folder of this name; a name that cannot be one is none."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a zero in it
        return False
