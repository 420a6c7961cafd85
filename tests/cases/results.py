"""A result of every sort, with everything it can have, and the page that each becomes."""

import io
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from rich.console import Console

from costlens.analysis.difference import Counted, fields_of, knob_changes, layers, peak_at, totals
from costlens.analysis.explain import convolution, network_layer
from costlens.analysis.memory import of_graph
from costlens.analysis.pareto import side_by_side
from costlens.bench.protocol import Protocol
from costlens.errors import Problem
from costlens.formats import format_named
from costlens.formats.pages import (
    advice,
    bounds,
    check,
    comparison,
    count,
    diff,
    explanation,
    exploration,
    history,
    kinds,
    latency,
    layer_times,
    ledger,
    memory,
    prediction,
    published,
    report,
    reports,
    sweep,
    trend,
    verification,
)
from costlens.network.count import count as count_graph
from costlens.network.layers.conv import Conv
from costlens.network.precisions import Precisions
from costlens.prediction import Conditions, Table, Times, predict
from costlens.prediction.kernels import kernels
from costlens.results.advice import Advice
from costlens.results.bounds import Bounds, CacheFacts, MachineBounds, NotMeasured, Rate
from costlens.results.check import Checked
from costlens.results.comparison import Comparison, TimeRatio
from costlens.results.counts import ModelCount
from costlens.results.diff import Diff, End, SpecDiff
from costlens.results.exploration import Exploration
from costlens.results.latency import FailedModel
from costlens.results.layer_times import Calibration, KernelTime, LayerTime, LayerTimes
from costlens.results.memory import MemoryExplanation
from costlens.results.page import Page
from costlens.results.point_times import PointTime, PointTimes, PredictedTime
from costlens.results.prediction import Prediction
from costlens.results.report import Report
from costlens.results.sweep import Condition, Sweep, SweepLine
from costlens.results.verification import Verification, VerifiedSpec, VerifiedVariant
from costlens.sources._source import Asked
from costlens.spec.kinds import described
from costlens.spec.loading import load, loads
from costlens.tasks._tools import Tools
from costlens.tasks.advise import advise, wish
from costlens.tasks.exploration.pool import Here
from costlens.tasks.explore import Wish, explore
from costlens.tasks.tables import tables
from tests.cases.recorded import (
    a_history,
    a_history_change,
    a_history_diff,
    a_stored_run,
    a_trend,
    a_trend_of_counts,
)
from tests.fakes.diff_repository import HEADS, NET, PARTS
from tests.fakes.fake_bench import Conductor
from tests.fakes.fake_comparison import MACHINE, RUNTIME, model, timing
from tests.places import GOLDEN, ROOT, SPECS


def printed(page: Page, width: int = 100) -> str:
    """Return what a terminal of a width shows."""
    console = Console(width=width, file=io.StringIO(), color_system=None, highlight=False)
    console.print(format_named("terminal").render(page, width))  # type: ignore[call-arg]
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def written(page: Page, name: str) -> str:
    """Return a page in a format."""
    return printed(page) if name == "terminal" else format_named(name).render(page)


