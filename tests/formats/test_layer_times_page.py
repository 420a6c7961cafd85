"""Time per layer as it is reported: sentences, the table, and its part of a report."""

import csv
import io
import json
from dataclasses import replace

import pytest

from costlens.formats.pages import layer_times as page_of
from costlens.formats.pages import report
from costlens.results.layer_times import LayerTimes, fold
from costlens.results.report import Report
from costlens.results.stored import to_json
from tests.cases.results import a_profile, a_row, printed, written
from tests.places import ROOT

REPORT = ROOT / "reports" / "separable_example" / "report.json"


@pytest.fixture
def times() -> LayerTimes:
    """Return the times of a net."""
    return a_profile()


def test_rows_whose_time_and_macs_disagree_most_are_named_first(times: LayerTimes) -> None:
    assert page_of.disagreements(times) == [
        "stage2.depthwise is 2 % of the MACs and 19 % of the time: "
        "memory-bound at 0.8 MAC/byte, 1.05 GMAC/s, 50 % of its bound.",
        "stem is 47 % of the MACs and 30 % of the time: 24 MAC/byte, 15.7 GMAC/s.",
        "stage2.pointwise is 51 % of the MACs and 40 % of the time: "
        "compute-bound at 10 MAC/byte, 12.8 GMAC/s, 75 % of its bound.",
        "8 % of the time moves data between layouts (2 kernels of no layer).",
    ]


def test_a_row_without_macs_is_named_by_its_time(times: LayerTimes) -> None:
    pool = replace(a_row("pool", 19.0, 0, 400_000, "MaxPool"), macs_share=0.0)
    said = page_of.disagreements(replace(times, rows=(pool,), unprofiled_us=33.0))
    assert said[0] == "pool is none of the MACs and 19 % of the time."


def test_layers_that_do_not_add_up_have_one_headline(times: LayerTimes) -> None:
    for unprofiled_us, words in ((135.5, "24 % below"), (81.2, "27 % above")):
        (said,) = page_of.disagreements(replace(times, unprofiled_us=unprofiled_us))
        assert said.startswith(f"The times of layers are not trustworthy: their sum is {words} the latency")
    for unprofiled_us in (94.0, 114.0):
        assert len(page_of.disagreements(replace(times, unprofiled_us=unprofiled_us))) == 4


# microseconds left of a kernel that 2 µs were taken off, its bound; what the table shows
OF_BOUND = [
    (0.0, 0.06, ("", "", "too short to tell", "")),
    (0.02, 0.06, ("", "", "too short to tell", "")),
    (1.9, 0.06, ("", "", "too short to tell", "")),
    (2.0, 0.5, ("235.0", "10.0", "overhead", "25%")),
    (20.0, 7.9, ("23.5", "1.0", "overhead", "40%")),
    (20.0, 8.0, ("23.5", "1.0", "memory", "40%")),
    (20.0, 20.9, ("23.5", "1.0", "memory", "100%")),
    (20.0, 23.0, ("23.5", "1.0", "memory", "> 100% ?")),
    (20.0, None, ("23.5", "1.0", "", "")),
]


@pytest.mark.parametrize(("us", "bound_us", "cells"), OF_BOUND)
def test_what_a_row_says_of_its_bound(us: float, bound_us: float | None, cells: tuple[str, ...]) -> None:
    row = a_row("pool", us, 470_000, 20_000, "MaxPool", bound_us=bound_us, limited_by="memory" if bound_us else "")
    shown = {column.name: column.cell(row) for column in page_of.COLUMNS}
    assert tuple(shown[name] for name in ("gmacs_per_s", "bytes_per_s", "bound_by", "of_bound")) == cells


def test_a_row_that_beats_its_bound_is_named(times: LayerTimes) -> None:
    fast = replace(times.rows[1], bound_us=25.0)
    said = page_of.disagreements(replace(times, rows=(times.rows[0], fast, *times.rows[2:])))
    assert said[-1].startswith("Faster than the bounds of this machine allow: stage2.depthwise. The bounds may be too")
    assert "100 % of its bound" in said[0]


def test_how_far_the_figures_can_be_believed(times: LayerTimes) -> None:
    assert page_of.believed(times) == [
        "86 % of 7 kernels and 97 % of their time belong to a row or to layout; unknown: Mystery.",
        "Sum of all kernels and the call itself: 103.0 µs; latency without the profiler: 102.0 µs, so the sum is "
        "+1.0 % off (kernels as profiled: +11.8 %).",
        "The profiler adds 2.00 µs inside each kernel, which is subtracted, and 2.50 µs outside it. "
        "A call without kernels takes 3.0 µs.",
    ]


