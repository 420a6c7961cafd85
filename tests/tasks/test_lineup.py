"""``costlens bench A B …``: what is compared with what, under which labels, and what the command says and returns."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from costlens.bench import bounds
from costlens.bench.process import ProcessFailed
from costlens.bench.protocol import Protocol
from costlens.errors import UsageError
from costlens.results.bounds import Bounds
from costlens.results.latency import LatencyReport
from costlens.results.ledger import Ledger
from costlens.results.report import ExportedFile
from costlens.spec.model import Spec
from costlens.tasks import _pipeline as pipeline
from costlens.tasks import bench as lineup
from costlens.tasks._proof import Proof
from tests.fakes.command_line import Run
from tests.fakes.fake_bench import Conductor
from tests.places import SPECS

pytestmark = pytest.mark.usefixtures("nothing_of_other_tests_is_collected")

YAMNET, EXAMPLE = SPECS / "yamnet.yaml", SPECS / "separable_example.yaml"


@pytest.fixture
def unproven(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...]]]:
    """Take the place of exporting: note what is asked, and name a file for each variant."""
    asked = []

    def prove(spec: Spec, variants: Any, *, observe: Any) -> list[Proof]:
        asked.append((spec.name, tuple(variants)))
        return [
            Proof(
                count,
                Ledger(spec.name, count.variant, ()),
                ExportedFile(count.variant, "", 0, ""),
                Path(f"{spec.name}-{count.variant}"),
                {},
            )
            for count in pipeline.counts(spec, variants)
        ]

    monkeypatch.setattr(pipeline, "prove", prove)
    return asked


def labels(*operands: Path | str, variants: tuple[str, ...] = ()) -> list[str]:
    return [one.label for one in lineup.entries([Path(operand) for operand in operands], variants, {})]


def files(folder: Path, *names: str) -> list[Path]:
    made = [folder / name for name in names]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"no model")
    return made


def test_one_spec_stands_for_its_variants(unproven: list[Any]) -> None:
    assert labels(YAMNET) == ["as-written", "standard", "bottleneck", "factorized", "grouped"]
    assert labels(YAMNET, variants=("separable", "standard")) == ["separable", "standard"]
    assert unproven == [("yamnet", ("all",)), ("yamnet", ("separable", "standard"))]


def test_several_operands_are_named_by_spec_and_variant(unproven: list[Any], tmp_path: Path) -> None:
    (model,) = files(tmp_path, "mine.onnx")
    assert labels(YAMNET, EXAMPLE, model) == ["yamnet", "separable_example", "mine"]
    two = ("separable", "standard")
    assert labels(YAMNET, model, variants=two) == ["yamnet:separable", "yamnet:standard", "mine"]
    assert [asked for _, asked in unproven] == [("as-written",)] * 2 + [two]


def test_equal_labels_are_told_apart(tmp_path: Path) -> None:
    one, other = files(tmp_path, "a/model.onnx", "b/model.onnx")
    assert labels(one, other) == [f"model ({one})", f"model ({other})"]
    assert labels(one, one) == [f"model ({one})", f"model ({one}) #2"]


def test_specs_bring_their_counts_and_a_file_brings_its_own(unproven: list[Any], tmp_path: Path) -> None:
    (model,) = files(tmp_path, "mine.onnx")
    spec, unreadable = lineup.entries([YAMNET, model], (), {})
    assert spec.macs == 69_165_056
    assert spec.peak_activation_bytes is not None
    assert (unreadable.macs, unreadable.peak_activation_bytes, unreadable.path) == (None, None, model)


def test_counts_of_a_batch_are_told_of_one_example(unproven: list[Any]) -> None:
    (one,), (of_four,) = (lineup.entries([YAMNET], ("as-written",), {}, batch=batch) for batch in (1, 4))
    assert of_four.count is not None
    assert of_four.count.totals.macs == 4 * 69_165_056
    assert (of_four.macs, of_four.peak_activation_bytes) == (one.macs, one.peak_activation_bytes)


def test_least_times_are_said_of_every_model_that_was_counted(
    unproven: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (model,) = files(tmp_path, "mine.onnx")
    latency = Conductor({"yamnet": 100.0, "separable_example": 1.0, "mine": 1.0}, tmp_path).run(Protocol())
    roofs = Bounds(latency.fingerprint, 100.0, 10e9, 1, "fp32", "2025-01-31T12:00Z")
    monkeypatch.setattr(bounds, "find", {latency.fingerprint: roofs}.get)
    monkeypatch.setattr(lineup, "measure", lambda *_: latency)
    found = lineup.compare([YAMNET, EXAMPLE, model], (), Protocol(), {})
    assert [line.label for line in found.least] == ["yamnet", "separable_example"]
    assert found.least[0].measured_ms == 100.0


@pytest.mark.onnx
def test_macs_of_a_file_are_of_one_example(tmp_path: Path) -> None:
    from tests.bench.test_bench_onnxruntime import CONVOLUTION_MACS, write_net

    (one,) = lineup.entries([write_net(tmp_path / "n.onnx", 2, batch=4)], (), {})
    assert one.macs == 2 * CONVOLUTION_MACS


@pytest.mark.parametrize(
    ("operands", "baseline", "expected"),
    [
        ([YAMNET], "", "standard"),
        ([YAMNET], "separable", "as-written"),
        ([YAMNET, EXAMPLE], "", "yamnet"),
        ([YAMNET, EXAMPLE], "separable_example", "separable_example"),
    ],
)
def test_the_baseline(
    operands: list[Path], baseline: str, expected: str, unproven: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = []
    monkeypatch.setattr(lineup, "measure", lambda models, label, plan, observe: chosen.append(label))
    monkeypatch.setattr(pipeline, "least_times", lambda models, latency: ())
    lineup.compare(operands, (), Protocol(), {}, baseline=baseline)
    assert chosen == [expected]


def test_an_unknown_baseline_is_named_with_the_nearest(unproven: list[Any]) -> None:
    with pytest.raises(UsageError, match=r"--baseline seperable: none of the models.*did you mean \"separable\""):
        lineup.compare([YAMNET], (), Protocol(), {}, baseline="seperable")
    assert unproven == []  # nothing was exported for it


def test_a_spec_named_twice_is_timed_twice(unproven: list[Any]) -> None:
    models = lineup.entries([YAMNET, YAMNET], ("separable", "standard"), {})
    files = [f"yamnet-{kind}" for kind in ("separable", "standard")]
    assert [one.path.name for one in models] == files * 2
    assert len({one.label for one in models}) == 4


def mistakes(folder: Path) -> list[tuple[tuple[str, ...], str]]:
    (model,) = files(folder, "m.onnx")
    return [
        ((str(folder / "none.onnx"),), "none.onnx: no such file"),
        ((str(model), "--variant", "standard"), "--variant and --set are for specs"),
        ((str(model), "--set", "alpha=2"), "--variant and --set are for specs"),
        ((str(model), "--threshold", "3"), "--threshold 3: expected a percentage"),
        ((str(model), "--threshold", "0%"), "--threshold 0%: expected a percentage"),
        ((str(model), "--time-budget", "long"), "--time-budget long: expected a second or more"),
        ((str(model), "--quick", "--processes", "5"), "--quick means three processes"),
        ((str(model), str(folder / "none.yaml")), "none.yaml"),
        ((str(model), "--baseline", "n"), "--baseline n: none of the models is called so"),
    ]


def test_mistakes_are_named_before_any_work(run: Run, tmp_path: Path) -> None:
    for arguments, words in mistakes(tmp_path):
        done = run("bench", *arguments)
        assert done.returncode == 2, done
        assert words in done.stderr
        assert done.stdout == ""


@pytest.fixture
def bench(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run ``costlens bench a.onnx b.onnx`` on a fake machine; return what it printed, and the report."""

    def benched(conductor: Conductor, *options: str) -> tuple[Any, LatencyReport]:
        found = []

        def compare(operands: Any, variants: Any, plan: Protocol, settings: Any, **_: Any) -> lineup.Measured:
            found.append(conductor.run(plan))
            return lineup.Measured(found[0], ())

        monkeypatch.setattr(lineup, "compare", compare)
        return run("bench", *map(str, conductor.models.values()), *options), found[0]

    return benched


