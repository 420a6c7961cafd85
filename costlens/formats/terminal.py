"""Tables for the terminal: as many columns as fit its width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from costlens.formats import _layer_prose, _prose
from costlens.formats._phrase import phrase
from costlens.formats.bounds import sentences
from costlens.formats.escape import LIMIT, NAME, plain, shorten
from costlens.results.columns import LATENCY_COLUMNS, MODEL_COLUMNS, NETWORK_COLUMN, ROW_COLUMNS, Column, latency_lines
from costlens.results.counts import ModelCount
from costlens.results.layer_columns import LAYER_COLUMNS, shown, sums

if TYPE_CHECKING:
    from costlens.results.bounds import LeastTime
    from costlens.results.kinds import Kind, KindField
    from costlens.results.latency import LatencyReport
    from costlens.results.layer_times import LayerTimes
    from costlens.results.ledger import Entry, Ledger
    from costlens.results.report import Report

_PADDING = 3


def counts(models: Sequence[ModelCount], width: int, *, rows: bool) -> RenderableType:
    """Render counts: the layers of each model where ``rows``, a summary where there are several."""
    parts: list[RenderableType] = []
    for model in models if rows else ():
        parts += [layers(model, width), *(phrase(line) for line in _prose.totals(model)), ""]
        parts += [phrase(line, style="dim") for line in _prose.remarks(model)]
    if len(models) > 1 or not rows:
        parts.append(summary(models, width))
    if len({model.variant for model in models}) > 1:
        parts.append(phrase(_prose.ACCURACY, style="dim"))
    return Group(*parts)


def layers(model: ModelCount, width: int) -> Table:
    """Render one model layer by layer, with a line for each section's subtotal."""
    names = " = ".join((model.variant, *model.also))
    sums = [
        {"name": f"Σ {plain(section.name)}", "params": f"{section.params:,}", "macs": f"{section.macs:,}"}
        for section in model.sections
    ]
    return columns_table(ROW_COLUMNS, model.rows, width, f"{model.title or model.name} · {names}", sums)


def summary(models: Sequence[ModelCount], width: int) -> Group:
    """Render the totals of several models in one table, with what was left alone; several networks are named in it."""
    names = dict.fromkeys(model.name for model in models)
    columns: tuple[Column, ...] = MODEL_COLUMNS if len(names) == 1 else (NETWORK_COLUMN, *MODEL_COLUMNS)
    if len(models) == len(names) > 1 and len({model.variant for model in models}) == 1:
        columns = tuple(column for column in columns if column.name != "variant")
    title = models[0].title or models[0].name if len(names) == 1 else f"{len(names)} networks"
    parts: list[RenderableType] = [columns_table(columns, models, width, title)]
    for name in names:
        lines = _prose.shared_remarks([model for model in models if model.name == name])
        parts += [phrase(line if len(names) == 1 else f"{name}, {line}", style="dim") for line in lines]
    return Group(*parts)


def report(report: Report, width: int, *, rows: bool) -> Group:
    """Render a report: cost, time, published figures and proof, then its layers as written where ``rows``."""
    wrong = [(ledger, entry) for ledger in report.ledgers for entry in ledger.entries if not entry.agrees]
    blocks: list[list[RenderableType]] = [
        [summary(report.counts, width)],
        [latency(report.latency, width, "Time"), *least(report.least)] if report.latency else [],
        _striking(report),
        _published(report),
        [proof(report, width)] if report.ledgers else [],
        [
            *(phrase(f"{at.variant}: {e.name}: {_prose.roads(e.roads)}; {e.note}", style="red") for at, e in wrong),
            phrase(_prose.verdict(report), style="bold red" if wrong else "bold"),
            phrase(_prose.ACCURACY, style="dim"),
        ],
        [layers(report.counts[0], width), *map(phrase, _prose.totals(report.counts[0]))] if rows else [],
    ]
    return Group(*(part for block in blocks if block for part in (*block, "")))


