"""Time per layer as it is told: sentences, tables, reports, and what the command refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from costlens.errors import BenchError
from costlens.formats import _layer_prose, markdown, terminal
from costlens.results.bounds import Bounds
from costlens.results.layer_columns import LAYER_COLUMNS
from costlens.results.layer_times import (
    LayerTime,
    LayerTimes,
    fold,
    layer_times_to_json,
)
from costlens.results.report import report_from_json, report_to_json
from costlens.runtimes import Options
from costlens.tasks import profile as profiling
from tests.cases.counted import counts, load
from tests.cases.layer_times import line, net_times
from tests.fakes.command_line import Run
from tests.places import ROOT

REPORT = ROOT / "reports" / "separable_example" / "report.json"


@pytest.fixture
def times() -> LayerTimes:
    """Return the times of a net."""
    return net_times()


def test_rows_whose_time_and_macs_disagree_most_are_named_first(times: LayerTimes) -> None:
    assert _layer_prose.disagreements(times) == [
        "stage2.depthwise is 2 % of the MACs and 19 % of the time: "
        "memory-bound at 0.8 MAC/byte, 1.05 GMAC/s, 50 % of its bound.",
        "stem is 47 % of the MACs and 30 % of the time: 24 MAC/byte, 15.7 GMAC/s.",
        "stage2.pointwise is 51 % of the MACs and 40 % of the time: "
        "compute-bound at 10 MAC/byte, 12.8 GMAC/s, 75 % of its bound.",
        "8 % of the time moves data between layouts (2 kernels of no layer).",
    ]


def test_a_row_without_macs_is_named_by_its_time(times: LayerTimes) -> None:
    pool = replace(line("pool", 19.0, 0, 400_000, "MaxPool"), macs_share=0.0)
    said = _layer_prose.disagreements(replace(times, rows=(pool,), unprofiled_us=33.0))
    assert said[0] == "pool is none of the MACs and 19 % of the time."


def test_layers_that_do_not_add_up_have_one_headline(times: LayerTimes) -> None:
    for unprofiled_us, words in ((135.5, "24 % below"), (81.2, "27 % above")):
        (said,) = _layer_prose.disagreements(replace(times, unprofiled_us=unprofiled_us))
        assert said.startswith(f"The times of layers are not trustworthy: their sum is {words} the latency")
    for unprofiled_us in (94.0, 114.0):
        assert len(_layer_prose.disagreements(replace(times, unprofiled_us=unprofiled_us))) == 4


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
    row = line("pool", us, 470_000, 20_000, "MaxPool", bound_us=bound_us, limited_by="memory" if bound_us else "")
    shown = {column.name: column.text(row) for column in LAYER_COLUMNS}
    assert tuple(shown[name] for name in ("gmacs_per_s", "bytes_per_s", "limited_by", "of_bound")) == cells


def test_a_row_that_beats_its_bound_is_named(times: LayerTimes) -> None:
    fast = replace(times.rows[1], bound_us=25.0)
    said = _layer_prose.disagreements(replace(times, rows=(times.rows[0], fast, *times.rows[2:])))
    assert said[-1].startswith("Faster than the bounds of this machine allow: stage2.depthwise. The bounds may be too")
    assert "100 % of its bound" in said[0]


def test_how_far_the_figures_can_be_believed(times: LayerTimes) -> None:
    assert _layer_prose.believed(times) == [
        "86 % of 7 kernels and 97 % of their time belong to a row or to layout; unknown: Mystery.",
        "Sum of all kernels and the call itself: 103.0 µs; latency without the profiler: 102.0 µs, so the sum is "
        "+1.0 % off (kernels as profiled: +11.8 %).",
        "The profiler adds 2.00 µs inside each kernel, which is subtracted, and 2.50 µs outside it. "
        "A call without kernels takes 3.0 µs.",
    ]


def printed(times: LayerTimes, width: int) -> str:
    out = Console(file=StringIO(), width=width, highlight=False)
    out.print(terminal.layer_times(times, width))
    return out.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_the_terminal_s_table_fits_and_ends_with_the_sum(times: LayerTimes) -> None:
    narrow = printed(times, 80)
    assert max(map(len, narrow.splitlines())) <= 80
    assert "Net · as-written = separable" in narrow
    wide = printed(times, 160)
    body = [text.split() for text in wide.splitlines() if text.strip()]
    assert any("in stage2.pointwise" in text for text in wide.splitlines())
    assert [words[-1] for words in body if words[0] in ("Σ", "measured")] == ["103.0", "102.0"]


def test_markdown_is_a_table_of_every_line(times: LayerTimes) -> None:
    text = markdown.render_layer_times(fold(times, 1))
    rows = [row.split("|")[1].strip() for row in text.splitlines() if row.startswith("|")][2:]
    assert rows == ["stem", "stage2", "layout", "other", "the call itself", "Σ", "measured without profiler"]
    assert text.startswith("## Net · as-written = separable\n\n- stem is ")


def test_a_report_holds_the_times_and_one_without_them_is_read(times: LayerTimes) -> None:
    document = json.loads(REPORT.read_text(encoding="utf-8"))
    document.pop("layer_times", None)
    old = report_from_json(json.dumps(document))
    assert old.layer_times == ()
    assert "Time per layer" not in markdown.render(old)
    new = replace(old, layer_times=(times,))
    assert report_from_json(report_to_json(new)) == new
    text = markdown.render(new)
    assert "## Time per layer\n\n### as-written = separable\n\n- stage2.depthwise is 2 % of the MACs" in text
    assert "<summary>as-written = separable: time of 4 rows</summary>" in text
    out = Console(file=StringIO(), width=100)
    out.print(terminal.report(new, 100, rows=False))
    said = out.file.getvalue()  # type: ignore[attr-defined]
    assert "as-written: stage2.depthwise is 2 % of the MACs and 19 % of the time" in said
    assert "the call itself" not in said
    failed = replace(old, not_profiled=("standard: the disk is full",))
    assert "No time per layer of standard: the disk is full" in markdown.render(failed)


def test_json_is_versioned(times: LayerTimes) -> None:
    assert json.loads(layer_times_to_json(times))["schema"] == "costlens.layer-times/1"


class Proven:
    """What the pipeline needs of a proof."""

    def __init__(self, variant: str) -> None:
        self.count = SimpleNamespace(name="net", variant=variant)
        self.path = Path("m.onnx")


def test_a_variant_that_cannot_be_profiled_is_named_and_the_others_are_kept(
    times: LayerTimes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def of_model(model: Any, path: Path, options: Any, *, processes: int, on_progress: Any) -> LayerTimes:
        asked.append(processes)
        if model.variant == "standard":
            raise BenchError("the disk is full")
        return replace(times, variant=model.variant)

    monkeypatch.setattr(profiling, "of_model", of_model)
    proofs: Any = [Proven("as-written"), Proven("standard"), Proven("untimed")]
    models = [SimpleNamespace(label=label) for label in ("as-written", "standard")]
    latency: Any = SimpleNamespace(models=models, runtime=SimpleNamespace(device="cpu"))
    plan = pipeline.protocol(device="cpu")
    found, failed = pipeline._profile_timed(proofs, latency, plan, pipeline.silent)
    assert [one.variant for one in found] == ["as-written"]
    assert failed == ("net standard: the disk is full",)
    pipeline._profile_timed(proofs, latency, pipeline.protocol(quick=True), pipeline.silent)
    assert asked == [3, 3, 1, 1]
    latency.runtime.device = "cuda"
    assert pipeline._profile_timed(proofs, latency, plan, pipeline.silent) == ((), ())


def test_rows_are_set_against_the_bounds_of_their_machine(times: LayerTimes, monkeypatch: pytest.MonkeyPatch) -> None:
    (model,) = counts(load(ROOT / "specs" / "separable_example.yaml"))
    asked: list[str] = []

    def measured(
        named: Any, path: Path, rows: list[LayerTime], options: Any, *, processes: int, on_progress: Any
    ) -> LayerTimes:
        assert processes == 3
        filled = (replace(row, microseconds=10.0, kernels=times.layout.kernels) for row in rows)
        return replace(times, rows=tuple(filled))

    def find(of: str) -> Bounds:
        asked.append(of)
        return Bounds(of, 100.0, 10e9, 1, "fp32", "")

    monkeypatch.setattr("costlens.bench.attribution.run.layer_times", measured)
    monkeypatch.setattr("costlens.bench.bounds.find", find)
    found = profiling.of_model(
        model, Path("m.onnx"), Options(), processes=9, on_progress=lambda done, total, message: None
    )
    assert asked == [times.fingerprint]
    assert [(row.row, row.macs) for row in found.rows] == [(row.name, row.macs) for row in model.rows]
    for row, counted in zip(found.rows, model.rows, strict=True):
        least_us = max(counted.macs / 100e3, counted.traffic_bytes / 10e3)
        assert (row.bound_us, row.of_bound) == pytest.approx((least_us, least_us / 10))
        assert row.limited_by in ("memory", "compute")
    monkeypatch.setattr("costlens.bench.bounds.find", lambda of: None)
    bare = profiling.of_model(
        model, Path("m.onnx"), Options(), processes=9, on_progress=lambda done, total, message: None
    )
    assert {row.limited_by for row in bare.rows} == {""}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nix.onnx"], "nix.onnx: no such file; name an ONNX file that is there, or a spec"),
        (["m.onnx", "--variant", "standard"], "m.onnx: an ONNX file has no variants and no knobs"),
        (["m.onnx", "--set", "alpha=1"], "m.onnx: an ONNX file has no variants and no knobs"),
        (["nix.yaml"], "nix.yaml"),
    ],
    ids=" ".join,
)
def test_wrong_arguments(arguments: list[str], message: str, run: Run) -> None:
    done = run("profile", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_profile_prints_what_it_has_and_then_says_what_failed(
    times: LayerTimes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Run
) -> None:
    good, bad = tmp_path / "good.onnx", tmp_path / "bad.onnx"

    def of_file(path: Path, options: Any, *, on_progress: Any) -> LayerTimes:
        if path == bad:
            raise BenchError("the measuring process was ended by SIGKILL")
        return times

    monkeypatch.setattr(profiling, "of_file", of_file)
    done = run("profile", str(bad), str(good), "--format", "json")
    assert done.returncode == 5
    assert [found["schema"] for found in json.loads(done.stdout)] == ["costlens.layer-times/1"]
    assert done.stderr == f"not profiled: {bad}: the measuring process was ended by SIGKILL\n"
    unread = run("profile", str(good), str(tmp_path / "none.yaml"))
    assert (unread.returncode, unread.stdout) == (2, "")
