"""Sweeps without a measurement: which conditions are compared with which, what is left out, and how it is written."""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from costlens import runtimes
from costlens.bench.process import ProcessFailed
from costlens.bench.protocol import Protocol
from costlens.commands import _options
from costlens.errors import BenchError, ExportError, RuntimeUnavailable, UsageError
from costlens.export import conversions as conversion
from costlens.formats.pages.sweep import page
from costlens.formats.pictures import sweep as picture
from costlens.results.latency import Control, LatencyReport
from costlens.results.stored import to_json
from costlens.results.sweep import Sweep, measured
from costlens.sources._source import Asked
from costlens.tasks import sweep as sweeping
from costlens.tasks.sweep import Axes
from tests.cases.onnx_cases import node, save
from tests.cases.results import printed, written
from tests.cases.small import write_report
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop
from tests.places import SPECS

SPEC = str(SPECS / "separable_example.yaml")


class Sweeping(Workshop):
    """A call takes 8 ms, an int8 one 2, and doubles with the batch but for 1 ms; no process starts for some batches."""

    no_process: tuple[int, ...] = ()

    def bench(self, files: Mapping[str, Path], plan: Protocol, *rest: Any) -> LatencyReport:
        self.call_ms = {label: 1.0 + plan.batch * (1 if "int8" in label else 7) for label in files}
        self.error = BenchError("no process could be started") if plan.batch in self.no_process else None
        return super().bench(files, plan, *rest)


@pytest.fixture
def work(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    nothing_of_other_tests_is_collected: None,
) -> Sweeping:
    """Hand these tools to the command."""
    few = dict.fromkeys(("warmup_calls", "warmup_calls_least", "blocks", "blocks_least", "calls", "calls_least"), 1)
    made = Sweeping(tmp_path_factory.mktemp("work"), shorter=few)
    monkeypatch.setattr(_options, "Tools", made.tools)
    return made


@pytest.fixture
def onnx(tmp_path: Path) -> Path:
    return save(tmp_path / "net.onnx", [node("Relu", ["x"], ["y"])], {"x": ["N", 4]})


