"""GitHub-flavoured Markdown: what a README, a pull request or ``report.md`` holds; wide tables are folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costlens.arithmetic import units
from costlens.formats import _layer_prose, _prose
from costlens.formats.bounds import sentences
from costlens.formats.escape import LIMIT, NAME, address, code
from costlens.formats.escape import markdown as text
from costlens.results.columns import LATENCY_COLUMNS, MODEL_COLUMNS, ROW_COLUMNS, Column, latency_lines
from costlens.results.counts import AS_WRITTEN, ModelCount
from costlens.results.layer_columns import LAYER_COLUMNS, shown, sums
from costlens.results.verdict import conclusion

if TYPE_CHECKING:
    from costlens.results.bounds import LeastTime
    from costlens.results.latency import LatencyReport
    from costlens.results.layer_times import LayerTimes
    from costlens.results.ledger import Ledger
    from costlens.results.report import Report

suffix = ".md"
_SHOWN_UNFOLDED = 3
"""The highest priority of a column that stands outside the fold."""


def render_counts(models: list[ModelCount]) -> str:
    """Write a summary table for each network and, folded, every variant's layers."""
    parts: list[str] = []
    for name in dict.fromkeys(model.name for model in models):
        same = [model for model in models if model.name == name]
        parts += [f"## {text(same[0].title or name)}", *_counted(same)]
    return "\n\n".join(parts) + "\n"


def render(report: Report) -> str:
    """Write ``report.md``: the answer first, then the proof, the time and, folded, the layers."""
    parts = [f"# {text(report.title or report.name)}", _origin(report)]
    parts += _ten_seconds(report)
    parts += ["## What it costs", *_summary(report.counts)]
    parts += _expectations(report)
    if report.ledgers:
        parts += ["## Proof", _LEDGER_INTRO, *(_ledger(ledger) for ledger in report.ledgers)]
    if report.latency:
        parts += ["## Latency", *_latency(report.latency), _least(report.least)]
    if report.layer_times:
        parts += ["## Time per layer", *(part for times in report.layer_times for part in _layer_times(times))]
    parts += [f"No time per layer of {text(line)}" for line in report.not_profiled]
    parts += ["## Layer by layer", *(_layers(model) for model in report.counts)]
    parts += ["## How this was made", _made(report)]
    return "\n\n".join(part for part in parts if part) + "\n"


_LEDGER_INTRO = (
    "Every number is reached by more than one road: from the spec, from the Keras model built of it, "
    "and from the ONNX file exported from that."
)


def index(reports: Mapping[str, Report]) -> str:
    """Write the index of a folder of reports: every variant's cost, and its time where it was measured."""
    return (
        "\n\n".join(
            [
                "# Reports",
                _variants(reports),
                "Time is the median on the machine its report names; compare it within one report only.",
                _prose.ACCURACY,
            ]
        )
        + "\n"
    )


def overview(reports: Mapping[str, Report], *, link: str) -> str:
    """Write one line a network: its cost as written, and the MACs of every kind of convolution ÷ the standard kind's.

    ``link`` is the address of a report, with ``{folder}`` in it.
    """
    named = {folder: _by_name(report) for folder, report in reports.items()}
    known = dict.fromkeys(name for models in named.values() for name in models)
    kinds = [name for name in known if name not in (AS_WRITTEN, "standard")]
    rows = []
    for folder, models in named.items():
        written = models.get(AS_WRITTEN, reports[folder].counts[0])
        ratios = [models[kind].macs_to_standard if kind in models else None for kind in kinds]
        rows.append(
            [
                f"[{text(folder, NAME)}]({link.format(folder=address(folder))})",
                units.count(written.totals.params),
                units.count(written.totals.macs),
                text(", ".join(name for name in (written.variant, *written.also) if name != AS_WRITTEN) or "mixed"),
                *("" if ratio is None else units.ratio(ratio) for ratio in ratios),
            ]
        )
    headers = ["network", "parameters", "MACs", "written as", *map(text, kinds)]
    return table(headers, rows, [False, True, True, False, *(True for _ in kinds)])


def _by_name(report: Report) -> dict[str, ModelCount]:
    """Return a report's counts by each of their variants' names, in alphabetical order."""
    models = {name: model for model in report.counts for name in (model.variant, *model.also)}
    return {name: models[name] for name in sorted(models)}


