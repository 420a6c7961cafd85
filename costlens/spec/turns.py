"""The turns of a repeat: how many there are, and what its names stand for in each."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from costlens.arithmetic.shapes import Limits
from costlens.spec import tree
from costlens.spec.expressions import ExpressionError
from costlens.spec.fields import one_value, settled
from costlens.spec.problems import ValuesError
from costlens.spec.statements import Given, Repeat
from costlens.spec.tree import Scalar, Tree
from costlens.spec.values import Bound, Values, argument, given

_TIMES = one_value(int, limits=Limits(ge=0))


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns of a repeat: their number, the counter's name, and for each turn what its further names stand for.

    ``lent``: the names whose words name layers where the block is called, as those of its parameters do.
    """

    number: int
    outer: Values
    index: str | None = None
    rows: tuple[Mapping[str, Bound], ...] = ()
    lent: Collection[str] = ()

    def __len__(self) -> int:
        """Return how many there are."""
        return self.number

    @property
    def are_alike(self) -> bool:
        """Whether each sees the same values."""
        return self.index is None and not self.rows

    def names(self, turn: int) -> dict[str, Bound]:
        """Return what the names of a turn, counted from 0, stand for."""
        counter: dict[str, Bound] = {self.index: turn} if self.index else {}
        return {**counter, **(self.rows[turn] if self.rows else {})}

    def values(self, turn: int) -> Values:
        """Return the values that the body sees in a turn."""
        return self.outer if self.are_alike else self.outer.turn(self.names(turn), as_parameters=self.lent)


def turns(repeat: Repeat, values: Values) -> Turns:
    """Return the turns of a repeat; ValuesError for a number below 0, or lists that do not fit its names."""
    if repeat.times is not None:
        times: int = settled(Given(repeat.times, repeat.at.path), _TIMES, values, "times")
        return Turns(times, values, repeat.index)
    lists = [_rows(repeat, names, written, values) for names, written in repeat.each]
    for (names, written), rows in zip(repeat.each, lists, strict=True):
        if len(rows) != len(lists[0]):
            counted = f"{', '.join(repeat.each[0][0])} has {len(lists[0])} values, {', '.join(names)} {len(rows)}"
            raise _wrong(repeat, written, f"{counted}; lists that go in step have one length")
    merged = tuple(dict(chain.from_iterable(row.items() for row in rows)) for rows in zip(*lists, strict=True))
    lent = {
        name for (_, written), rows in zip(repeat.each, lists, strict=True) for name in _lent(written, rows, values)
    }
    return Turns(len(merged), values, repeat.index, merged, lent)


def _rows(repeat: Repeat, names: tuple[str, ...], written: Tree, values: Values) -> list[dict[str, Bound]]:
    """Return what the names stand for in each turn."""
    what = ", ".join(names)
    try:
        several = argument(written, values)
    except ExpressionError as error:
        raise _wrong(repeat, written, f"{what and f'{what}: '}{tree.show(written)}: {error}") from None
    if not isinstance(several, tree.Sequence):
        unknown = ", which names none here" if tree.word_of(written) == several else ""
        number = "; a number of turns is times:" if isinstance(several, int) else ""
        expected = f"expected a list, or the name of one, received {tree.show(written)}{unknown}{number}"
        raise _wrong(repeat, written, f"{what and f'{what}: '}{expected}")
    found = []
    for position, item in enumerate(several.items):
        row = _row(names, item)
        if row is None:
            expected = f"a list of {len(names)} values" if names else "names, such as {filters: 64, stride: 2},"
            told = "" if names else _named(item)
            message = f"expected {expected} for each turn, received {tree.show(item)} at position {position}{told}"
            raise _wrong(repeat, written, f"{what and f'{what}: '}{message}")
        found.append(row)
    if not names:
        _check_alike(repeat, written, found)
    return found


def _named(item: Tree) -> str:
    """Say how an element that is no row is given a name."""
    if isinstance(item, Scalar):
        return "; give it a name: for: {width: LIST}"
    together = "'filters, kernel'" if isinstance(item, tree.Sequence) and len(item.items) > 1 else ""
    return f"; name its parts: for: {{{together}: LIST}}" if together else ""


def _row(names: tuple[str, ...], item: Tree) -> dict[str, Bound] | None:
    if not names:
        if not isinstance(item, tree.Mapping):
            return None
        return {name: _bound(entry.value) for name, entry in item.entries.items()}
    if len(names) == 1:
        return {names[0]: _bound(item)}
    if not isinstance(item, tree.Sequence) or len(item.items) != len(names):
        return None
    return dict(zip(names, map(_bound, item.items), strict=True))


def _bound(item: Tree) -> Bound:
    return given(item.value) if isinstance(item, Scalar) else item


def _check_alike(repeat: Repeat, written: Tree, rows: list[dict[str, Bound]]) -> None:
    for position, row in enumerate(rows):
        for name in sorted(rows[0].keys() ^ row.keys()):
            raise _wrong(repeat, written, f"{name}: only some rows give it; give it in each, as in position {position}")


def _lent(written: Tree, rows: list[dict[str, Bound]], values: Values) -> Iterator[str]:
    """Yield the names whose list was given to the block by its caller."""
    if tree.word_of(written).partition("[")[0] in values.parameters:
        yield from rows[0] if rows else ()


def _wrong(repeat: Repeat, at: Tree, message: str) -> ValuesError:
    return ValuesError((at, repeat.at.path, f"for: {message}"))
