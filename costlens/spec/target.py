"""Targets: boards with their memories and the runtime there, shipped by name or a file of the user's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from costlens.arithmetic.figures import Figure, FigureError
from costlens.errors import UsageError, did_you_mean
from costlens.results.target import Target
from costlens.spec import header, tree
from costlens.spec.document import compose
from costlens.spec.paths import TARGETS
from costlens.spec.problems import START, Problems
from costlens.spec.source import decoded, from_disk
from costlens.spec.tree import Entry, Scalar

FOLDER = Path(__file__).resolve().parent.parent / "targets"
MICRO, LITERT = "tflite-micro", "litert"
RUNTIMES = (MICRO, LITERT)
_FIELDS = ("title", "runtime", "ram", "flash", "usable", "source")
_SOURCES = ("memory", "usable")
_ENDINGS = (".yaml", ".yml")
_EXAMPLE = "a size such as 256KiB"


@cache
def names() -> tuple[str, ...]:
    """Return the names of the targets that are shipped, in alphabetical order."""
    return tuple(sorted(_name(file) for file in FOLDER.glob(f"*{TARGETS[0]}")))


@cache
def operators_of(runtime: str) -> frozenset[str]:
    """Return the builtin operators that a runtime's package has, by trying each (``tests/fakes/tried_operators.py``).

    >>> "CONV_2D" in operators_of("tflite-micro"), "GELU" in operators_of("tflite-micro")
    (True, False)
    """
    return frozenset(word for line in _lines(runtime) for word in line.split())


@cache
def operators_of_kind(kind: str) -> tuple[str, ...]:
    """Return the operators that TensorFlow Lite's converter makes of a layer kind, as it made them of an example.

    >>> operators_of_kind("hard_tanh"), operators_of_kind("dropout")
    (('RELU_N1_TO_1',), ())
    """
    known = {name: rest.split() for name, _, rest in (line.partition(":") for line in _lines("converter"))}
    return tuple(known.get(kind, ()))


def _lines(name: str) -> list[str]:
    text = (FOLDER / "operators" / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def target(word: str) -> Target:
    """Return the shipped target of a name, or the one that a file describes.

    UsageError where there is no such target, SpecError with all that is wrong with a file.
    """
    if word in names():
        return read(FOLDER / f"{word}{TARGETS[0]}")
    path = Path(word)
    if path.suffix.lower() in _ENDINGS and not path.is_file():
        raise UsageError(f"--target {word}: no such file; costlens list --targets shows the boards that have a name")
    if path.suffix.lower() not in _ENDINGS and not path.is_file():
        guess = did_you_mean(word, names()) or "; costlens list --targets shows those that have a name"
        raise UsageError(f"--target {word}: no target has this name{guess}, or name a file that describes yours")
    return read(path)


def read(path: Path) -> Target:
    """Read the file of a target; SpecError with all that is wrong with it, UsageError where it cannot be read."""
    file = str(path)
    problems = Problems(file)
    root = compose(decoded(from_disk(file), file), file)
    if not isinstance(root, tree.Mapping):
        problems.stop(root, "", "expected the fields of a target: title:, runtime:, ram:, flash:")
    fields = root.entries
    for name, entry in fields.items():
        if name not in _FIELDS:
            guess = did_you_mean(name, _FIELDS) or f"; known: {', '.join(_FIELDS)}"
            problems.add(entry, tree.shorten(name), f"unknown field{guess}")
    source = problems.entries(fields.get("source"), "source", "words on where memory and usable are from")
    usable = problems.entries(fields.get("usable"), "usable", "shares, such as {flash: 0.7, ram: 0.7}")
    for where, known, given in (("source", _SOURCES, source), ("usable", ("flash", "ram"), usable)):
        for name, entry in given.items():
            if name not in known:
                guess = did_you_mean(name, known) or f"; known: {', '.join(known)}"
                problems.add(entry, where, f"{tree.shorten(name)}: unknown field{guess}")
    ram, flash = _size(fields, "ram", problems), _size(fields, "flash", problems)
    if "ram" not in fields:
        problems.add(START, "", f"ram: missing; give {_EXAMPLE}")
    made = Target(
        name=_name(path),
        title=header.text(fields, "title", "title", problems) or _name(path),
        runtime=_runtime(fields.get("runtime"), problems),
        ram=ram or 0,
        usable_ram=int((ram or 0) * _share(usable, "ram", problems)),
        flash=flash,
        usable_flash=None if flash is None else int(flash * _share(usable, "flash", problems)),
        memory_source=header.text(source, "memory", "source.memory", problems),
        usable_source=header.text(source, "usable", "source.usable", problems),
        file="" if path.parent == FOLDER else file,
    )
    problems.check()
    return made


def _name(path: Path) -> str:
    return path.stem.removesuffix(".target")


def _runtime(entry: Entry | None, problems: Problems) -> str:
    if entry is None:
        return RUNTIMES[0]
    word = tree.word_of(entry.value)
    if word not in RUNTIMES:
        guess = did_you_mean(word, RUNTIMES)
        problems.add(
            entry.value, "runtime", f"expected {' or '.join(RUNTIMES)}, received {tree.show(entry.value)}{guess}"
        )
    return word


def _size(fields: dict[str, Entry], name: str, problems: Problems) -> int | None:
    entry = fields.get(name)
    if entry is None:
        return None
    written = entry.value.text if isinstance(entry.value, Scalar) else ""
    try:
        size = Figure.parse_bytes(written)
    except FigureError as error:
        problems.add(entry.value, name, f"{error.expected}, received {tree.show(entry.value)}")
        return None
    if size.value <= 0:
        problems.add(entry.value, name, f"expected {_EXAMPLE}, received {tree.show(entry.value)}")
    return int(size.value)


def _share(usable: dict[str, Entry], name: str, problems: Problems) -> float:
    """Return the share of a memory that a model may take; all of it where that is not said."""
    entry = usable.get(name)
    if entry is None:
        return 1.0
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        problems.add(entry.value, f"usable.{name}", f"expected a share such as 0.7, received {tree.show(entry.value)}")
        return 1.0
    return float(value)