@pytest.fixture
def converted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Convert nothing: fp16 is never computed in fp16, LiteRT is missing, the rest is there."""

    def model_file(source: conversion.Source, runtime: str, precision: str, *, batch: int = 1) -> Path:
        if runtime == "litert":
            raise RuntimeUnavailable("the runtime litert is missing")
        return source.onnx

    def look(path: Path, runtime: str, precision: str, device: str) -> conversion.Look:
        if precision == "fp16":
            return conversion.Look(problem="not computed in fp16: a cast")
        return conversion.Look(remark="2 of 3 in int8" if precision == "int8" else "")

    monkeypatch.setattr(conversion, "model_file", model_file)
    monkeypatch.setattr(conversion, "look", look)


def swept(onnx: Path, axes: Axes, work: Sweeping, plan: Protocol | None = None, budget_s: float | None = None) -> Sweep:
    return sweeping.sweep([str(onnx)], Asked(), axes, plan or Protocol(), time_budget_s=budget_s, tools=work.tools())


def test_precisions_share_a_process_and_batches_threads_and_runtimes_do_not(
    onnx: Path, converted: None, work: Sweeping
) -> None:
    found = swept(onnx, Axes(("onnxruntime", "tensorflow"), (1, 2), (1, 4), ("fp32", "int8")), work)
    asked = [(plan.runtime, plan.threads, plan.batch) for plan in work.plans]
    assert asked == list(product(("onnxruntime", "tensorflow"), (1, 2), (1, 4)))
    assert [list(files) for files in work.timed] == [["net fp32", "net int8"]] * 8
    assert set(work.baselines) == {"net fp32"}
    assert len(found.comparisons) == 8
    assert [line.comparison for line in found.lines] == [number for number in range(8) for _ in range(2)]
    assert found.swept == ("runtime", "threads", "batch", "precision")


def test_ratios_are_paired_within_a_comparison_and_marked_where_they_are_not(
    onnx: Path, converted: None, work: Sweeping
) -> None:
    found = measured(swept(onnx, Axes(batches=(1, 2), precisions=("fp32", "int8")), work))
    first, narrow, double, narrow_double = found.values()
    assert (first.paired, first.to_first, first.apart) == (None, 1.0, False)
    assert narrow.paired
    assert narrow.paired.ratio == narrow.to_first == pytest.approx(2 / 8)
    assert not narrow.apart
    assert (double.paired, double.apart) == (None, True)
    assert double.to_first == pytest.approx((15 / 2) / 8)
    assert narrow_double.to_first == pytest.approx((3 / 2) / 8)
    assert narrow_double.example_ms == pytest.approx(1.5)


def test_what_cannot_be_measured_is_a_line_with_its_reason_and_the_rest_goes_on(
    onnx: Path, converted: None, work: Sweeping
) -> None:
    work.dies = lambda job: ProcessFailed("it crashed", "net int8") if list(job.models) == ["net int8"] else None
    work.no_process = (2,)
    found = swept(onnx, Axes(("onnxruntime", "litert"), (1,), (1, 2), ("fp32", "fp16", "int8")), work)
    by_condition = {
        (line.condition.runtime, line.condition.batch, line.condition.precision): (line.comparison, line.problem)
        for line in found.lines
    }
    assert by_condition == {
        ("onnxruntime", 1, "fp32"): (0, ""),
        ("onnxruntime", 1, "fp16"): (None, "not computed in fp16: a cast"),
        ("onnxruntime", 1, "int8"): (None, "it crashed"),
        ("onnxruntime", 2, "fp32"): (None, "no process could be started"),
        ("onnxruntime", 2, "fp16"): (None, "not computed in fp16: a cast"),
        ("onnxruntime", 2, "int8"): (None, "no process could be started"),
        **{
            ("litert", batch, word): (None, "the runtime litert is missing")
            for batch in (1, 2)
            for word in ("fp32", "fp16", "int8")
        },
    }
    assert [list(files) for files in work.timed] == [["net fp32", "net int8"]] * 2
    assert list(measured(found)) == [0]


def test_what_no_one_foresaw_in_a_conversion_is_a_reason_too(
    onnx: Path, work: Sweeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    def model_file(source: conversion.Source, runtime: str, precision: str, *, batch: int = 1) -> Path:
        if batch == 2:
            raise MemoryError("no room")
        return source.onnx

    monkeypatch.setattr(conversion, "model_file", model_file)
    monkeypatch.setattr(conversion, "look", lambda *_: conversion.Look())
    single, double = swept(onnx, Axes(batches=(1, 2)), work).lines
    assert (single.comparison, single.problem) == (0, "")
    assert double.problem.startswith("MemoryError: no room (test_sweep.py:")


def test_an_export_that_fails_is_a_line_and_the_others_are_swept(converted: None, work: Sweeping) -> None:
    work.fails, work.wrong = {"bottleneck": ExportError("no room")}, frozenset({"standard"})
    asked = Asked(("as-written", "standard", "bottleneck"))
    found = sweeping.sweep([SPEC], asked, Axes(), Protocol(), tools=work.tools())
    assert [(line.variant, line.problem, line.comparison) for line in found.lines] == [
        ("as-written", "", 0), ("standard", "its verification FAILED: macs: off by 3", None),
        ("bottleneck", "no room", None),
    ]  # fmt: skip
    assert [list(files) for files in work.timed] == [["as-written"]]


def test_one_network_is_swept_and_one_that_has_a_file(onnx: Path, work: Sweeping, tmp_path: Path) -> None:
    write_report(tmp_path / "report", SPEC)
    for words, message in (
        (SPECS, r"^sweep takes one network, received \d+: .*; name one of them$"),
        (tmp_path / "report", r"report\.json: a report holds no file to run; name its spec: sweep runs model files"),
    ):
        with pytest.raises(UsageError, match=message):
            swept(words, Axes(), work)
    assert work.exported == []


def test_a_device_that_no_runtime_has_is_refused_before_anything_is_exported(
    work: Sweeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_card(device: str) -> None:
        raise RuntimeUnavailable(f"--device {device}: no card")

    monkeypatch.setattr(runtimes.get("onnxruntime"), "require", no_card)
    axes = Axes(("onnxruntime", "tensorflow"), threads=(1, 2))
    with pytest.raises(RuntimeUnavailable, match=r"^--device cuda: no card; --device cuda: tensorflow is timed"):
        swept(Path(SPEC), axes, work, Protocol(device="cuda"))
    assert work.exported == []


def test_a_runtime_that_cannot_run_leaves_the_others_and_is_asked_once(
    onnx: Path, converted: None, work: Sweeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def missing(device: str) -> None:
        asked.append(device)
        raise RuntimeUnavailable("litert is missing")

    monkeypatch.setattr(runtimes.get("litert"), "require", missing)
    found = swept(onnx, Axes(("onnxruntime", "litert"), threads=(1, 2)), work)
    assert [line.problem for line in found.lines] == ["", "", "litert is missing", "litert is missing"]
    assert asked == ["auto"]


def test_a_sweep_s_time_is_shared_by_its_comparisons_and_a_slow_start_is_added_to_none(
    onnx: Path, converted: None, work: Sweeping
) -> None:
    swept(onnx, Axes(threads=(1, 2)), work, budget_s=4000.0)
    assert [plan.time_budget_s or 0.0 for plan in work.plans] == pytest.approx([2000.0, 4000.0], rel=0.05)
    assert {plan.looks for plan in work.plans} == {1}


def test_a_runtime_that_starts_slowly_gets_that_time_besides(onnx: Path, converted: None, work: Sweeping) -> None:
    swept(onnx, Axes(("onnxruntime", "tensorflow")), work, Protocol.quick())
    quick, slow = work.plans
    assert quick == Protocol.quick(looks=1)
    assert slow.time_budget_s == (quick.time_budget_s or 0) + 8.0 * (quick.processes + 1)


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({"runtimes": ("onnxruntim",)}, r"runtime 'onnxruntim' is unknown \(did you mean \"onnxruntime\"\?\)"),
        ({"precisions": ("fp61",)}, r"'fp61' is unknown \(did you mean \"fp16\"\?\); known: fp32, fp16, int8"),
        ({"batches": (0,)}, "batch must be a whole number of at least 1, received 0"),
        ({"threads": (2, -1)}, "threads must be a whole number of at least 1, received -1"),
    ],
)
def test_axes_that_cannot_be(axes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Axes(**axes).plans(Protocol())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--batch", "0"], "--batch 0: expected whole numbers of at least 1 joined by commas"),
        (["--batch", "1,,2"], "--batch 1,,2: expected whole numbers of at least 1 joined by commas, for example 1,2,4, received nothing"),  # noqa: E501
        (["--threads", "a"], "--threads a: expected whole numbers of at least 1 joined by commas, for example 1,2,4, received 'a'"),  # noqa: E501
        (["--runtime", "lite"], "runtime 'lite' is unknown (did you mean \"litert\"?); known: litert, onnxruntime, tensorflow"),  # noqa: E501
        (["--precision", "int4"], "precision 'int4' is unknown (did you mean \"int8\"?); known: fp32, fp16, int8"),
    ],
)  # fmt: skip
def test_wrong_input_on_the_command_line(arguments: list[str], message: str, run: Run) -> None:
    done = run("sweep", SPEC, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_the_command_prints_writes_and_says_when_nothing_was_measured(
    onnx: Path, converted: None, work: Sweeping, run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "out" / "sweep"
    done = run("sweep", str(onnx), "--precision", "fp32,fp16", "--output", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert "not computed in fp16: a cast" in done.stdout
    assert sorted(file.name for file in folder.iterdir()) == ["sweep.json", "sweep.md"]  # one line is no picture
    assert Sweep.from_json((folder / "sweep.json").read_text()).lines[1].problem == "not computed in fp16: a cast"
    assert run("sweep", str(onnx), "--batch", "1,2", "--output", str(folder)).returncode == 0
    assert sorted(file.name for file in folder.iterdir()) == ["sweep.json", "sweep.md", "sweep.svg"]
    assert "](sweep.svg)" in (folder / "sweep.md").read_text()
    none = run("sweep", str(onnx), "--precision", "fp16", "--format", "json")
    assert none.returncode == 5
    assert "net: nothing could be measured" in none.stderr
    assert json.loads(none.stdout)["schema"] == Sweep.SCHEMA


def test_a_stored_sweep_is_the_same_sweep(onnx: Path, converted: None, work: Sweeping) -> None:
    found = swept(onnx, Axes(precisions=("fp32", "int8", "fp16")), work)
    assert Sweep.from_json(to_json(found)) == found
    with pytest.raises(UsageError, match=r"sweep: .*another version"):
        Sweep.from_json(to_json(found).replace('"lines"', '"rows"'))


def test_the_table_fits_eighty_columns_and_names_every_condition_that_differs(
    onnx: Path, converted: None, work: Sweeping
) -> None:
    found = swept(onnx, Axes(("onnxruntime", "tensorflow"), (1,), (1, 16), ("fp32", "int8", "fp16")), work)
    wide = printed(page(found), 150)
    assert max(map(len, printed(page(found), 80).splitlines())) <= 80
    assert "hidden (widen the terminal, or --columns): interval" in printed(page(found), 80)
    header = next(line for line in wide.splitlines() if "median" in line)
    assert header.split()[:4] == ["runtime", "batch", "precision", "median"]
    assert "0.250× [0.250, 0.250]   faster" in wide
    assert "≈ 0.883×" in wide  # 113 ms ÷ 16 examples, ÷ 8 ms
    assert "onnxruntime 1 int8, onnxruntime 16 int8, tensorflow 1 int8, tensorflow 16 int8: 2 of 3 in int8" in wide
    assert "fp16: not measured: not computed in fp16: a cast" in wide
    assert "1 thread · " in wide


def test_markdown_has_the_table_the_picture_and_the_reasons(onnx: Path, converted: None, work: Sweeping) -> None:
    found = swept(onnx, Axes(batches=(1, 2), precisions=("fp32", "fp16")), work)
    text = written(page(found, picture="sweep.svg"), "markdown")
    assert text.startswith("# net: sweep\n")
    assert "| batch | precision |" in text
    assert "![examples/s over the batch, by precision, with intervals](sweep.svg)" in text
    assert "- 1 fp16, 2 fp16: not measured: not computed in fp16: a cast" in text
    assert "without an interval" in text
    assert "accuracy is not looked at" in text


def test_what_the_plot_shows_is_said_of_bars_too(onnx: Path, converted: None, work: Sweeping) -> None:
    one = written(page(swept(onnx, Axes(), work), picture="sweep.svg"), "markdown")
    assert "![time of one example, with intervals](sweep.svg)" in one
    bars = written(page(swept(onnx, Axes(("onnxruntime", "tensorflow")), work), picture="sweep.svg"), "markdown")
    assert "![time of one example, by runtime, with intervals](sweep.svg)" in bars


def test_a_comparison_that_was_too_noisy_and_open_verdicts_are_said(
    onnx: Path, converted: None, work: Sweeping
) -> None:
    found = swept(onnx, Axes(batches=(1, 2, 4), precisions=("fp32", "int8")), work)
    quiet, noisy, third = found.comparisons
    open_ = replace(third.ratios[0], verdict="inconclusive", reason="3 processes are too few")
    reports = (
        replace(quiet, control=control(0.02, too_noisy=False)),
        replace(noisy, control=control(0.3, too_noisy=True), ratios=(open_,)),
        replace(third, control=None, ratios=(open_,), note=f"{third.note}\nThe budget left 3 blocks."),
    )
    sweep = replace(found, comparisons=reports)
    for text in (written(page(sweep), "markdown"), printed(page(sweep), 150)):
        words = " ".join(text.split())
        assert "batch 2: Machine too noisy: a copy of net fp32 measured 1.150× [1.010, 1.300]." in words
        assert "batch 2; batch 4: net int8: inconclusive: 3 processes are too few." in words
        assert "This machine resolves ±2 %: a copy of each baseline was timed beside it." in words
        assert "30 %" not in words
        assert words.count(quiet.note) == 1
        assert "batch 4: The budget left 3 blocks." in words
    alone = replace(found, lines=found.lines[:1], comparisons=reports[1:2])
    assert "\n- Machine too noisy: a copy of" in written(page(alone), "markdown")


def control(resolution: float, *, too_noisy: bool) -> Control:
    return Control(
        baseline="net fp32", ratio=1 + resolution / 2, low=1.01, high=1 + resolution, confidence=0.95, processes=10,
        resolution=resolution, too_noisy=too_noisy,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        (Axes(batches=(1, 2, 8), precisions=("fp32", "int8")), {"examples/s", "batch", "fp32", "int8", "1", "2", "8"}),
        (Axes(("onnxruntime", "tensorflow")), {"time of one example", "onnxruntime", "tensorflow"}),
    ],
    ids=["lines", "bars"],
)
def test_a_plot_is_the_same_bytes_each_time_and_text_is_text(
    axes: Axes, words: set[str], onnx: Path, converted: None, work: Sweeping
) -> None:
    found = swept(onnx, axes, work)
    drawn = picture.svg(found)
    assert drawn == picture.svg(found)
    elements = ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")
    assert words <= {"".join(element.itertext()).strip() for element in elements}


def test_one_line_is_no_picture(onnx: Path, converted: None, work: Sweeping) -> None:
    assert picture.svg(swept(onnx, Axes(), work)) == ""


def test_every_pair_of_runtime_and_precision_has_its_file() -> None:
    assert conversion.precisions() == ("fp32", "fp16", "int8")
    assert {name: conversion.precisions(name) for name in runtimes.names()} == {
        "litert": ("fp32", "int8"),
        "onnxruntime": ("fp32", "fp16", "int8"),
        "tensorflow": ("fp32",),
    }
