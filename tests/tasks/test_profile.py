"""``costlens profile``: which rows are measured, beside which bounds, and what a failure leaves."""

import json
from pathlib import Path

import pytest

from costlens.bench import bounds
from costlens.bench.protocol import Protocol
from costlens.errors import BenchError
from costlens.results.bounds import Bounds
from costlens.sources._source import Asked
from costlens.tasks.profile import Profiled, profile
from tests.cases.counted import models
from tests.cases.small import write_report
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop
from tests.places import SPECS

pytestmark = pytest.mark.usefixtures("two_specs")

EXAMPLE = str(SPECS / "separable_example.yaml")


def profiled(work: Workshop, *words: str) -> Profiled:
    return profile(words, Asked(), Protocol(device="cpu"), tools=work.tools())


def test_rows_are_set_against_the_bounds_of_their_machine(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    (model,) = models(EXAMPLE)
    asked: list[str] = []

    def find(of: str) -> Bounds:
        asked.append(of)
        return Bounds(of, 100.0, 10e9, 1, "fp32", "")

    monkeypatch.setattr(bounds, "find", find)
    (found,) = profiled(work, EXAMPLE).times
    assert (asked, work.profiled) == ([found.fingerprint], [("as-written", 3)])
    assert (found.name, found.variant) == ("separable_example", "as-written")
    for row, counted in zip(found.rows, model.count.rows, strict=True):
        assert counted.macs is not None
        assert counted.traffic_bytes is not None
        least_us = max(counted.macs / 100e3, counted.traffic_bytes / 10e3)
        assert (row.row, row.macs, row.traffic_bytes) == (counted.name, counted.macs, counted.traffic_bytes)
        assert (row.bound_us, row.of_bound) == pytest.approx((least_us, least_us / 10))
        assert row.limited_by in ("memory", "compute")
    monkeypatch.setattr(bounds, "find", lambda of: None)
    (bare,) = profiled(work, EXAMPLE).times
    assert {row.limited_by for row in bare.rows} == {""}


@pytest.mark.onnx
def test_a_file_is_profiled_by_its_nodes_at_the_batch_of_its_inputs(work: Workshop) -> None:
    from tests.cases.onnx_drafts import write_net

    write_net(Path("net.onnx"), 2, batch=4)
    (found,) = profiled(work, "net.onnx").times
    assert (found.name, found.variant, found.batch) == ("net.onnx", "", 4)
    assert all(row.kind for row in found.rows)
    assert work.exported == []


def test_rows_are_counted_for_the_batch_that_runs(work: Workshop, run: Run) -> None:
    single, many = (json.loads(run("profile", "one.yaml", "--batch", n, "--format", "json").stdout) for n in "14")
    assert [(found["batch"], found["rows"][0]["macs"]) for found in (*single, *many)] == [(1, 6_912), (4, 4 * 6_912)]


@pytest.mark.parametrize("step", ["fails", "unprofiled"])
def test_it_prints_what_it_has_and_then_says_what_failed(step: str, work: Workshop, run: Run) -> None:
    setattr(work, step, {"one": BenchError("it was ended by SIGKILL")})
    done = run("profile", "one.yaml", "two.yaml", "--format", "json")
    assert [found["name"] for found in json.loads(done.stdout)] == ["two"]
    assert (done.returncode, done.stderr) == (5, "not profiled: one: it was ended by SIGKILL\n")


@pytest.mark.parametrize(("arguments", "message"), [
    (("nix.onnx",), "nix.onnx: no such file; name an ONNX file that is there, a spec or a report"),
    (("nix.tflite", "--variant", "standard"), "--variant: a TensorFlow Lite file (.tflite) has no variants"),
    (("report", "--set", "alpha=1"), "--set is for specs and model files, and none is named"),
    (("one.yaml", "nix.yaml"), 'nix.yaml: no such file (did you mean "one.yaml"?)'),
    (("report", "one.yaml"), "report/report.json: a report holds no file to run; name its spec: profile runs mode"),
], ids=str)  # fmt: skip
def test_wrong_arguments(arguments: tuple[str, ...], message: str, work: Workshop, run: Run) -> None:
    write_report(Path("report"), "one.yaml")
    done = run("profile", *arguments)
    assert (done.returncode, done.stdout, work.exported) == (2, "", [])
    assert message in done.stderr