def same_as_golden(name: str, text: str) -> None:
    """Compare a text with a file of ``golden/``, byte for byte; COSTLENS_RENEW_GOLDEN=1 writes the file instead."""
    path = GOLDEN / name
    if os.environ.get("COSTLENS_RENEW_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text.encode() == path.read_bytes()


def counts(name: str) -> list[ModelCount]:
    """Return the counts of a golden document."""
    document = json.loads((GOLDEN / f"count-{name}.json").read_text(encoding="utf-8"))
    return TypeAdapter(list[ModelCount]).validate_python(document["models"])


@cache
def a_report() -> Report:
    """Return the golden report."""
    return Report.from_json((GOLDEN / "report.json").read_text(encoding="utf-8"))


@cache
def a_check() -> Checked:
    """Return a check whose figures have every fate."""
    return Checked.from_json((GOLDEN / "check" / "all.json").read_text(encoding="utf-8"))


def a_comparison() -> Comparison:
    """Return measured times of every verdict, a lower bound, a stored time, a file and a model that failed."""
    ratios = {
        "faster": TimeRatio(0.5, 0.49, 0.51, 0.98, "faster"),
        "same": TimeRatio(1.001, 0.999, 1.004, 0.98, "equivalent"),
        "unsure": TimeRatio(1.02, 0.97, 1.05, 0.98, "inconclusive", "the interval holds 1 and more than ±2 %"),
        "stored": TimeRatio(3.0),
    }
    models = [
        model("first", 4_253_864, 568_740_352, ms=(9.8, 10.3), peak=4_816_896),
        model("faster", 1_342_536, 149_497_088, ms=(4.9, 5.1), time_ratio=ratios["faster"], peak=2_408_448),
        model("same", 4_253_864, 568_740_352, ms=(9.9, 10.2), time_ratio=ratios["same"], peak=4_816_896),
        model("unsure", 5_000_000, 149_497_088, ms=(9.7, 10.9), time_ratio=ratios["unsure"]),
        model("bound", 10, 20, ms=(1, 2), status={"macs": "partial"}, uncounted=("node: operator Foo is not known",)),
        model("stored", 9, 9, ms=(29.0, 31.0), time_ratio=ratios["stored"], notes=("not timed here",)),
        model("file", None, 7, notes=("an ONNX file",)),
        model("failed", 5, 5),
    ]
    return side_by_side(models, replace(timing(), failed=(FailedModel(label="failed", reason="not a model"),)))


def a_row(row: str, us: float, macs: int, traffic: int, *ops: str, **more: Any) -> LayerTime:
    """Return a row of a profile of 100 µs."""
    kernels = tuple(KernelTime(f"{row}.{op}", op, us / len(ops) + 2, us / len(ops)) for op in ops)
    return LayerTime(
        row, "conv", us, us / 100, kernels, macs=macs, macs_share=macs / 10**6, traffic_bytes=traffic, **more
    )


def a_profile() -> LayerTimes:
    """Return a net of 100 µs whose depthwise row takes more time than its MACs say, after a call of 3 µs."""
    rows = (
        a_row("stem", 30.0, 470_000, 20_000, "Conv"),
        a_row("stage2.depthwise", 19.0, 20_000, 25_000, "Conv", bound_us=9.5, limited_by="memory"),
        a_row("stage2.pointwise", 40.0, 510_000, 50_000, "Conv", "Relu", bound_us=30.0, limited_by="compute",
              fused=("stage2.add",)),
        LayerTime("stage2.add", "add", 0.0, 0.0, (), inside="stage2.pointwise", macs=0, macs_share=0.0),
    )  # fmt: skip
    moved = tuple(KernelTime("ReorderOutput", "ReorderOutput", 6.0, 4.0) for _ in range(2))
    return LayerTimes(
        schema=LayerTimes.SCHEMA, name="net", title="Net", variant="as-written", also=("separable",), batch=1,
        machine=MACHINE, runtime=RUNTIME, fingerprint="f", processes=3, runs=300,
        unprofiled_us=102.0, profiled_us=160.0, calibration=Calibration(2.0, 2.5, 3.0, 0.1, ()), rows=rows,
        layout=LayerTime("layout", "", 8.0, 0.08, moved),
        other=LayerTime("other", "", 3.0, 0.03, (KernelTime("m", "Mystery", 5.0, 3.0),)),
    )  # fmt: skip


def a_machine() -> MachineBounds:
    """Return a machine that was busy, with a precision that it does not have."""
    rates = (
        Rate("matrix product", "fp32", 1, 54.31, "GMAC/s", "1024×1024×1024", 1.02, 9),
        Rate("copy", "fp32", 2, 18.2, "GB/s", "64 MiB", 1.4, 9),
        Rate("one kernel", "fp32", 1, 0.31, "us", "64 of them", 1.05, 9),
    )
    found = Bounds("f" * 16, 54.31, 18.2e9, 1, "fp32", "2025-01-31T12:00Z", 2**20, 40e9, 0.31)
    lacks = tuple(NotMeasured("fp16", threads, "matrix product", "no kernel") for threads in (1, 2))
    caches = (CacheFacts(1, "data", 32_768, 1), CacheFacts(2, "unified", 2**20, 2))
    return MachineBounds(
        MachineBounds.SCHEMA, "f" * 16, "2025-01-31T12:00Z", 19.6, MACHINE, caches, RUNTIME, ("CPU",), (found,), rates,
        lacks,
    )


def a_sweep() -> Sweep:
    """Return a sweep of one line that was measured and one that was not."""
    stored = a_report().latency
    assert stored is not None
    (one, *_) = stored.models
    timed = SweepLine(Condition("r", 1, 1, "fp32"), one.label, 0, one.label, remark="odd")
    failed = SweepLine(Condition("r", 2, 1, "int8"), "none", problem="it cannot")
    report = replace(stored, models=(one,), ratios=(), note=" ".join(stored.note.split()))
    return Sweep("costlens.sweep/1", "name", "title", (timed, failed), (report,), 1.0)


GOOD = VerifiedVariant("as-written", ("standard",), 10, 200, 9, "agrees", 3e-7, 0.0, 61.26, "2025-01-31")
WRONG = replace(GOOD, variant="grouped", also=(), verdict="DISAGREES", output_difference="inf", problem="MACs: 1 | 2")
FAILED = VerifiedVariant("factorized", (), 10, 200, 9, "failed", problem="no memory")
TOO_LARGE = VerifiedVariant("standard", (), 10, 200, 9, "too large", problem="3.3 GB, a file holds 2 GB")
UNREAD = VerifiedSpec("specs/c.yaml", "", (), {}, None, "specs/c.yaml:1:1: name: missing")


def verified(name: str, *variants: VerifiedVariant) -> VerifiedSpec:
    """Return a spec that was verified on some machine."""
    return VerifiedSpec(f"specs/{name}.yaml", name, variants, {"costlens": "0.1", "keras": "3.15"}, MACHINE)


MIXED = Verification(Verification.SCHEMA, (verified("a", GOOD), verified("b", GOOD, WRONG, FAILED), UNREAD))


def spec_counted(text: str) -> Counted:
    """Return what a diff compares of the text of a spec."""
    spec = loads(text, file="specs/net.yaml", read=lambda _: PARTS.encode())
    return Counted(count_graph(spec.graph), spec.knobs, fields_of(spec.graph))


def compared(base: Counted, head: Counted, **more: Any) -> SpecDiff:
    """Return the difference of two specs."""
    found = layers(base, head)
    return SpecDiff(
        path="specs/net.yaml",
        was="",
        name=head.count.name,
        standing="changed",
        totals=totals(base.count, head.count),
        peak_at=peak_at(base.count, head.count),
        knobs=knob_changes(base.knobs, head.knobs),
        changes=found.changes,
        unchanged_rows=found.unchanged,
        base_uncounted=base.count.uncounted,
        head_uncounted=head.count.uncounted,
        **more,
    )


def partial(given: Counted) -> Counted:
    """Return the same as a lower bound."""
    first, *rest = given.count.rows
    rows = (replace(first, uncounted=("no rule for it",)), *rest)
    status = dict.fromkeys(given.count.status, "partial")
    return replace(given, count=replace(given.count, rows=rows, status=status, uncounted=("stem: no rule for it",)))


@cache
def diff_sides() -> tuple[Counted, Counted]:
    """Return a network, and one that many layers of differ."""
    head = str(HEADS["swapped"]["specs/net.yaml"]).replace("width", "alpha").replace("filters: 8", "filters: 12")
    return spec_counted(NET), spec_counted(head)


@cache
def a_diff() -> Diff:
    """Return a diff that has everything a diff can have."""
    base, head = diff_sides()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        slower = Conductor({"base": 1.0, "head": 1.2}, folder)
        noisy = Conductor(slower.call_ms, folder, lambda _, label: 1.1 if label == "copy of base" else 1.0)
        plan = Protocol(looks=1, processes=7, blocks=2)
        times = [conductor.run(plan, baseline="base") for conductor in (slower, noisy)]
    changed = compared(base, head)
    problem = Problem("specs/e.yaml", 3, 7, "layers[0]", "unknown field")
    one_sided = (totals(None, head.count), peak_at(None, head.count))
    return Diff(
        "costlens.diff/1",
        End("main", "0" * 40),
        End("working tree"),
        (
            replace(changed, path="specs/a.yaml").measured(times[0]),
            replace(changed, path="specs/b.yaml", was="specs/c.yaml").measured(times[1]),
            replace(compared(partial(base), partial(head)), path="specs/d.yaml"),
            SpecDiff("specs/e.yaml", "", "e", "broken", problems=(problem, replace(problem, path=""))),
            SpecDiff("specs/f.yaml", "", "f", "added", False, *one_sided, untimed="one side"),
            SpecDiff("specs/g.yaml", "", "g", "deleted", False, totals(base.count, None), peak_at(base.count, None)),
            SpecDiff("specs/h.yaml", "", "h", "base_broken", False, *one_sided, base_problem="it is broken"),
            replace(compared(base, base), path="specs/i.yaml", standing="same_cost", same_graph=True),
            replace(changed, path="specs/j.yaml", failed="no space left"),
            replace(changed, path="specs/k.yaml", disagreement="the counts disagree"),
        ),
        exit_code=2,
        unchanged=3,
        notes=("main has moved on",),
    )


def profiled_report() -> Report:
    """Return a short report with everything that a report can have."""
    stored = a_report()
    few = tuple(replace(one, rows=one.rows[:4]) for one in stored.counts[:2])
    lost = ("separable: it cannot",)
    return replace(stored, counts=few, ledgers=stored.ledgers[:1], layer_times=(a_profile(),), not_profiled=lost)


def an_explained_layer() -> Any:
    """Return a layer of a network, which is a convolution that has other kinds."""
    spec = load(SPECS / "yamnet.yaml")
    return network_layer(spec.graph, count_graph(spec.graph, title=spec.title), "stage3")


def a_prediction() -> Prediction:
    """Return what a table of made-up times says of YAMNet: some kernels in it, some not."""
    graph, title = load(SPECS / "yamnet.yaml").graph, "YAMNet"
    found = [one.operation for one in kernels(graph, block=8)]
    known = [one for one in found if one.op != "ReduceMean"]
    times = {one.text: Times(1 + one.macs / 3e4, 2 + one.macs / 2.5e4, 0.02) for one in known}
    made = predict(graph, Table(Conditions("0123456789abcdef", "a machine", call_us=3.0), times))
    rows = tuple(replace(row, bound_ms=row.milliseconds / 2) for row in made.rows)
    return replace(made, title=title, variant="as-written", also=("separable",), rows=rows, bound_ms=1.0)


@cache
def an_advice(macs: str = "-30%") -> Advice:
    """Return the advice for a network of a few layers, of which one is kept."""
    wanted = wish({"macs": macs, "peak_activation_bytes": "2MB"}, keep=("pair2",))
    return advise(str(SPECS / "speech_embedding.yaml"), Asked(), wanted, tools=Tools())


@cache
def an_exploration() -> Exploration:
    """Return a small family: points that are equal, that miss a constraint, and that cannot be."""
    wanted = Wish(
        set=["alpha=0.02,0.25,0.5", "resolution=0,96,128"], kinds=["*=as-written,separable"], where=["macs < 30M"],
        front=["macs", "alpha:max"],
    )  # fmt: skip
    found = explore(str(SPECS / "mobilenet_v1.yaml"), wanted, tools=Tools(), executor=Here())
    return replace(found, times=PointTimes("front,4", "a CPU", "onnxruntime 1.31", "cpu", 1, 1, POINT_TIMES))


POINT_TIMES = (
    PointTime(9, PredictedTime(0.5, 0.45, 0.56), "", 0.52, (0.51, 0.53), 0.98, 4.0, (0.13, 0.128, 0.132), "faster", 10,
              0.004),
    PointTime(11, PredictedTime(0.9, 0.8, 0.95), "", 1.0, (0.99, 1.02), 0.98, 4.0, (0.25, 0.24, 0.26), "faster", 20,
              0.01),
    PointTime(15, None, "no kernel was timed yet", 1.4, (1.2, 1.9), 0.98, 4.0, (0.36, 0.3, 0.5), "inconclusive", 30,
              0.2, noisy=True),
    PointTime(16, PredictedTime(1.5, 1.2, 1.9), problem="a layer too large"),
    PointTime(18, problem="macs: off by 3", disagrees=True),
)  # fmt: skip
"""Points that were timed: off by a little, by more, on a noisy machine, and not at all."""


@cache
def a_plan() -> MemoryExplanation:
    """Return the plan of a small network in int8."""
    spec = load(SPECS / "mlperf_tiny_resnet8.yaml")
    precisions = Precisions.all("int8")
    return of_graph(spec.graph, count_graph(spec.graph, title=spec.title, precisions=precisions), precisions)


RESULTS: dict[str, tuple[Callable[[], Any], Callable[[Any], Page]]] = {
    "count": (lambda: list(profiled_report().counts), lambda models: count.page(models, rows=True)),
    "report": (profiled_report, report.page),
    "reports": (lambda: {"folder": profiled_report()}, reports.index),
    "comparison": (a_comparison, comparison.page),
    "check": (a_check, check.page),
    "diff": (a_diff, diff.page),
    "latency": (lambda: a_report().latency, lambda found: latency.page(found, "yamnet")),
    "layer-times": (a_profile, layer_times.page),
    "machine": (a_machine, bounds.page),
    "prediction": (a_prediction, lambda found: prediction.page(found, ("Kernels that are missing are modelled.",))),
    "sweep": (a_sweep, lambda found: sweep.page(found, picture="sweep.svg")),
    "advice": (an_advice, advice.page),
    "obstacle": (lambda: an_advice("1M"), advice.page),
    "exploration": (an_exploration, exploration.page),
    "verification": (lambda: MIXED, verification.page),
    "ledger": (lambda: a_report().ledgers[0], lambda one: Page(one.variant, [ledger.table(one)], one)),
    "explained": (lambda: convolution(Conv(filters=256, kernel=5, bias=False), (8, 8, 3)), explanation.convolution),
    "explained-layer": (an_explained_layer, explanation.layer),
    "memory": (a_plan, memory.page),
    "published": (lambda: tables(ROOT / "reports" / "published" / "separable_example.yaml"), published.page),
    "history": (a_history, history.page),
    "history-run": (lambda: a_stored_run(counts("separable_example")[0]), history.stored),
    "history-diff": (a_history_diff, history.difference),
    "history-change": (a_history_change, history.changed),
    "trend": (a_trend, trend.page),
    "trend-counts": (a_trend_of_counts, trend.page),
    "kinds": (lambda: described(None)[:4], kinds.page),
    "kind": (lambda: described("conv"), kinds.page),
}
"""What each command prints: how its result is made here, and its page."""
