"""The points of an exploration: all of a space, a sample of it, or those that are listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import prod

from costlens.errors import UsageError, did_you_mean, not_installed
from costlens.network.variants import kind_names
from costlens.results.counts import AS_WRITTEN
from costlens.results.exploration import KIND

MOST_POINTS = 200_000
"""The most points of one run."""
MOST_VALUES = 100_000
_DRAWS = 64
SAMPLERS = ("sobol", "lhs")
Point = tuple[str, ...]
"""A value for each axis, in order."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A knob and its values as ``--set`` takes them, or a glob behind ``kind:`` and kinds of convolution."""

    name: str
    values: tuple[str, ...]

    @property
    def glob(self) -> str:
        """The glob of an axis of kinds; nothing for a knob."""
        return self.name.removeprefix(KIND) if self.name.startswith(KIND) else ""


@dataclass(frozen=True, slots=True)
class Space:
    """Axes and the points on them; ``described`` is equal where the points are."""

    axes: tuple[Axis, ...]
    points: Sequence[Point]
    described: tuple[object, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the axes, in order."""
        return tuple(one.name for one in self.axes)


def settings(names: Sequence[str], point: Point) -> dict[str, str]:
    """Return the values of the knobs at a point on axes of these names."""
    pairs = zip(names, point, strict=True)
    return {name: value for name, value in pairs if value and not name.startswith(KIND)}


def kinds(names: Sequence[str], point: Point) -> tuple[tuple[str, str], ...]:
    """Return the kinds by glob at a point on axes of these names; of several globs the last that matches holds."""
    pairs = zip(names, point, strict=True)
    return tuple((name.removeprefix(KIND), value) for name, value in pairs if value and name.startswith(KIND))


class _Product(Sequence[Point]):
    """Points by their place in the product of axes, of which the last varies fastest."""

    def __init__(self, axes: Sequence[Axis], places: Sequence[int]) -> None:
        sizes = [len(one.values) for one in axes]
        steps = [prod(sizes[place + 1 :]) for place in range(len(sizes))]
        self._places = places
        self._axes = [(one.values, step, size) for one, step, size in zip(axes, steps, sizes, strict=True)]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Point:  # type: ignore[override]  # no slices are taken
        place = self._places[index]
        return tuple([values[place // step % size] for values, step, size in self._axes])


def axis(pair: str) -> Axis:
    """Read ``NAME=VALUES``: values with commas between, of which ``A:B:STEP`` stands for those from A to B.

    >>> axis("alpha=0.25:1.0:0.25").values, axis("resolution=128,160").values, axis("widths=[8,16],[16,32]").values
    (('0.25', '0.5', '0.75', '1'), ('128', '160'), ('[8,16]', '[16,32]'))
    """
    name, equals, written = (part.strip() for part in pair.partition("="))
    if not (name and equals and written):
        raise UsageError(f"--set {pair}: expected NAME=VALUES, such as --set alpha=0.25:1:0.25 or alpha=0.5,1")
    values = tuple(dict.fromkeys(value for part in _parts(written) for value in _values(part, pair)))
    return Axis(name, values)


def kind_axis(pair: str) -> Axis:
    """Read ``GLOB=KIND,…``.

    >>> kind_axis("*=standard,separable")
    Axis(name='kind:*', values=('standard', 'separable'))
    """
    glob, equals, written = (part.strip() for part in pair.rpartition("="))
    if not (glob and equals and written):
        raise UsageError(f"--kind {pair}: expected GLOB=KIND,…, such as --kind '*=standard,separable'")
    known = (AS_WRITTEN, *kind_names())
    kinds = tuple(dict.fromkeys(word.strip() for word in written.split(",")))
    for kind in kinds:
        if kind not in known:
            guess = did_you_mean(kind, known) or f"; known: {', '.join(known)}"
            raise UsageError(f"--kind {pair}: {kind or 'nothing'}: unknown kind of convolution{guess}")
    return Axis(f"{KIND}{glob}", kinds)


def space(axes: Sequence[Axis], sample: int | None = None, *, seed: int = 0, sampler: str = "sobol") -> Space:
    """Return all points of axes, or a sample of so many different ones that the seed decides.

    UsageError for a space of more than 200,000 points of which no sample is taken.
    """
    if not axes:
        raise UsageError("nothing varies; add --set NAME=VALUES or --kind GLOB=KIND,…, or --from points.csv")
    names = tuple(one.name for one in axes)
    if twice := next((name for name in names if names.count(name) > 1), ""):
        shown = twice.replace(KIND, "--kind ") if twice.startswith(KIND) else f"--set {twice}"
        raise UsageError(f"{shown}: given twice; write all values behind one, with commas between")
    size = prod(len(one.values) for one in axes)
    wanted = size if sample is None else min(sample, size)
    if wanted > MOST_POINTS:
        factors = " × ".join(f"{len(one.values):,}" for one in axes)
        taken = f"{factors} = {size:,} points" if sample is None else f"--sample {sample}"
        remedy = "; take fewer values, or some of them with --sample 10000" if sample is None else "; take fewer"
        raise UsageError(f"{taken}: more than the {MOST_POINTS:,} of one run{remedy}")
    described: tuple[object, ...] = tuple((one.name, one.values) for one in axes)
    if wanted == size:
        return Space(tuple(axes), _Product(axes, range(size)), described)
    places = _sampled(axes, wanted, seed, sampler)
    return Space(tuple(axes), _Product(axes, places), (*described, wanted, seed, sampler))


def listed(names: Sequence[str], points: Sequence[Point]) -> Space:
    """Return points that were written down; an empty value leaves a knob as it is."""
    if len(points) > MOST_POINTS:
        raise UsageError(f"{len(points):,} points: more than the {MOST_POINTS:,} of one run; take fewer")
    axes = [
        Axis(name, tuple(dict.fromkeys(values))) for name, values in zip(names, zip(*points, strict=True), strict=True)
    ]
    return Space(tuple(axes), points, (tuple(names), tuple(points)))


def _parts(written: str) -> list[str]:
    """Split at commas that are outside of brackets."""
    parts, depth = [""], 0
    for sign in written:
        depth += (sign in "[{") - (sign in "]}")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER}):({_NUMBER})(?::({_NUMBER}))?")


def _values(part: str, pair: str) -> Iterator[str]:
    """Yield the values of a range, its end included where a step meets it, or one value."""
    if not part:
        raise UsageError(f"--set {pair}: a value is missing between two commas, or at an end")
    if ":" not in part or part[0] in "[{":
        yield part
        return
    found = _RANGE.fullmatch(part)
    try:
        first, last, step = (Decimal(each or "1") for each in found.groups()) if found else (None,) * 3
    except InvalidOperation:
        first = last = step = None
    if first is None or last is None or step is None or step <= 0 or last < first:
        raise UsageError(f"--set {pair}: {part}: expected FIRST:LAST:STEP with a step above 0, such as 0.25:1:0.05")
    number = int((last - first) / step) + 1
    if number > MOST_VALUES:
        raise UsageError(f"--set {pair}: {part}: {number:,} values; take at most {MOST_VALUES:,}, with a larger step")
    for place in range(number):
        yield _written(first + place * step)


def _written(value: Decimal) -> str:
    """Write a number without zeros at its end.

    >>> _written(Decimal("1.00")), _written(Decimal("160")), _written(Decimal("0.250"))
    ('1', '160', '0.25')
    """
    whole = value.to_integral_value()
    return f"{whole:f}" if value == whole else f"{value:f}".rstrip("0")


def _sampled(axes: Sequence[Axis], wanted: int, seed: int, sampler: str) -> list[int]:
    """Return the places of different points, in the order in which they are drawn."""
    if sampler not in SAMPLERS:
        raise UsageError(f"--sampler {sampler}: expected {' or '.join(SAMPLERS)}{did_you_mean(sampler, SAMPLERS)}")
    try:
        from scipy.stats import qmc
    except ModuleNotFoundError as error:
        raise not_installed(error) or error from None
    import warnings

    found: dict[int, None] = {}
    draws = qmc.Sobol(len(axes), rng=seed) if sampler == "sobol" else qmc.LatinHypercube(len(axes), rng=seed)
    for _ in range(_DRAWS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a number of points is no power of 2
            drawn = draws.random(wanted)
        for row in drawn.tolist():
            found.setdefault(_place(axes, row))
            if len(found) == wanted:
                return [*found]
    rest = (place for place in range(prod(len(one.values) for one in axes)) if place not in found)
    return [*found, *(place for place, _ in zip(rest, range(wanted - len(found)), strict=False))]


def _place(axes: Sequence[Axis], row: Sequence[float]) -> int:
    place = 0
    for one, at in zip(axes, row, strict=True):
        number = len(one.values)
        place = place * number + min(int(at * number), number - 1)
    return place
