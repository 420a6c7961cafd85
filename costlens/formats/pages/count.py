"""Counts: the rows of each model, its totals, and what a reader must know of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from costlens.arithmetic import units
from costlens.arithmetic.cost import BYTES_PER_VALUE
from costlens.arithmetic.shapes import times, written
from costlens.results.charts import Bars, Network
from costlens.results.columns import BYTES, COUNT, NAMES, PERCENT, RATIO, TWO_DECIMALS, AtLeast, Column, Unit
from costlens.results.counts import ROW_FIELDS, CountRow, ModelCount, counts_document, row_figures
from costlens.results.page import Block, Chart, Fold, Gap, Items, Page, Records, Table, by_text

if TYPE_CHECKING:
    from costlens.results.layer_times import LayerTimes
    from costlens.results.prediction import Prediction


def kernel(row: CountRow) -> str:
    """Write a row's kernel and its stride: ``3×3/2``."""
    if row.kernel is None:
        return ""
    stride = row.stride or ()
    step = "" if set(stride) <= {1} else f"/{times(stride) if len(set(stride)) > 1 else stride[0]}"
    return times(row.kernel) + step


ROW_COLUMNS: tuple[Column[CountRow], ...] = (
    Column("name", "layer"),
    Column("kind", "kind", priority=6),
    Column("kernel", "kernel", value=kernel, priority=1),
    Column("groups", "groups", COUNT, lambda row: None if row.groups == 1 else row.groups, priority=12),
    Column("input", "input", value=lambda row: " + ".join(map(written, row.inputs)), priority=9),
    Column("output", "output", value=lambda row: written(row.output)),
    Column("params", "params", COUNT),
    Column("trainable", "trainable", COUNT, priority=13),
    Column("non_trainable", "non-trainable", COUNT, priority=14),
    Column("deployed_params", "deployed", COUNT, priority=10),
    Column("macs", "MACs", COUNT),
    Column("macs_share", "MACs %", PERCENT, priority=2),
    Column("flops", "FLOPs", COUNT, priority=8),
    Column("params_share", "params %", PERCENT, priority=5),
    Column("weight_bytes", "weights", BYTES, priority=11),
    Column("traffic_bytes", "traffic", BYTES, priority=7),
    Column("intensity", "FLOP/byte", TWO_DECIMALS, priority=7),
    Column("live_bytes", "live", BYTES, priority=8),
    Column("weight_bytes_int8", "weights\nint8", BYTES, priority=15),
    Column("live_bytes_int8", "live\nint8", BYTES, priority=16),
    Column("formula", "kernels, × positions", priority=4),
)


def names(model: ModelCount | LayerTimes | Prediction) -> str:
    """Write a variant's names: those whose graph is the same share a line."""
    return " = ".join((model.variant, *model.also))


def _total(figure: str, header: str, unit: Unit = COUNT, priority: int = 0) -> Column[ModelCount]:
    """Return the column of a total, a lower bound where it is partial, blank where the source cannot know it."""

    def value(model: ModelCount) -> Any:
        return AtLeast.of(getattr(model.totals, figure), model.status.get(figure))

    return Column(figure, header, unit, value, priority)


MODEL_COLUMNS: tuple[Column[ModelCount], ...] = (
    Column("variant", "variant", NAMES, names),
    _total("params", "params"),
    _total("trainable", "trainable", priority=6),
    _total("kernels", "kernels", priority=4),
    _total("deployed_params", "deployed", priority=7),
    _total("macs", "MACs"),
    Column("macs_to_standard", "÷ standard", RATIO),
    Column("macs_to_standard_theory", "by theory", RATIO, priority=1),
    _total("flops", "FLOPs", priority=8),
    _total("weight_bytes", "weights", BYTES, priority=2),
    _total("traffic_bytes", "traffic", BYTES, priority=9),
    _total("peak_activation_bytes", "peak\nactivations", BYTES, priority=3),
    _total("intensity", "FLOP/byte", TWO_DECIMALS, priority=10),
    _total("weight_bytes_int8", "weights\nint8", BYTES, priority=11),
    _total("peak_activation_bytes_int8", "peak int8", BYTES, priority=12),
    _total("arena_bytes", "arena", BYTES, priority=11),
    _total("arena_bytes_int8", "arena int8", BYTES, priority=13),
    _total("flash_bytes", "flash", BYTES, priority=13),
)
CHOICES: tuple[Column[Any], ...] = (*ROW_COLUMNS, *MODEL_COLUMNS)
"""The columns that a reader can choose."""
CALLED = {column.name: (" ".join(column.header.split()), column.unit) for column in MODEL_COLUMNS}
"""What tables and sentences call each total, and its unit."""
DRAWN = ("params", "macs", "weight_bytes", "peak_activation_bytes")
"""The totals that are drawn as bars."""
_SHOWN_UNFOLDED = 3


