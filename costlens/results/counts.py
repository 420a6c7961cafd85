"""Counts of one variant of one network: rows, sections and totals. The contract ``costlens.count/1`` writes them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, make_dataclass, replace
from operator import attrgetter
from typing import Any, Literal, TypeVar

from costlens.errors import not_installed
from costlens.results.shown import Shown

SCHEMA = "costlens.count/1"
AS_WRITTEN = "as-written"
"""The variant that is the spec itself."""
Status = Literal["complete", "partial", "unavailable"]
Layout = Literal["SC", "NSC", "NCS"]
"""The order of a shape's axes: N the batch, C the channels, S the axes of an image, a sequence or a volume."""
ShapeTuple = tuple[int, ...]
_Value = TypeVar("_Value")
_Number = TypeVar("_Number", int, float)


def known(value: _Value | None) -> _Value:
    """Return a figure that the count of a spec always has; ValueError where it is None."""
    if value is None:
        raise ValueError("this figure is not known of every source; look at its status first")
    return value


def add(figures: Iterable[_Number | None]) -> _Number | None:
    """Return a sum; None where one of the figures is not known.

    >>> add([1, 2]), add([1, None]), add([])
    (3, None, 0)
    """
    given = list(figures)
    values = [figure for figure in given if figure is not None]
    return sum(values) if len(values) == len(given) else None


@dataclass(frozen=True, slots=True)
class CountRow:
    """One line of the table: a layer with its norm and activations, or at a smaller depth a block of such lines.

    Parameters as numbers, MACs and FLOPs per batch, sizes in bytes. ``live_bytes`` are the activations alive while
    the row runs; sizes ``_int8`` are of the network in int8. ``formula`` is the arithmetic of its
    kernels and the positions each is used at; ``dtype`` is the type of its weights as they are stored, else of what it
    reads. ``reads`` names the rows and the inputs of the network that it reads (``names.inputs_beside``); a layer that
    is called twice may read later rows. None is a figure or a shape that the source cannot know. Shapes of a spec leave
    the batch out and are channels-last. Those of a model file are as in the file, batch included.
    """

    name: str
    kind: str
    convolution: str = ""
    section: str = ""
    input: ShapeTuple | None = None
    inputs: tuple[ShapeTuple, ...] = ()
    output: ShapeTuple | None = None
    kernel: ShapeTuple | None = None
    stride: ShapeTuple | None = None
    groups: int | None = None
    params: int | None = None
    trainable: int | None = None
    non_trainable: int | None = None
    kernels: int | None = None
    deployed_params: int | None = None
    macs: int | None = None
    flops: int | None = None
    formula: str = ""
    weight_bytes: int | None = None
    traffic_bytes: int | None = None
    live_bytes: int | None = None
    intensity: float | None = None
    weight_bytes_int8: int | None = None
    live_bytes_int8: int | None = None
    params_share: float | None = None
    macs_share: float | None = None
    dtype: str = "float32"
    uncounted: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


ROW_FIELDS = tuple(field.name for field in fields(CountRow))
row_figures: Callable[[CountRow], tuple[Any, ...]] = attrgetter(*ROW_FIELDS)
"""What a row holds, in the order of its fields: none holds fields itself, and ``asdict`` takes ten times as long."""


def alike(row: CountRow) -> Callable[[str, int | None, tuple[str, ...]], CountRow]:
    """Return what makes rows that differ from one in their name, their live bytes and what they read only.

    Files have tens of thousands of nodes that are equal otherwise. A row is written while it is not frozen: ``replace``
    takes fifty times as long.
    """
    held = row_figures(row)
    head, tail = held[1:_LIVE], held[_LIVE + 1 : -1]

    def made(name: str, live_bytes: int | None, reads: tuple[str, ...]) -> CountRow:
        written = _Unfrozen(name, *head, live_bytes, *tail, reads)
        written.__class__ = CountRow
        return written  # type: ignore[no-any-return]

    return made


