"""Explanations in GitHub-flavoured Markdown; a picture that was written too is shown by its name."""

from __future__ import annotations

from costlens.formats.escape import address
from costlens.formats.escape import markdown as text
from costlens.formats.explanation import _prose
from costlens.formats.markdown import table
from costlens.results.explanation import (
    ConvolutionExplanation,
    Form,
    LayerExplanation,
    SiteExplanation,
)


def convolution(explained: ConvolutionExplanation, picture: str = "") -> str:
    """Write the kinds side by side, then the steps of each."""
    heading = text(_prose.heading(explained))
    parts = [f"# {heading}", text(_prose.setting(explained)), _picture(heading, picture), _kinds(explained)]
    for form in explained.forms:
        parts += [f"## {form.kind}", *_form(form, explained.standard_macs)]
    drawn = f" --picture {picture}" if picture else ""
    parts.append(f"Written by `{_prose.command(explained)} --format markdown{drawn}`.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _picture(heading: str, picture: str) -> str:
    return f"![{heading}: input, kernels and output as blocks, MACs as bars]({address(picture)})" if picture else ""


def _kinds(explained: ConvolutionExplanation) -> str:
    rows = []
    for form in explained.forms:
        ratio = _prose.number(form.macs / explained.standard_macs)
        cells = [f"{form.kernels:,}", f"{form.macs:,}", ratio, _prose.number(form.predicted)]
        rows.append([form.kind, *(["–"] * 4 if form.refusal else cells)])
    headers = ["kind", "kernels", "MACs", "÷ standard", "by the formula"]
    return table(headers, rows, [False, True, True, True, True])


def _form(form: Form, standard_macs: int) -> list[str]:
    remarks = "\n".join(f"- {text(remark)}" for remark in _prose.remarks(form, standard_macs))
    rows = []
    for part in form.parts:
        name = text(_prose.part_name(part))
        for kernels, positions in _prose.weights(part) or [("none", "")]:
            rows.append([name, kernels, positions, ""])
            name = ""
        rows[-1][3] = f"{part.macs:,}"
    if total := _prose.sum_of(form):
        rows.append(["**sum**", total, "", f"**{form.macs:,}**"])
    steps = table(["part", "kernels", "positions", "MACs"], rows, [False, False, True, True]) if rows else ""
    return [steps, remarks]


def layer(explained: LayerExplanation, picture: str = "") -> str:
    """Write what a layer's rows read, do and write, and its convolution in every kind."""
    heading = text(_prose.layer_heading(explained))
    parts = [f"# {heading}"]
    for row in explained.rows:
        parts += [f"## {text(row.row.name)}"] if len(explained.rows) > 1 else []
        parts.append("\n".join(f"- **{word}** {text(said)}" for word, said in _prose.steps(row)))
    parts += _site(explained.site, picture) if explained.site else [_prose.NO_KINDS]
    return "\n\n".join(part for part in parts if part) + "\n"


def _site(site: SiteExplanation, picture: str) -> list[str]:
    shown = [each for each in site.alternatives if not each.refusal]
    names = [f"**{each.kind}**" if each.kind == site.kind else each.kind for each in shown]
    rows = [[name, *_prose.costs(each, site)] for name, each in zip(names, shown, strict=True)]
    headers = ["kind", "parameters", "MACs", "÷ standard", "the network's parameters", "the network's MACs"]
    return [
        f"## {text(_prose.site_heading(site))}",
        _picture(text(_prose.heading(site.convolution)), picture),
        table(headers, rows, [False, True, True, True, True, True]),
        "\n".join(f"- {text(line)}" for line in _prose.refusals(site)),
        _prose.FIXED if site.fixed else "",
        f"Step by step: `{_prose.command(site.convolution)}`.",
    ]
