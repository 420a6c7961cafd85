"""A spec file → a Spec: the order in which a spec is read, and what stops it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from costlens.errors import UsageError, first_line
from costlens.spec.family import Family, family
from costlens.spec.model import Spec
from costlens.spec.paths import BLOCKS
from costlens.spec.source import Read, beside, decoded, from_disk

_Result = TypeVar("_Result")


def load(path: Path | str, settings: Mapping[str, object] | None = None) -> Spec:
    """Read a spec file with its knobs set; values given as text are read as YAML.

    Raises SpecError with every problem found, UsageError for a file that cannot be read.
    """
    return _sound(str(path), lambda: _read(str(path), settings).at(settings))


def load_family(path: Path | str, read: Read | None = None) -> Family:
    """Read a spec file once, for many settings of its knobs; raises as ``load`` does.

    ``read`` reads it and the files that it includes, from disk unless given.
    """
    return _sound(str(path), lambda: _read(str(path), None, read))


def loads(
    text: str, *, file: str = "<text>", settings: Mapping[str, object] | None = None, read: Read = from_disk
) -> Spec:
    """Read a spec from its text; SpecError with every problem found, in document order.

    ``read`` reads the files it includes, whose names are relative to ``file``.

    >>> loads("{name: tiny, input: [8, 8, 3], layers: [{conv: {filters: 4, kernel: 3}}]}").graph.outputs
    ('conv1',)
    """
    return family(text, file, read, settings).at(settings)


def _read(file: str, settings: Mapping[str, object] | None, read: Read | None = None) -> Family:
    if file.endswith(BLOCKS):
        raise UsageError(f"{file}: a file of blocks is not a spec; name a spec that includes it")
    content = read(file) if read else from_disk(file)
    return family(decoded(content, file), file, read or beside(file), settings)


def _sound(file: str, read: Callable[[], _Result]) -> _Result:
    """Return what reading yields; UsageError for an error that it should not raise."""
    try:
        return read()
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {first_line(error)}"
        raise UsageError(f"{file}: cannot be read for an internal error, please report: {what}") from error