_Unfrozen: Any = make_dataclass("_Unfrozen", ROW_FIELDS, slots=True)
_LIVE = ROW_FIELDS.index("live_bytes")  # the name is the first field, what is read the last


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over rows; ``peak_activation_bytes`` is the largest live sum, ``intensity`` FLOPs ÷ traffic bytes.

    ``arena_bytes`` is the size of a plan that gives each activation its place (``arithmetic/arena.py``);
    ``flash_bytes`` is what a TensorFlow Lite file stores, but for its tables. Sizes are in the precision of the count,
    sizes ``_int8`` in int8 (``arithmetic/precision.py``).

    None is a figure that the source cannot know; its status is ``unavailable``.
    """

    params: int | None = None
    trainable: int | None = None
    non_trainable: int | None = None
    kernels: int | None = None
    deployed_params: int | None = None
    macs: int | None = None
    flops: int | None = None
    weight_bytes: int | None = None
    traffic_bytes: int | None = None
    peak_activation_bytes: int | None = None
    intensity: float | None = None
    weight_bytes_int8: int | None = None
    peak_activation_bytes_int8: int | None = None
    arena_bytes: int | None = None
    arena_bytes_int8: int | None = None
    flash_bytes: int | None = None


PLANNED = ("arena_bytes", "arena_bytes_int8")
"""The totals that are neither sums nor peaks of rows."""
OF_ALL = ("peak_activation_bytes", "peak_activation_bytes_int8", *PLANNED, "flash_bytes")
"""The totals that are of a network alone; rows have the others."""
figures_of: Callable[[Totals], tuple[int | float | None, ...]] = attrgetter(*(each.name for each in fields(Totals)))
"""The fields of totals in their order; ``astuple`` copies each value, which takes 30 times as long."""
FIGURES = {**{each.name: each.name for each in fields(Totals)}, "deployed": "deployed_params"}
"""What a published figure or a limit can be of, and the field of totals that holds it."""


def in_bytes(figure: str) -> bool:
    """Say whether a figure is a number of bytes.

    >>> in_bytes("weight_bytes_int8"), in_bytes("macs")
    (True, False)
    """
    return "bytes" in figure.split("_")


@dataclass(frozen=True, slots=True)
class SectionTotals:
    """The subtotal of one named section of the spec."""

    name: str
    params: int
    trainable: int
    kernels: int
    macs: int


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A convolution that a rewrite left as it is, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCount(Shown):
    """All counts of one variant, for one run of ``batch`` examples, with its sizes in ``precision``.

    A precision is ``mixed`` where rows differ, and empty where sizes are as a file stores its numbers.
    ``inputs``: the shapes of that run by input, batch included; a free axis of a model file is its name there, and
    ``formulas`` are the totals that depend on it (``40·time + 64``), which are None in ``totals``. ``also`` names the
    variants whose graph is the same. ``mixes`` defines those of these names that are mixes: globs on names of
    convolutions with their kinds, of which the last that matches holds. ``macs_to_standard`` is measured (this ÷ the
    standard variant), ``macs_to_standard_theory`` what the kinds' formulas predict; None where no standard was
    counted, or no convolution can be rewritten.
    """

    name: str
    title: str = ""
    variant: str = ""
    also: tuple[str, ...] = ()
    mixes: dict[str, dict[str, str]] = field(default_factory=dict)
    batch: int
    precision: str = ""
    inputs: dict[str, tuple[int | str, ...]] = field(default_factory=dict)
    totals: Totals
    formulas: dict[str, str] = field(default_factory=dict)
    status: dict[str, Status]
    uncounted: tuple[str, ...]
    sections: tuple[SectionTotals, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    notes: tuple[str, ...] = ()
    params_to_standard: float | None = None
    macs_to_standard: float | None = None
    macs_to_standard_theory: float | None = None
    rows: tuple[CountRow, ...]

    def complete(self, figure: str) -> int | None:
        """Return a total where it is complete."""
        value: int | None = getattr(self.totals, figure)
        return value if self.status.get(figure) == "complete" else None

    def to_pandas(self) -> Any:
        """Return the rows as a ``pandas.DataFrame`` by their names, one column per other field.

        RuntimeUnavailable without pandas.
        """
        try:
            from pandas import DataFrame
        except ModuleNotFoundError as error:
            raise not_installed(error) or error from None

        return DataFrame([*map(row_figures, self.rows)], columns=ROW_FIELDS).set_index("name")


def counts_document(models: Sequence[ModelCount], knobs: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return the versioned JSON document of counts: ``{"schema": "costlens.count/1", "models": […]}``.

    knobs: those that each model was counted with, where they are known.
    """
    written = [asdict(replace(model, rows=())) for model in models]
    for model, document in zip(models, written, strict=True):
        document["rows"] = [dict(zip(ROW_FIELDS, row_figures(row), strict=True)) for row in model.rows]
    for document, its_knobs in zip(written, knobs, strict=False):
        document["knobs"] = dict(its_knobs)
    return {"schema": SCHEMA, "models": written}