def _variants(reports: Mapping[str, Report]) -> str:
    """Write one table of all reports' variants."""
    rows = [
        [
            f"[{text(folder, NAME)}]({address(folder)}/report.md)",
            text(" = ".join((model.variant, *model.also)), NAME),
            units.count(model.totals.params),
            units.count(model.totals.macs),
            "" if model.macs_to_standard is None else units.ratio(model.macs_to_standard),
            _median(report.latency, (model.variant, *model.also)),
        ]
        for folder, report in reports.items()
        for model in report.counts
    ]
    headers = ["network", "variant", "parameters", "MACs", "÷ standard", "median time"]
    return table(headers, rows, [False, False, True, True, True, True])


def _median(latency: LatencyReport | None, names: tuple[str, ...]) -> str:
    found = [units.milliseconds(m.median_ms) for m in latency.models if m.label in names] if latency else []
    return found[0] if found else ""


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool]) -> str:
    """Write a pipe table with its columns aligned in the source too.

    >>> print(table(["a", "n"], [["x", "1,000"]], [False, True]))
    | a   |     n |
    | :-- | ----: |
    | x   | 1,000 |
    """
    lines = [list(headers), *(list(row) for row in rows)]
    widths = [max(3, *(len(line[i]) for line in lines)) for i in range(len(headers))]
    rule = [f"{'-' * (w - 1)}:" if right else f":{'-' * (w - 1)}" for w, right in zip(widths, numeric, strict=True)]

    def written(cells: Sequence[str]) -> str:
        padded = (c.rjust(w) if right else c.ljust(w) for c, w, right in zip(cells, widths, numeric, strict=True))
        return f"| {' | '.join(padded)} |"

    return "\n".join([written(lines[0]), f"| {' | '.join(rule)} |", *(written(line) for line in lines[1:])])


def columns_table(columns: Sequence[Column], items: Sequence[Any], sums: Sequence[Mapping[str, str]] = ()) -> str:
    """Write items, a line each, and behind them the lines of ``sums``; columns that are empty are left out."""
    cells = [[text(column.text(item), LIMIT if column.priority else NAME) for column in columns] for item in items]
    cells += [[text(line.get(column.name, "")) for column in columns] for line in sums]
    kept = [i for i, column in enumerate(columns) if column.priority == 0 or any(row[i] for row in cells)]
    return table(
        [columns[i].header for i in kept],
        [[row[i] for i in kept] for row in cells],
        [columns[i].numeric for i in kept],
    )


def details(summary: str, body: str) -> str:
    """Fold a body under a line; the reader opens it."""
    return f"<details>\n<summary>{text(summary)}</summary>\n\n{body}\n\n</details>"


def _counted(models: Sequence[ModelCount]) -> list[str]:
    return [*_summary(models), *(_layers(model) for model in models)]


def _summary(models: Sequence[ModelCount]) -> list[str]:
    remarks = [f"- {text(line)}" for line in _prose.shared_remarks(models)]
    accuracy = _prose.ACCURACY if len(models) > 1 else ""
    short = [column for column in MODEL_COLUMNS if column.priority <= _SHOWN_UNFOLDED]
    every = details("all totals", columns_table(MODEL_COLUMNS, models))
    return [part for part in (columns_table(short, models), "\n".join(remarks), accuracy, every) if part]


def _layers(model: ModelCount) -> str:
    names = " = ".join((model.variant, *model.also))
    body = [columns_table(ROW_COLUMNS, model.rows)]
    if model.sections:
        rows = [[text(s.name), *map(units.count, (s.params, s.trainable, s.kernels, s.macs))] for s in model.sections]
        headers = ["section", "params", "trainable", "kernels", "MACs"]
        body.append(table(headers, rows, [False, True, True, True, True]))
    return details(f"{names}: {len(model.rows)} rows", "\n\n".join(body))


def _origin(report: Report) -> str:
    knobs = ", ".join(f"{name} = {value}" for name, value in report.knobs.items())
    parts = [code(report.name), text(report.source, links=True), f"knobs: {text(knobs)}" if knobs else ""]
    return " · ".join(part for part in parts if part)


def _ten_seconds(report: Report) -> list[str]:
    """Write the answer, one line a variant, and whether it is proven."""
    lines = []
    for model in report.counts:
        figures = [f"{units.short(model.totals.params)} parameters", f"{units.short(model.totals.macs)} MACs"]
        if model.macs_to_standard not in (None, 1.0):
            figures.append(f"{units.ratio(model.macs_to_standard or 0)} of the standard form's MACs")
        figures += _time_of(report.latency, (model.variant, *model.also))
        lines.append(f"- **{text(' = '.join((model.variant, *model.also)))}**: {', '.join(figures)}")
    return ["\n".join(lines), f"**{_prose.verdict(report)}**"]


