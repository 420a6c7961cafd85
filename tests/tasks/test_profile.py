"""Profiling: what fails does not stop the others, rows get the bounds of their machine, and wrong use is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from costlens.bench.protocol import Protocol
from costlens.errors import BenchError
from costlens.network.count import count_variants
from costlens.results.bounds import Bounds
from costlens.results.counts import known
from costlens.results.layer_times import LayerTime, LayerTimes
from costlens.sources._source import Model
from costlens.sources._word import Word
from costlens.spec.loading import load
from costlens.tasks import profile as profiling
from costlens.tasks._tools import Tools
from tests.cases.results import a_profile
from tests.fakes.command_line import Run
from tests.places import SPECS


@pytest.fixture
def models() -> list[Model]:
    """Return two variants of a spec, as if they were exported."""
    spec = load(SPECS / "separable_example.yaml")
    word = Word("separable_example.yaml", SPECS / "separable_example.yaml")
    counts = count_variants(spec.graph, ("as-written", "standard"))
    return [Model(c.variant, word, "spec", c, graph=spec.graph, file=Path("m.onnx")) for c in counts]


def test_a_variant_that_cannot_be_profiled_is_named_and_the_others_are_kept(
    models: list[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def measured(named: Any, path: Path, rows: list[LayerTime], options: Any, **more: Any) -> LayerTimes:
        asked.append(more["processes"])
        if named.variant == "standard":
            raise BenchError("the disk is full")
        return replace(a_profile(), variant=named.variant)

    monkeypatch.setattr("costlens.bench.attribution.run.layer_times", measured)
    monkeypatch.setattr("costlens.bench.bounds.find", lambda of: None)
    found = profiling.profile_models(models, Protocol(), Tools())
    assert [one.variant for one in found.times] == ["as-written"]
    assert found.problems == ("standard: the disk is full",)
    profiling.profile_models(models[:1], Protocol.quick(), Tools())
    assert asked == [3, 3, 1]


def test_rows_are_set_against_the_bounds_of_their_machine(
    models: list[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    times = a_profile()

    def measured(named: Any, path: Path, rows: list[LayerTime], options: Any, **more: Any) -> LayerTimes:
        filled = (replace(row, microseconds=10.0, kernels=times.layout.kernels) for row in rows)
        return replace(times, rows=tuple(filled))

    def find(of: str) -> Bounds:
        asked.append(of)
        return Bounds(of, 100.0, 10e9, 1, "fp32", "")

    monkeypatch.setattr("costlens.bench.attribution.run.layer_times", measured)
    monkeypatch.setattr("costlens.bench.bounds.find", find)
    (found,) = profiling.profile_models(models[:1], Protocol(), Tools()).times
    assert asked == [times.fingerprint]
    rows = models[0].count.rows
    assert [(row.row, row.macs) for row in found.rows] == [(row.name, row.macs) for row in rows]
    for row, counted in zip(found.rows, rows, strict=True):
        least_us = max(known(counted.macs) / 100e3, known(counted.traffic_bytes) / 10e3)
        assert (row.bound_us, row.of_bound) == pytest.approx((least_us, least_us / 10))
        assert row.limited_by in ("memory", "compute")
    monkeypatch.setattr("costlens.bench.bounds.find", lambda of: None)
    (bare,) = profiling.profile_models(models[:1], Protocol(), Tools()).times
    assert {row.limited_by for row in bare.rows} == {""}


def test_profile_prints_what_it_has_and_then_says_what_failed(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    lost = "bad.onnx: the measuring process was ended by SIGKILL"
    monkeypatch.setattr(profiling, "profile", lambda *_, **__: profiling.Profiled((a_profile(),), (lost,)))
    done = run("profile", "bad.onnx", "good.onnx", "--format", "json")
    assert (done.returncode, done.stderr) == (5, f"not profiled: {lost}\n")
    assert [found["schema"] for found in json.loads(done.stdout)] == ["costlens.layer-times/1"]
    for format_, part in (("csv", "\nstem,conv,30.0,"), ("markdown", "## Net · as-written = separable\n")):
        assert part in run("profile", "x.onnx", "--format", format_).stdout