def page(
    models: Sequence[ModelCount],
    *,
    rows: bool = False,
    labels: Sequence[str] = (),
    knobs: Sequence[Mapping[str, Any]] = (),
) -> Page:
    """Return the page of counts; a terminal shows the layers of each model first, where ``rows``.

    labels: what each model's network is called, where their names do not tell them apart. knobs: those of each model,
    for the document.
    """
    records = [record(model, row) for model in models for row in model.rows]
    screen: list[Block] = []
    for model in models if rows else ():
        screen += [*layers(model), Gap(), Items(remarks(model), "dim")]
    if len(models) > 1 or not rows:
        screen += summary(models, labels)
    return Page(
        title(models, labels),
        [*summary(models, labels), *charts(models, labels), *map(folded, models)],
        counts_document(models, knobs),
        screen=screen,
        records=Records(RECORDED, records),
    )


def record(model: ModelCount, row: CountRow) -> list[Any]:
    """Return a line for machines: the model, and what the row holds, its shapes as tables write them."""
    figures = list(row_figures(row))
    for place in _SHAPES:
        figures[place] = written(figures[place])
    return [model.name, model.variant, " ".join(model.also), model.batch, *figures]


RECORDED = ("model", "variant", "also", "batch", *ROW_FIELDS)
"""What the figures of a line for machines are called."""
_SHAPES = (ROW_FIELDS.index("input"), ROW_FIELDS.index("output"))


def title(models: Sequence[ModelCount], labels: Sequence[str] = ()) -> str:
    """Name the network where there is one, else say how many there are."""
    networks = dict.fromkeys(labels or (model.name for model in models))
    return models[0].title or models[0].name if len(networks) == 1 else f"{len(networks)} networks"


def summary(models: Sequence[ModelCount], labels: Sequence[str] = ()) -> list[Block]:
    """Return one line a model, with what must be known of them; several networks are named in it."""
    table = Table(_columns(models, labels), models, title(models, labels), keep=_SHOWN_UNFOLDED, rest="all totals")
    return [table, Items(notes(models, labels), "dim")]


def _columns(models: Sequence[ModelCount], labels: Sequence[str]) -> tuple[Column[ModelCount], ...]:
    """Return the columns of totals; several networks are named in the first."""
    called = dict(zip(map(id, models), labels or [model.name for model in models], strict=True))
    networks = dict.fromkeys(called.values())
    columns = MODEL_COLUMNS
    if all(model.totals.params is None for model in models):
        columns = _with_deployed(columns)
    if len(networks) > 1:
        columns = (Column("name", "network", value=lambda model: called[id(model)]), *columns)
        if len(models) == len(networks) and len({model.variant for model in models}) == 1:
            columns = tuple(column for column in columns if column.name != "variant")
    return columns


def charts(models: Sequence[ModelCount], labels: Sequence[str] = ()) -> list[Block]:
    """Return the charts of counts: models side by side and, of one network, along its blocks and its run."""
    names_ = _columns(models, labels)
    table = Table([column for column in names_ if column.priority == 0 or column.name in DRAWN], models)
    bars = Chart("bars", Bars(table, DRAWN, {}))
    if len(dict.fromkeys(labels or (model.name for model in models))) > 1:
        return [bars]
    network = Network(tuple(models))
    return [bars, Chart("network", network), Chart("graph", network), Chart("memory", tuple(models))]


def notes(models: Sequence[ModelCount], labels: Sequence[str] = ()) -> list[str]:
    """Return what must be known of models, each sentence once after the names of those it holds for."""
    called = labels or [model.name for model in models]
    networks = dict.fromkeys(called)
    return [
        line if len(networks) == 1 else f"{network}, {line}"
        for network in networks
        for line in _each_once([model for label, model in zip(called, models, strict=True) if label == network])
    ]


def _each_once(models: Sequence[ModelCount]) -> list[str]:
    """Return the remarks on the variants of one network, each once after those that it holds for."""
    said = [(model, text) for model in models for text in remarks(model)]
    of_all = {text for _, text in said if len(models) > 1 and sum(text == other for _, other in said) == len(models)}
    return by_text(dict.fromkeys(("all variants" if text in of_all else names(model), text) for model, text in said))