def _published(report: Report) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for expectation in report.expectations:
        word = "as published" if expectation.holds else "NOT as published"
        style = "" if expectation.holds else "bold red"
        lines.append(phrase(f"{expectation.figure} {expectation.ours:,}, {word}: {expectation.published}", style=style))
    lines += [phrase(source, style="dim") for source in dict.fromkeys(e.source for e in report.expectations) if source]
    for budget in report.budgets:
        style = "bold red" if budget.missed else ""
        lines.append(phrase(f"budget {budget.figure} {budget.limit}: {budget.word}", style=style))
    return lines


def proof(report: Report, width: int) -> Table:
    """Render all ledgers in one table: a line a check, a column a variant, the number that the roads share."""
    grid = Table(
        box=box.SIMPLE_HEAD, title=Text("Proof"), title_justify="left", title_style="bold", pad_edge=False, width=width
    )
    grid.add_column("spec = Keras = ONNX", overflow="fold")
    for ledger in report.ledgers:
        grid.add_column(phrase(ledger.variant), justify="right", overflow="fold")
    checks = dict.fromkeys(_check(entry.name) for ledger in report.ledgers for entry in ledger.entries)
    for check in checks:
        entries = [[e for e in ledger.entries if _check(e.name) == check] for ledger in report.ledgers]
        grid.add_row(phrase(check), *(_shared(found) for found in entries))
    return grid


def _check(name: str) -> str:
    """Name a check without the output it is of: variants call their last layer differently."""
    return "outputs, relative difference" if name.startswith("output ") else name


def _shared(entries: Sequence[Entry]) -> Text:
    if not all(entry.agrees for entry in entries):
        return Text("DISAGREE", style="bold red")
    values = [entry.roads[0][1] for entry in entries]
    return phrase(" ".join(f"{value:,}" if isinstance(value, int) else str(value) for value in values))


def kinds(items: Sequence[Kind], width: int) -> Group:
    """Render the words of the spec language: one line each, or all fields where it is only one."""
    if len(items) == 1:
        return Group(*_one_kind(items[0], width))
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, width=width)
    for header, ratio in (("kind", 2), ("fields (= default)", 4), ("", 4)):
        grid.add_column(header, ratio=ratio, overflow="fold")
    for item in items:
        fields = ", ".join(field.name + (f" = {field.default}" if _has_default(field) else "") for field in item.fields)
        grid.add_row(phrase(item.name, style="bold"), phrase(fields), phrase(item.help, style="dim"))
    return Group(grid, phrase("costlens kinds NAME says what each field takes", style="dim"))


def _one_kind(item: Kind, width: int) -> list[RenderableType]:
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, width=width)
    for header, ratio in (("field", 2), ("takes", 3), ("default", 2), ("", 5)):
        grid.add_column(header, ratio=ratio, overflow="fold")
    for field in item.fields:
        grid.add_row(phrase(field.name, "bold"), phrase(field.type), phrase(field.default), phrase(field.description))
    parts: list[RenderableType] = [phrase(f"{item.name}: {item.help}")]
    if item.formula:
        parts.append(phrase(f"MACs ÷ standard: {item.formula}"))
    parts.append(grid)
    if item.shorthand:
        parts.append(phrase(f"short form: {item.name}: VALUE sets {item.shorthand}", style="dim"))
    return [*parts, phrase(f"also: {', '.join(item.added)}", style="dim")]


def _has_default(field: KindField) -> bool:
    return field.default not in ("", "required")


def ledger(ledger: Ledger, width: int) -> Table:
    """Render a ledger: one line a check, with the roads that reach the number."""
    title = f"{ledger.model} · {ledger.variant}: {'all agree' if ledger.ok else 'DISAGREEMENT'}"
    heading = phrase(title, limit=NAME)
    grid = Table(
        box=box.SIMPLE_HEAD, title=heading, title_justify="left", title_style="bold", pad_edge=False, width=width
    )
    for header, ratio in (("check", 3), ("roads", 5), ("", 1), ("note", 3)):
        grid.add_column(header, ratio=ratio, overflow="fold")
    for entry in ledger.entries:
        word = Text("yes") if entry.agrees else Text("NO", style="bold red")
        grid.add_row(phrase(entry.name), phrase(_prose.roads(entry.roads)), word, phrase(entry.note, style="dim"))
    return grid


