"""The report of one network: the answer first, then the proof, the time and the layers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from costlens.arithmetic import units
from costlens.formats.pages import _report_rows, count, latency, layer_times, ledger
from costlens.formats.pages.answers import factor
from costlens.formats.pages.bounds import least_times
from costlens.results.charts import Bars, Network, Roofline
from costlens.results.columns import COUNT, EXACT, INTERVAL_MS, MS, TIMES, Column
from costlens.results.counts import AS_WRITTEN, ModelCount
from costlens.results.latency import Latency, LatencyRatio
from costlens.results.names import led
from costlens.results.page import Block, Chart, Fold, Gap, Heading, Items, Line, Mark, Page, Picture, Say, Table
from costlens.results.report import Budget, Expectation, Report

_SHOWN_UNFOLDED = 3
_COUNTED_TWICE = (
    "Every number is counted independently more than once: from the spec, from the Keras model built of it, "
    "and from the ONNX file exported from that."
)
_COUNTED_BESIDES = (
    "MACs are counted twice: by the graph, and by a run of the file; of a Keras model by its layers, and by the ONNX "
    "file exported from it, whose outputs are compared with Keras's."
)
_CONVENTIONS = (
    "One MAC is one multiply-accumulate of a convolution, dense layer or matrix product; bias adds are not MACs, "
    "padded positions count. A MAC is two FLOPs. Parameters are every number the Keras model stores; ",
    Mark("deployed", "emphasis"),
    " ones have BatchNorm folded. Counts are per one example unless a batch is named, sizes in fp32. "
    "costlens docs counting says it all.",
)
_DRAWN = "what each variant costs, as bars"


def page(report: Report, *, rows: bool = True, picture: str = "", layers: str = "") -> Page:
    """Return the page of a report; a terminal shows the layers as written where ``rows``.

    picture, layers: the addresses of the picture and of the table of all layers that lie beside it, for Markdown.
    """
    blocks: list[Block] = [
        Say(_origin(report)),
        Say(answer(report)),
        Chart("bars", bars(report)),
        Table(_columns(report), report.counts, keep=_SHOWN_UNFOLDED, rest="all totals"),
        Items(count.notes(report.counts)),
        *_judged(report),
        *([Chart("savings", latency.savings(report.latency))] if report.latency else []),
        Chart("network", network := Network(report.counts, report.layer_times)),
        Chart("graph", network),
        Chart("memory", report.counts),
    ]
    if report.ledgers:
        blocks += [Heading("Proof"), Say(_COUNTED_TWICE if _has_variants(report) else _COUNTED_BESIDES)]
        for each in report.ledgers:
            said = led(each.variant, f"{len(each.entries)} checks, {ledger.state(each)}")
            blocks.append(Fold(said, (ledger.table(each),)))
    blocks += _latency(report)
    if report.layer_times:
        bounds = report.least[0].bounds if report.least else None
        blocks.append(Chart("roofline", Roofline(report.layer_times, bounds)))
        blocks += [Heading("Time per layer"), *(b for each in report.layer_times for b in layer_times.of_report(each))]
    blocks += [
        *(Say(f"No time per layer of {line}") for line in report.not_profiled),
        Heading("Layer by layer"),
        *map(count.folded, report.counts),
        *_made(report),
    ]
    return Page(
        report.title or report.name,
        blocks,
        report,
        1,
        _screen(report, rows=rows),
        records=_report_rows.records(report),
        summary=answer(report),
        brief=_brief(report, picture, layers),
    )


def _brief(report: Report, picture: str, layers: str) -> list[Block]:
    """Return what a repository shows: the answer, then each thing once, and the layers of the first variant alone."""
    first = report.counts[0]
    striking = {each.variant: layer_times.disagreements(each) for each in report.layer_times}
    others = [led(variant, line) for variant, lines in striking.items() if variant != first.variant for line in lines]
    disagreeing: list[Block] = [Heading("Where time and MACs disagree"), Items(others)] if others else []
    beside = (
        *("All layers of all variants: ", Mark("layers.csv", "", layers), ". For programs: "),
        *(Mark("report.json", "", "report.json"), ". For a browser, with charts and the graph: "),
        *(Mark("report.html", "code"), ", which ", Mark("costlens report", "code"), " writes beside it."),
    )
    return [
        Say(_origin(report)),
        Say(answer(report), tone="strong"),
        Items(striking.get(first.variant, [])),
        Table(_columns(report), report.counts, keep=0),
        *([Picture(picture, f"{report.title or report.name}: {_DRAWN}")] if picture else []),
        Items(count.notes(report.counts)),
        *_judged(report),
        *_proof(report),
        *(replace(each, rest="") if isinstance(each, Table) else each for each in _latency(report)),
        *disagreeing,
        *(Say(f"No time per layer of {line}") for line in report.not_profiled),
        Heading("Layer by layer"),
        _report_rows.folded(report, first),
        Say(beside if layers else ""),
        *_made(report),
    ]


def _judged(report: Report) -> list[Block]:
    """Say whether the numbers are proven, and what was published and budgeted."""
    return [
        Say(verdict(report), tone="strong"),
        *_expected(report),
        *_titled("Budget", Table(_BUDGETS, report.budgets)),
    ]


def _expected(report: Report) -> list[Block]:
    """Return the published figures beside ours; a source that all share is said once."""
    sources = {one.source for one in report.expectations}
    columns = [column for column in _EXPECTATIONS if column.name != "source" or len(sources) > 1]
    said = Say(("Published in: ", Mark(sources.pop(), "links"))) if len(sources) == 1 else Say()
    return [*_titled("Published figures", Table(columns, report.expectations)), said]


def _proof(report: Report) -> list[Block]:
    """Return all checks in one table, and those that disagree in words; nothing where nothing was proven."""
    if not report.ledgers:
        return []
    said = _COUNTED_TWICE if _has_variants(report) else _COUNTED_BESIDES
    table = ledger.proof(report.ledgers) if _has_variants(report) else ledger.table(report.ledgers[0])
    return [Heading("Proof"), Say(said), Items(_wrong(report), "bad"), table]


def _latency(report: Report) -> list[Block]:
    """Return the times, and the least that this machine needs; nothing where nothing was timed."""
    if not report.latency:
        return []
    roofs, *models = least_times(report.least) or [""]
    blocks = [Heading("Latency"), *latency.latency(report.latency, "Time")]
    return [*blocks, Say(roofs), Items(models)] if models else blocks


def _made(report: Report) -> list[Block]:
    """Say what the words mean, and what the report was made with."""
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    files = (
        (
            led(file.variant, ""),
            Mark(file.name, "code"),
            f", {units.bytes_(file.bytes)}, sha256 ",
            Mark(f"{file.sha256[:16]}…", "code"),
        )
        for file in report.files
    )
    said = f"Versions: {versions}" if versions else ""
    return [Heading("How this was made"), Say(_CONVENTIONS), Say(said), Items(files)]


def bars(report: Report) -> Bars:
    """Return the figures that the answer is about, a bar a variant; times have intervals and verdicts."""
    times = {id(model): time_of(report, model)[0] for model in report.counts}
    interval: Column[ModelCount] = Column(
        "interval", "interval", INTERVAL_MS, lambda model: getattr(times[id(model)], "median_interval_ms", None)
    )
    wanted = ("variant", *count.DRAWN, "median_ms", "verdict")
    columns = [column for column in _columns(report) if column.name in wanted]
    table = Table([*columns, interval], report.counts)
    return Bars(table, (*count.DRAWN, "median_ms"), {"median_ms": "interval"}, "verdict")


def _titled(heading: str, table: Table) -> list[Block]:
    return [Heading(heading, 3), table] if table.rows else []


def _screen(report: Report, *, rows: bool) -> list[Block]:
    """Return cost, time, published figures and proof, then the layers as written where ``rows``."""
    times = report.latency
    wrong = _wrong(report)
    groups: list[list[Block]] = [
        count.summary(report.counts),
        [*latency.latency(times, "Time"), Items(least_times(report.least), "dim")] if times else [],
        _striking(report),
        _published(report),
        [ledger.proof(report.ledgers)] if report.ledgers else [],
        [Items(wrong, "bad"), Say(verdict(report), tone="alarm" if wrong else "strong")],
        count.layers(report.counts[0]) if rows else [],
        [Say(answer(report), tone="strong")],
    ]
    return [block for group in groups if group for block in (*group, Gap())][:-1]


def _wrong(report: Report) -> list[str]:
    """Say of each check that disagrees what was counted."""
    return [
        led(each.variant, f"{entry.name}: {ledger.counts(entry.roads)}; {entry.note}")
        for each in report.ledgers
        for entry in each.failures
    ]


def _striking(report: Report) -> list[Block]:
    """Say of each profiled variant where its time and its MACs disagree; the table is in the report's folder."""
    said = [led(each.variant, line) for each in report.layer_times for line in layer_times.disagreements(each)]
    lost = [f"no time per layer of {line}" for line in report.not_profiled]
    return [Items(said), Items(lost, "bad")] if said or lost else []