def words(text: str) -> str:
    return " ".join(text.split())


def test_verdicts_resolution_and_reasons_are_printed(bench: Any, tmp_path: Path) -> None:
    jitter = {"b": 0.05, "copy of a": 0.004}
    conductor = Conductor(
        {"a": 1.0, "b": 1.0, "c": 3.0, "d": 0.5},
        tmp_path,
        lambda process, label: 1 + jitter.get(label, 0.0) * (1 if process % 2 else -1),
    )
    done, _ = bench(conductor, "--time-budget", "30s")
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line[:3].strip() in tuple("abcd")}
    assert "baseline" in lines["a"]
    assert "inconclusive" in lines["b"]
    assert "slower" in lines["c"]
    assert "faster" in lines["d"]
    said = words(done.stdout)
    assert "This machine resolves ±0.4 %: a copy of a took 1.000 [0.996, 1.004] of its time." in said
    assert "b: inconclusive: the interval holds 1 and more than ±2 %; the time budget of 30 s allows" in said
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_options_reach_the_plan(bench: Any, tmp_path: Path) -> None:
    conductor = Conductor({"a": 1.0, "b": 1.0}, tmp_path)
    _, report = bench(conductor, "--threshold", "1.5%", "--time-budget", "2m", "--processes", "7", "--threads", "2")
    plan = report.protocol
    assert (plan.threshold, plan.time_budget_s, plan.processes, plan.looks, plan.threads) == (0.015, 120.0, 7, 1, 2)