def latency(latency: LatencyReport, width: int, title: str) -> Group:
    """Render latency: each variant's time, its ratio to the baseline beside the ratio in MACs, and the verdict."""
    said = [_prose.resolution(latency)] if latency.control else []
    return Group(
        columns_table(LATENCY_COLUMNS, latency_lines(latency), width, title),
        *(phrase(line, style="bold red" if latency.too_noisy else "") for line in said),
        *(phrase(line) for line in _prose.open_verdicts(latency)),
        *(phrase(line, style="red") for line in _prose.failures(latency)),
        phrase(_prose.measured(latency), style="dim"),
        phrase(latency.note, style="dim"),
    )


def least(lines: Sequence[LeastTime]) -> list[RenderableType]:
    """Render the least times of models beside what was measured; nothing where they are not known."""
    return [phrase(line, style="dim") for line in sentences.least_times(lines)]


def layer_times(times: LayerTimes, width: int) -> Group:
    """Render the time per layer: what is striking, the table, and how far it can be believed."""
    return Group(
        *map(phrase, _layer_prose.disagreements(times)),
        columns_table(LAYER_COLUMNS, shown(times), width, _layer_prose.title(times), sums(times)),
        *map(phrase, _layer_prose.believed(times)),
        *(phrase(line, style="dim") for line in _layer_prose.measured(times)),
    )


def _striking(report: Report) -> list[RenderableType]:
    """Say of each profiled variant where its time and its MACs disagree; the table is in the report's folder."""
    said = [phrase(f"{t.variant}: {line}") for t in report.layer_times for line in _layer_prose.disagreements(t)]
    return [*said, *(phrase(f"no time per layer of {line}", style="red") for line in report.not_profiled)]


def columns_table(
    columns: Sequence[Column], items: Sequence[Any], width: int, title: str, sums: Sequence[Mapping[str, str]] = ()
) -> Table:
    """Render items, a line each; behind them the lines of ``sums``, each with its cells by column name."""
    cells = {
        column.name: [
            *(
                _cell(column, item).replace(" = ", "\n= ") if column.name == "variant" else _cell(column, item)
                for item in items
            ),
            *(line.get(column.name, "") for line in sums),
        ]
        for column in columns
    }
    shown = _fitting(columns, cells, width)
    fits = _total_width(shown, cells) <= width
    heading = phrase(title, limit=NAME)
    table = Table(box=box.SIMPLE_HEAD, title=heading, title_justify="left", title_style="bold", pad_edge=False)
    for column in shown:
        side: Literal["left", "right"] = "right" if column.numeric else "left"
        known = _width(column, cells) if fits else None  # rich then need not measure every cell again
        wraps = column.priority == 0 and not column.numeric
        table.add_column(column.header, justify=side, overflow="fold", no_wrap=not wraps, width=known)
    for index in range(len(items) + len(sums)):
        row = (phrase(cells[column.name][index]) for column in shown)
        table.add_row(*row, style="" if index < len(items) else "bold")
    hidden = [column.header for column in columns if column not in shown and any(cells[column.name])]
    if hidden:
        table.caption = phrase(f"on a wider terminal, or with another --format: {', '.join(hidden)}", style="dim")
        table.caption_justify = "left"
    return table


def _cell(column: Column, item: Any) -> str:
    return shorten(plain(column.text(item)), LIMIT if column.priority else NAME)


def _fitting(columns: Sequence[Column], cells: dict[str, list[str]], width: int) -> list[Column]:
    """Drop columns, the highest priority number first, until the rest fits; empty columns always."""
    shown = [column for column in columns if any(cells[column.name]) or column.priority == 0]
    while _total_width(shown, cells) > width:
        dropped = max(shown, key=lambda column: column.priority)
        if dropped.priority == 0:
            break
        shown.remove(dropped)
    return shown


def _total_width(columns: Sequence[Column], cells: dict[str, list[str]]) -> int:
    return sum(_width(column, cells) + _PADDING for column in columns)


def _width(column: Column, cells: dict[str, list[str]]) -> int:
    lines = [line for cell in cells[column.name] for line in cell.split("\n")]
    return min(max(map(len, (column.header, *lines))), column.most or LIMIT)
