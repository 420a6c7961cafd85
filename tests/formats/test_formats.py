"""What people see: golden files, byte for byte, and what a reader must find in each format.

Renew the files after a wanted change with: COSTLENS_RENEW_GOLDEN=1 python -m pytest tests/formats/test_formats.py
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from costlens.formats import format_names, markdown, terminal, text_format
from costlens.results.counts import ModelCount
from costlens.results.report import Report, report_from_json
from tests.cases.counted import counts, load
from tests.cases.golden import printed, same_as_golden
from tests.places import GOLDEN, ROOT

STORED = GOLDEN / "report.json"
VARIANTS = ("as-written", "standard", "factorized", "separable")
"""A new kind of convolution changes no golden file."""


def counted(name: str) -> list[ModelCount]:
    return counts(load(ROOT / "specs" / f"{name}.yaml"), VARIANTS)


def stored() -> Report:
    return report_from_json(STORED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["yamnet", "separable_example", "speech_embedding"])
@pytest.mark.parametrize("format_", format_names())
def test_counts_in_every_text_format(name: str, format_: str) -> None:
    chosen = text_format(format_)
    same_as_golden(f"count-{name}{chosen.suffix}", chosen.render_counts(counted(name)))


@pytest.mark.parametrize("width", [80, 140])
def test_counts_on_the_terminal(width: int) -> None:
    models = counted("speech_embedding")
    text = printed(terminal.counts(models, width, rows=True), width)
    same_as_golden(f"count-terminal-{width}.txt", text)
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [80, 100, 140])
def test_subtotals_are_shown_in_full(width: int) -> None:
    (model, *_) = counted("keyword_spotter")
    text = printed(terminal.layers(model, width), width)
    assert [line.split()[:4] for line in text.splitlines() if "Σ" in line] == [
        ["Σ", "embedding", "332,088", "126,144,000"],
        ["Σ", "head", "57,228", "664,704"],
    ]


@pytest.mark.parametrize("width", [80, 140])
def test_report_on_the_terminal(width: int) -> None:
    text = printed(terminal.report(stored(), width, rows=True), width)
    same_as_golden(f"report-terminal-{width}.txt", text)
    assert max(map(len, text.splitlines())) <= width


def test_stored_report_renders_to_the_same_markdown() -> None:
    same_as_golden("report.md", markdown.render(stored()))


def test_json_contract() -> None:
    document = json.loads(text_format("json").render_counts(counted("yamnet")))
    assert document["schema"] == "costlens.count/1"
    model = document["models"][0]
    assert {"name", "variant", "totals", "rows"} <= set(model)
    assert {
        "params", "trainable", "non_trainable", "deployed_params", "macs", "flops",
        "weight_bytes", "traffic_bytes", "peak_activation_bytes",
    } <= set(model["totals"])  # fmt: skip
    assert {
        "name", "kind", "section", "input", "output", "kernel", "stride", "groups", "params", "trainable",
        "non_trainable", "macs", "flops", "formula",
    } <= set(model["rows"][0])  # fmt: skip
    assert model["totals"]["macs"] == 69_165_056 == sum(row["macs"] for row in model["rows"])


def test_csv_reads_back() -> None:
    rows = list(csv.DictReader(io.StringIO(text_format("csv").render_counts(counted("yamnet")))))
    as_written = [row for row in rows if row["variant"] == "as-written"]
    assert sum(int(row["macs"]) for row in as_written) == 69_165_056
    assert sum(int(row["params"]) for row in as_written) == 3_751_369


def test_a_partial_total_is_a_lower_bound_with_what_was_left_out() -> None:
    model = counted("separable_example")[0]
    partial = replace(model, status=dict.fromkeys(model.status, "partial"), uncounted=("x: no rule for it",))
    for text in (
        markdown.render_counts([partial]),
        printed(terminal.counts([partial], 100, rows=False), 100),
    ):
        assert "≥ 53,952" in text
        assert "not counted: x: no rule for it" in text


def test_a_disagreement_is_said_in_every_rendering() -> None:
    report = stored()
    ledger = report.ledgers[0]
    wrong = replace(ledger.entries[0], agrees=False, note="stage1: spec 1, Keras 2")
    broken = replace(report, ledgers=(replace(ledger, entries=(wrong, *ledger.entries[1:])), *report.ledgers[1:]))
    for text in (markdown.render(broken), printed(terminal.report(broken, 100, rows=False), 100)):
        assert "FAILED: 1 of" in text
        assert "stage1: spec 1, Keras 2" in text


@pytest.mark.parametrize("hostile", ["<script>", "a|b", "`x`", "two\nlines"])
def test_titles_are_not_markup(hostile: str) -> None:
    text = markdown.render(replace(stored(), title=hostile, source=hostile))
    heading, _, origin = text.splitlines()[:3]
    assert heading.startswith("# ")
    assert "<script>" not in text
    assert "&#124;" in heading if "|" in hostile else "|" not in heading
    assert origin.startswith("`")