def test_the_terminal_s_table_fits_and_ends_with_the_sum(times: LayerTimes) -> None:
    narrow = printed(page_of.page(times), 80)
    assert max(map(len, narrow.splitlines())) <= 80
    assert "Net · as-written = separable" in narrow
    wide = printed(page_of.page(times), 160)
    body = [text.split() for text in wide.splitlines() if text.strip()]
    assert any("in stage2.pointwise" in text for text in wide.splitlines())
    assert [words[-1] for words in body if words[0] in ("Σ", "measured")] == ["103.0", "102.0"]


def test_markdown_is_a_table_of_every_line(times: LayerTimes) -> None:
    text = written(page_of.page(fold(times, 1)), "markdown")
    rows = [row.split("|")[1].strip() for row in text.splitlines() if row.startswith("|")][2:]
    assert rows == ["stem", "stage2", "layout", "other", "the call itself", "Σ", "measured without profiler"]
    assert text.startswith("## Net · as-written = separable\n\n**stem is ")


def test_a_report_holds_the_times_and_one_without_them_is_read(times: LayerTimes) -> None:
    document = json.loads(REPORT.read_text(encoding="utf-8"))
    document.pop("layer_times", None)
    old = Report.from_json(json.dumps(document))
    assert old.layer_times == ()
    assert "Time per layer" not in written(report.page(old), "html")
    new = replace(old, layer_times=(times,))
    assert Report.from_json(to_json(new)) == new
    text = written(report.page(new), "html")
    assert "Time per layer</h2>" in text
    assert "<summary>as-written = separable: time of 4 rows</summary>" in text
    assert "\n\n- stage2.depthwise is 2 % of the MACs" in written(report.page(new), "markdown")
    said = printed(report.page(new, rows=False))
    assert "as-written: stage2.depthwise is 2 % of the MACs and 19 % of the time" in said
    assert "the call itself" not in said
    failed = replace(old, not_profiled=("standard: the disk is full",))
    assert "No time per layer of standard: the disk is full" in written(report.page(failed), "markdown")


def test_json_is_versioned(times: LayerTimes) -> None:
    assert json.loads(to_json(times))["schema"] == "costlens.layer-times/1"


def test_a_report_for_a_repository_has_each_thing_once(times: LayerTimes) -> None:
    whole = Report.from_json(REPORT.read_text(encoding="utf-8"))
    first = replace(whole.counts[0], rows=tuple(replace(whole.counts[0].rows[0], name=line.row) for line in times.rows))
    found = replace(whole, counts=(first, *whole.counts[1:]), layer_times=(times, replace(times, variant="standard")))
    text = written(report.page(found, picture="report.svg", layers="layers.csv"), "markdown")
    assert "](report.svg)" in text
    for word in ("layers.csv", "report.json"):
        assert f"[{word}]({word})" in text
    assert text.count("<details>") == 1
    assert text.index("- stage2.depthwise is") < text.index("| variant") < text.index("- standard: stage2.depthwise is")
    cells = [[cell.strip() for cell in row.split("|")] for row in text.splitlines()]
    assert [row[-4:-1] for row in cells if row[1:2] == ["stage2.depthwise"]] == [["19.0", "19.0%", "memory"]]
    assert [row[-4:-1] for row in cells if row[1:2] == ["layout"]] == [["8.0", "8.0%", ""]]
    assert "](" not in written(report.page(found), "markdown").partition("## How this was made")[0]


def test_lines_for_machines_are_of_all_variants_with_their_times(times: LayerTimes) -> None:
    whole = Report.from_json(REPORT.read_text(encoding="utf-8"))
    first = replace(whole.counts[0], rows=tuple(replace(whole.counts[0].rows[0], name=line.row) for line in times.rows))
    found = replace(whole, counts=(first, *whole.counts[1:]), layer_times=(times,))
    lines = [*csv.DictReader(io.StringIO(written(report.page(found), "csv")))]
    assert len(lines) == len(times.rows) + 2 + sum(len(model.rows) for model in whole.counts[1:])
    timed = [(line["name"], line["microseconds"], line["kernels_run"]) for line in lines if line["microseconds"]]
    assert timed == [
        ("stem", "30.0", "Conv"), ("stage2.depthwise", "19.0", "Conv"), ("stage2.pointwise", "40.0", "Conv, Relu"),
        ("layout", "8.0", "2 ReorderOutput"), ("other", "3.0", "Mystery"),
    ]  # fmt: skip
    assert [line["macs"] for line in lines if line["name"] == "layout"] == [""]
