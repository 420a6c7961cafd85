"""Explanations on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from costlens.arithmetic import units
from costlens.formats._phrase import phrase
from costlens.formats.explanation import _prose
from costlens.results.counts import ModelCount
from costlens.results.explanation import (
    ConvolutionExplanation,
    Form,
    LayerExplanation,
    RowExplanation,
    SiteExplanation,
)

_GAP = 2
_MOST = 10
"""Layers that are listed where none is named."""


def convolution(explained: ConvolutionExplanation, width: int) -> Group:
    """Render the steps of every kind, one under the other in the same columns."""
    lines = {form.kind: _lines(form, first=index == 0) for index, form in enumerate(explained.forms)}
    widths = [max((len(line[i]) for each in lines.values() for line in each), default=0) for i in range(4)]
    fits = sum(widths) + _GAP * len(widths) <= width
    parts: list[RenderableType] = [
        phrase(_prose.heading(explained), style="bold"), phrase(_prose.setting(explained), style="dim")
    ]  # fmt: skip
    for form in explained.forms:
        parts += ["", _form(form, lines[form.kind], widths if fits else [None] * 4)]
        remarks = _prose.remarks(form, explained.standard_macs)
        parts += [_indented(remark, "yellow" if form.refusal else "") for remark in remarks]
    return Group(*parts)


def _lines(form: Form, *, first: bool) -> list[tuple[str, str, str, str]]:
    """Return the cells of a form: its parts under its name, and their sum; the first one has the headers."""
    lines = [(form.kind, "kernels", "positions", "MACs") if first else (form.kind, "", "", "")]
    for part in form.parts:
        name = f"  {_prose.part_name(part)}"
        for kernels, positions in _prose.weights(part) or [("none", "")]:
            lines.append((name, kernels, positions, ""))
            name = ""
        lines[-1] = (*lines[-1][:3], f"{part.macs:,}")
    if total := _prose.sum_of(form):
        lines.append(("  sum", total, "", f"{form.macs:,}"))
    return lines


def _form(form: Form, lines: Sequence[tuple[str, str, str, str]], widths: Sequence[int | None]) -> Table:
    grid = Table(box=None, show_header=False, padding=(0, _GAP, 0, 0), pad_edge=False)
    for index, width in enumerate(widths):
        grid.add_column(justify="right" if index > 1 else "left", width=width, overflow="fold")
    for index, line in enumerate(lines):
        first = [phrase(line[0], style="bold"), *(phrase(cell, style="dim") for cell in line[1:])]
        last = index == len(lines) - 1 and bool(_prose.sum_of(form))
        grid.add_row(*(first if index == 0 else map(phrase, line)), style="bold" if last else "")
    return grid


def _indented(text: str, style: str = "") -> Padding:
    return Padding(phrase(text, style=style), (0, 0, 0, _GAP), expand=False)


def layer(explained: LayerExplanation) -> Group:
    """Render a layer's rows, and its convolution in every kind."""
    parts: list[RenderableType] = [phrase(_prose.layer_heading(explained), style="bold")]
    for row in explained.rows:
        parts += ["", *([phrase(row.row.name, style="bold")] if len(explained.rows) > 1 else []), _row(row)]
    if explained.site is None:
        return Group(*parts, "", phrase(_prose.NO_KINDS, style="dim"))
    return Group(*parts, "", *_site(explained.site))


def _row(explained: RowExplanation) -> Table:
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    grid.add_column()
    grid.add_column(overflow="fold")
    for word, said in _prose.steps(explained):
        grid.add_row(phrase(f"  {word}", style="dim"), phrase(said))
    return grid


def _site(site: SiteExplanation) -> list[RenderableType]:
    grid = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    for header in ("  kind", "params", "MACs", "÷ standard", "network's params", "network's MACs"):
        grid.add_column(header, justify="left" if header == "  kind" else "right", overflow="fold")
    for alternative in site.alternatives:
        if not alternative.refusal:
            cells = (f"  {alternative.kind}", *_prose.costs(alternative, site))
            grid.add_row(*map(phrase, cells), style="bold" if alternative.kind == site.kind else "")
    return [
        phrase(_prose.site_heading(site), style="bold"),
        grid,
        *(_indented(line, "yellow") for line in _prose.refusals(site)),
        *([phrase(_prose.FIXED, style="dim")] if site.fixed else []),
        phrase(f"step by step: {_prose.command(site.convolution)}", style="dim"),
    ]


def names(model: ModelCount, file: str) -> Group:
    """Render the layers that cost most, and how to ask for one."""
    costly = sorted(model.rows, key=lambda row: -(row.macs or 0))[:_MOST]
    grid = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    for header, right in (("layer", False), ("kind", False), ("MACs", True), ("MACs %", True), ("params", True)):
        grid.add_column(header, justify="right" if right else "left", overflow="fold")
    for row in costly:
        cells = (row.name, row.kind, f"{row.macs:,}", units.percent(row.macs_share), f"{row.params:,}")
        grid.add_row(*map(phrase, cells))
    rest = len(model.rows) - len(costly)
    return Group(
        phrase(f"The layers of {model.title or model.name} that cost most", style="bold"),
        grid,
        *([phrase(f"and {rest} more: costlens count {file} lists them all", style="dim")] if rest else []),
        phrase(f"ask for one: costlens explain {file} --layer {costly[0].name}", style="dim"),
    )