def _time_of(latency: LatencyReport | None, names: tuple[str, ...]) -> list[str]:
    if latency is None:
        return []
    found = [units.milliseconds(model.median_ms) for model in latency.models if model.label in names]
    for one in latency.ratios:
        if one.label in names:
            said = f" ({conclusion(one.verdict, one.confidence)})" if one.verdict else ""
            found.append(f"{units.ratio(one.ratio)} of {text(one.baseline)}'s time{said}")
    return found


def _expectations(report: Report) -> list[str]:
    parts = []
    if report.expectations:
        rows = [
            [
                text(e.figure),
                text(e.published),
                units.count(e.ours),
                "yes" if e.holds else "**no**",
                text(e.source, links=True),
            ]
            for e in report.expectations
        ]
        headers = ["figure", "published", "ours", "within its last digit", "source"]
        parts += ["### Published figures", table(headers, rows, [False, True, True, False, False])]
    if report.budgets:
        rows = [
            [
                text(b.figure),
                text(b.limit),
                "" if b.ours is None else units.exact(b.ours),
                f"**{b.word.lower()}**" if b.missed else text(b.word),
            ]
            for b in report.budgets
        ]
        parts += ["### Budget", table(["figure", "limit", "ours", ""], rows, [False, True, True, False])]
    return parts


def _ledger(ledger: Ledger) -> str:
    rows = [
        [text(entry.name), text(_prose.roads(entry.roads)), "yes" if entry.agrees else "**NO**", text(entry.note)]
        for entry in ledger.entries
    ]
    body = table(["check", "roads", "agrees", "note"], rows, [False, False, False, False])
    state = "all agree" if ledger.ok else "DISAGREEMENT"
    return details(f"{ledger.variant}: {len(ledger.entries)} checks, {state}", body)


def _latency(latency: LatencyReport) -> list[str]:
    lines = latency_lines(latency)
    short = [column for column in LATENCY_COLUMNS if column.priority <= _SHOWN_UNFOLDED]
    every = details("all figures", columns_table(LATENCY_COLUMNS, lines))
    resolution = text(_prose.resolution(latency))
    open_ = [*_prose.open_verdicts(latency), *_prose.failures(latency)]
    return [
        columns_table(short, lines),
        f"**{resolution}**" if latency.too_noisy else resolution,
        "\n".join(f"- {text(line)}" for line in open_),
        text(_prose.measured(latency)),
        text(latency.note),
        every,
    ]


def render_layer_times(times: LayerTimes) -> str:
    """Write the time per layer of one model, its table unfolded."""
    parts = [f"## {text(_layer_prose.title(times))}", *_said(times), _layer_table(times), *_credible(times)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _layer_times(times: LayerTimes) -> list[str]:
    """Write a variant of a report: what is striking, then everything, folded."""
    names = " = ".join((times.variant, *times.also))
    folded = "\n\n".join((_layer_table(times), *_credible(times)))
    return [f"### {text(names)}", *_said(times), details(f"{names}: time of {len(times.rows)} rows", folded)]


def _said(times: LayerTimes) -> list[str]:
    return ["\n".join(f"- {text(line)}" for line in _layer_prose.disagreements(times))]


def _layer_table(times: LayerTimes) -> str:
    return columns_table(LAYER_COLUMNS, shown(times), sums(times))


def _credible(times: LayerTimes) -> list[str]:
    return [text(" ".join(_layer_prose.believed(times))), text(_layer_prose.measured(times)[0])]


def _least(lines: Sequence[LeastTime]) -> str:
    roofs, *models = sentences.least_times(lines) or [""]
    return "\n".join([text(roofs), "", *(f"- {text(line)}" for line in models)]) if models else ""


def _made(report: Report) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    conventions = (
        "One MAC is one multiply-accumulate of a convolution, dense layer or matrix product; bias adds are none, "
        "padded positions count. A MAC is two FLOPs. Parameters are every number the Keras model stores; "
        "*deployed* ones have BatchNorm folded. Counts are per one example unless a batch is named, sizes in fp32. "
        "The README's “How costlens counts” says it all."
    )
    files = "\n".join(
        f"- {text(file.variant)}: {code(file.name)}, {units.bytes_(file.bytes)}, sha256 {code(file.sha256[:16] + '…')}"
        for file in report.files
    )
    return "\n\n".join(part for part in (conventions, f"Versions: {text(versions)}", files) if part)