def _published(report: Report) -> list[Block]:
    sources = dict.fromkeys(one.source for one in report.expectations)
    published = [
        Say(
            f"{one.figure} {one.ours:,}, {'' if one.holds else 'NOT '}as published: {units.grouped(one.published)}",
            tone="" if one.holds else "alarm",
        )
        for one in report.expectations
    ]
    budgets = [
        Say(f"budget {one.figure} {one.limit}: {one.word}", tone="alarm" if one.missed else "")
        for one in report.budgets
    ]
    return [*published, Items(sources, "dim"), *budgets] if published or budgets else []


def answer(report: Report) -> str:
    """Say in one sentence what the network costs, and what it would cost with standard convolutions."""
    model = report.counts[0]
    also = f" ({model.also[0]})" if model.also else ""
    written = f" as written{also}" if model.variant == AS_WRITTEN else f" {model.variant}" if model.variant else ""
    latency_, ratio = time_of(report, model)
    took = f" and {units.milliseconds(latency_.median_ms)}" if latency_ else ""
    said = f"{report.title or report.name}: {_held(model)}, {_multiplied(model)}{took}{written}"
    cheaper = model.macs_to_standard
    if not cheaper or cheaper == 1:
        times = report.latency
        beside = latency.answer(times) if times and times.ratios and not times.too_noisy else ""
        return f"{said}; {beside}" if beside else f"{said}."
    known = ratio is not None and ratio.baseline == "standard" and ratio.settled
    time = f" and takes {factor(1 / ratio.ratio)} times as long" if ratio and known else ""
    return f"{said}; with standard convolutions it needs {factor(1 / cheaper)} times the MACs{time}."


