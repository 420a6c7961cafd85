"""Tables of a FlatBuffer, each access checked: a file may be cut short, altered or made to mislead.

A table begins with the distance back to its vtable, which holds the place of each field; what a field refers to is the
distance forward from the field (https://flatbuffers.dev/internals/). The generated readers check neither: Python takes
a negative place for one from the end.
"""

from __future__ import annotations

from mmap import mmap
from struct import calcsize, unpack_from

_MOST_READ = 5_000_000
"""Entries of vectors that are read of one file; one of 100,000 operators takes about a million."""


_FORMS = {form: f"<{form}" for form in "bBhHiIqQf"}
_SIZES = {form: calcsize(written) for form, written in _FORMS.items()}


class MalformedError(Exception):
    """The bytes are not what the format says; the message says where and why."""


class Reader:
    """The bytes of a file, and how many entries may still be read: parts may be referred to any number of times."""

    __slots__ = ("data", "left", "size")

    def __init__(self, data: bytes | mmap) -> None:
        self.data = data
        self.size = len(data)
        self.left = _MOST_READ

    def number(self, form: str, place: int) -> int:
        """Return the number of a struct format at a place; MalformedError where it is not inside the file."""
        if not 0 <= place <= self.size - _SIZES[form]:
            raise MalformedError(f"it refers to byte {place:,} of {self.size:,}")
        return unpack_from(_FORMS[form], self.data, place)[0]  # type: ignore[no-any-return]

    def numbers(self, form: str, place: int) -> tuple[int, ...]:
        """Return the numbers of a vector at a place."""
        return self.run(form, place + 4, self.length(place, _SIZES[form]))

    def run(self, form: str, place: int, size: int) -> tuple[int, ...]:
        """Return numbers that lie one after the other; MalformedError where they are not all inside the file."""
        if not 0 <= place <= self.size - size * _SIZES[form]:
            raise MalformedError(f"it refers to byte {place:,} of {self.size:,}")
        self.left -= size
        if self.left < 0:
            raise MalformedError(f"it has more than {_MOST_READ:,} entries, or refers to them again and again")
        return unpack_from(f"<{size}{form}", self.data, place)

    def length(self, place: int, each: int) -> int:
        """Return how many entries of ``each`` bytes a vector has; MalformedError where they are not inside the file."""
        size = self.number("I", place)
        if size * each > self.size - place - 4:
            raise MalformedError(f"a list of {size:,} at byte {place:,} is longer than the file")
        return size

    def root(self) -> Table:
        """Return the table that the file begins with."""
        return Table(self, self.number("I", 0))


class Table:
    """A table: fields by their index in the schema, with a default where the file leaves one out."""

    __slots__ = ("_place", "_reader", "_steps")

    def __init__(self, reader: Reader, place: int) -> None:
        self._reader, self._place = reader, place
        vtable = place - reader.number("i", place)
        self._steps = reader.run("H", vtable + 4, max(reader.number("H", vtable) - 4, 0) // 2)

    def number(self, field: int, form: str, default: int = 0) -> int:
        """Return a number of a struct format."""
        place = self._at(field)
        return self._reader.number(form, place) if place else default

    def has(self, field: int) -> bool:
        """Say whether the file holds a field."""
        return self._at(field) != 0

    def table(self, field: int) -> Table | None:
        """Return a table, None where there is none."""
        place = self._target(field)
        return Table(self._reader, place) if place else None

    def tables(self, field: int) -> list[Table]:
        """Return a list of tables."""
        place = self._target(field)
        if not place:
            return []
        steps = self._reader.numbers("I", place)
        return [Table(self._reader, place + 4 + 4 * index + step) for index, step in enumerate(steps)]

    def numbers(self, field: int, form: str = "i") -> tuple[int, ...] | None:
        """Return a list of numbers of a struct format, None where there is none."""
        place = self._target(field)
        return self._reader.numbers(form, place) if place else None

    def span(self, field: int, each: int = 1) -> tuple[int, int]:
        """Return where the bytes of a list lie, and how many there are; ``(0, 0)`` where there is none."""
        place = self._target(field)
        return (place + 4, self._reader.length(place, each) * each) if place else (0, 0)

    def holds(self, field: int) -> bool:
        """Say whether a list has an entry."""
        place = self._target(field)
        return bool(place and self._reader.length(place, 1))

    def text(self, field: int) -> str:
        """Return a text; bytes that are not UTF-8 are replaced."""
        start, size = self.span(field)
        self._reader.left -= size // 64
        return self._reader.data[start : start + size].decode(errors="replace")

    def _at(self, field: int) -> int:
        step = self._steps[field] if field < len(self._steps) else 0
        return self._place + step if step else 0

    def _target(self, field: int) -> int:
        place = self._at(field)
        return place + self._reader.number("I", place) if place else 0