def layers(model: ModelCount) -> list[Block]:
    """Return one model layer by layer for a screen, with a line for each section's subtotal, and its totals."""
    sums = [
        {"name": f"Σ {section.name}", "params": f"{section.params:,}", "macs": f"{section.macs:,}"}
        for section in model.sections
    ]
    heading = " · ".join(filter(None, (model.title or model.name, names(model))))
    columns = _with_deployed(ROW_COLUMNS) if model.totals.params is None else ROW_COLUMNS
    return [Table(columns, model.rows, heading, sums, bars="macs_share"), Items(totals(model))]


def _with_deployed(columns: Sequence[Column[Any]]) -> tuple[Column[Any], ...]:
    """Return columns that show deployed parameters first: of a model file only what it stores is known."""
    return tuple(replace(each, priority=0) if each.name == "deployed_params" else each for each in columns)


def folded(model: ModelCount) -> Fold:
    """Return one model layer by layer for a document."""
    return Fold(
        f"{names(model) or model.name}: {len(model.rows)} rows",
        (
            Table(ROW_COLUMNS, model.rows, address=("row", model.name, model.variant)),
            Table(_SECTION_COLUMNS, model.sections),
        ),
    )


_SECTION_COLUMNS: tuple[Column[Any], ...] = (
    Column("name", "section"),
    Column("params", "params", COUNT),
    Column("trainable", "trainable", COUNT),
    Column("kernels", "kernels", COUNT),
    Column("macs", "MACs", COUNT),
)


def totals(model: ModelCount) -> list[str]:
    """Return the totals of one model, a line of phrases for each sort; what is not known is left out."""

    def phrases(*figures: str) -> str:
        cells = {column.header: column.cell(model) for column in MODEL_COLUMNS if column.name in figures}
        return ", ".join(f"{' '.join(header.split())} {cell}" for header, cell in cells.items() if cell)

    t = model.totals
    batch = f", batch {model.batch}" if model.batch > 1 else ""
    parts = "" if t.trainable is None else f" = {t.trainable:,} trainable + {t.non_trainable:,} non-trainable"
    stored = _stored(t.params, t.deployed_params)
    intensity = "" if t.intensity is None else f"{t.intensity:.1f} FLOP/byte"
    memory = phrases("peak_activation_bytes", *(["arena_bytes"] if t.arena_bytes != t.peak_activation_bytes else []))
    sizes = (phrases("weight_bytes"), memory, phrases("traffic_bytes"), intensity)
    lines = (
        (phrases("params") + parts, ""),
        (phrases("kernels", "deployed_params") + stored, ""),
        (phrases("macs", "flops"), batch),
        (", ".join(filter(None, sizes)), f" ({_precision(model)}{batch})"),
    )
    return [f"{line}{end}" for line, end in lines if line]


def _stored(params: int | None, deployed: int | None) -> str:
    """Say why a file stores other numbers than the network has: fewer with norms folded, more in some operators."""
    if params is None or deployed is None or deployed == params:
        return ""
    return " (BatchNorm folded)" if deployed < params else " (as the file's operators store them)"


def _precision(model: ModelCount) -> str:
    """Return what sizes in bytes are of: in a file of fp32 numbers have four bytes each, else they are as stored."""
    if model.precision:
        return model.precision
    stored, count = model.totals.weight_bytes, model.totals.deployed_params
    return "as stored" if stored is not None and count is not None and stored != BYTES_PER_VALUE * count else "fp32"


def remarks(model: ModelCount) -> list[str]:
    """Return what a reader must know of a count: totals that are formulas, what was left alone, what is not counted."""
    reasons = Counter(item.reason for item in model.left_alone)
    several = len(reasons) > 1
    listed = ", ".join(f"{count} {reason}" if several else reason for reason, count in sorted(reasons.items()))
    alone = f"{units.plural(len(model.left_alone), 'convolution')} left alone: {listed}"
    partly = ("macs", "flops") if model.uncounted else ()
    formulas = [f"{CALLED[each][0]} {'≥' if each in partly else '='} {text}" for each, text in model.formulas.items()]
    uncounted = [f"not counted: {item}" for item in model.uncounted]
    return [*formulas, *([alone] if listed else []), *model.notes, *uncounted]