def _held(model: ModelCount) -> str:
    """Say how many parameters there are; of a file those that are deployed."""
    if model.totals.params is None:
        return f"{units.short(model.totals.deployed_params)} deployed parameters"
    return f"{units.short(model.totals.params)} parameters"


def _multiplied(model: ModelCount) -> str:
    """Say how many MACs there are: at least so many, or by a formula where an axis has no size."""
    if model.totals.macs is None:
        return f"MACs = {model.formulas['macs']}" if "macs" in model.formulas else "MACs not known"
    return f"{'at least ' if model.status['macs'] == 'partial' else ''}{units.short(model.totals.macs)} MACs"


def time_of(report: Report, model: ModelCount) -> tuple[Latency | None, LatencyRatio | None]:
    """Return a variant's time and its ratio to the baseline, None where they were not measured."""
    measured, names = report.latency, (model.variant or model.name, *model.also)
    if measured is None:
        return None, None
    return (
        next((one for one in measured.models if one.label in names), None),
        next((one for one in measured.ratios if one.label in names), None),
    )


_TIMES: tuple[Column[Any], ...] = (Column("median_ms", "median time"), Column("time_ratio", "time ÷ baseline"))
CHOICES: tuple[Column[Any], ...] = (*count.CHOICES, *latency.CHOICES, *layer_times.CHOICES, *_TIMES)
"""The columns that a reader can choose."""


def _columns(report: Report) -> tuple[Column[ModelCount], ...]:
    """Return the columns of counts, then those of time."""

    def timed(read: Callable[[Latency | None, LatencyRatio | None], Any]) -> Callable[[ModelCount], Any]:
        return lambda model: read(*time_of(report, model))

    ratios = report.latency.ratios if report.latency else ()
    baseline = ratios[0].baseline if ratios else "baseline"
    return (
        *count.MODEL_COLUMNS,
        Column("median_ms", "median time", MS, timed(lambda time, _: time and time.median_ms)),
        Column("time_ratio", f"time ÷ {baseline}", TIMES, timed(lambda _, ratio: ratio and ratio.ratio)),
        Column("verdict", "verdict", value=timed(lambda _, ratio: latency.concluded(ratio))),
    )


def verdict(report: Report) -> str:
    """Say in one line whether the numbers are proven."""
    if not report.ledgers:
        return f"Not verified: counted {'from the spec' if _has_variants(report) else 'by its graph'} only."
    entries = [entry for each in report.ledgers for entry in each.entries]
    wrong = sum(not entry.agrees for entry in entries)
    if wrong:
        return f"Verification FAILED: {wrong} of {len(entries)} checks disagree."
    over = f" over {units.plural(len(report.ledgers), 'variant')}" if _has_variants(report) else ""
    return f"Verified: all {len(entries)} checks{over} agree."


def _has_variants(report: Report) -> bool:
    return any(model.variant for model in report.counts)


def _origin(report: Report) -> Line:
    knobs = ", ".join(f"{name} = {value}" for name, value in report.knobs.items())
    parts = (Mark(report.name, "code"), Mark(report.source, "links"), f"knobs: {knobs}" if knobs else "")
    first, *others = (part for part in parts if str(part))
    return (first, *(piece for part in others for piece in (" · ", part)))


_EXPECTATIONS: tuple[Column[Expectation], ...] = (
    Column("figure", "figure"),
    Column("published", "published", COUNT, lambda one: units.grouped(one.published)),
    Column("ours", "ours", COUNT),
    Column("holds", "within its last digit", value=lambda one: "yes" if one.holds else Mark("no")),
    Column("source", "source", value=lambda one: Mark(one.source, "links")),
)
_BUDGETS: tuple[Column[Budget], ...] = (
    Column("figure", "figure"),
    Column("limit", "limit", COUNT, lambda one: units.grouped(one.limit)),
    Column("ours", "ours", EXACT),
    Column("verdict", "", value=lambda one: Mark(one.word.lower()) if one.missed else one.word),
)