def test_a_noisy_machine_is_exit_7_with_all_results_printed(bench: Any, tmp_path: Path) -> None:
    conductor = Conductor({"a": 1.0, "b": 2.0}, tmp_path, lambda _, label: 1.1 if label == "copy of a" else 1.0)
    done, _ = bench(conductor)
    assert done.returncode == 7
    assert "machine too noisy" in done.stderr
    said = words(done.stdout)
    assert "Machine too noisy: a copy of a took 1.100 [1.100, 1.100] of its time." in said
    assert "2 [2, 2]" in said
    assert "b: inconclusive: the machine is too noisy, after 30 processes." in said


def test_a_model_that_fails_is_exit_5_with_the_others_compared(bench: Any, tmp_path: Path) -> None:
    conductor = Conductor(
        {"a": 1.0, "b": 2.0, "c": 3.0},
        tmp_path,
        dies=lambda job: ProcessFailed("c.onnx: not a model", "c") if list(job.models) == ["c"] else None,
    )
    done, _ = bench(conductor)
    assert done.returncode == 5
    assert "c: failed: c.onnx: not a model" in done.stdout
    assert "slower" in done.stdout
    assert done.stderr.strip() == "not timed: c: c.onnx: not a model"


def test_json_is_the_whole_result(bench: Any, tmp_path: Path) -> None:
    done, report = bench(Conductor({"a": 1.0, "b": 2.0}, tmp_path), "--format", "json")
    assert LatencyReport.model_validate(json.loads(done.stdout)) == report
    assert report.ratios[0].verdict == "slower"


def test_results_older_than_verdicts_can_be_read(tmp_path: Path) -> None:
    document = Conductor({"a": 1.0, "b": 2.0}, tmp_path).run(replace(Protocol(), blocks=1)).model_dump(mode="json")
    for name in ("baseline", "control", "failed"):
        del document[name]
    for name in ("looks", "threshold", "patience_s", "arena"):
        del document["protocol"][name]
    for name in ("verdict", "reason"):
        del document["ratios"][0][name]
    for name in ("run_memory_bytes", "arena_bytes", "peak_activation_bytes"):
        del document["models"][0][name]
    old = LatencyReport.model_validate(document)
    assert (old.ratios[0].verdict, old.control, old.too_noisy, old.processes) == (None, None, False, 10)
