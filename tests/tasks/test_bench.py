"""``costlens bench A B …``: what is compared with what, what a failure does, what the command says and returns."""

import json
from pathlib import Path

import pytest

from costlens.bench import bounds
from costlens.bench.machine import fingerprint, machine_facts
from costlens.bench.process import ProcessFailed
from costlens.bench.protocol import Protocol
from costlens.errors import BenchError, ExportError, RuntimeUnavailable, UsageError
from costlens.results.bounds import Bounds
from costlens.results.latency import LatencyReport
from costlens.results.stored import to_json
from costlens.sources._source import ALL, Asked
from costlens.tasks.bench import Measured, bench
from tests.cases.small import ONE, write_report
from tests.fakes.command_line import Run
from tests.fakes.fake_bench import CPU, Conductor
from tests.fakes.fake_tools import Workshop
from tests.places import SPECS

YAMNET, EXAMPLE = str(SPECS / "yamnet.yaml"), str(SPECS / "separable_example.yaml")


def measured(
    work: Workshop, *words: str, variants: tuple[str, ...] = (), baseline: str = "", batch: int = 1
) -> Measured:
    asked = Asked(variants, alone=(ALL,), batch=batch)
    return bench(words, asked, Protocol(batch=batch), baseline=baseline, tools=work.tools())


# words, variants, the baseline asked for; what is exported, the labels that are timed, the baseline
BASELINES = [
    ([YAMNET], (), "", ["as-written", "standard", "bottleneck", "factorized", "grouped"], "standard"),
    ([YAMNET], (), "separable", ["as-written", "standard", "bottleneck", "factorized", "grouped"], "as-written"),
    ([YAMNET], ("separable", "bottleneck"), "", ["separable", "bottleneck"], "separable"),
    ([YAMNET, EXAMPLE], (), "", ["yamnet", "separable_example"], "yamnet"),
    ([YAMNET, EXAMPLE], (), "separable_example", ["yamnet", "separable_example"], "separable_example"),
    ([EXAMPLE, YAMNET], (), "yamnet:as-written", ["separable_example", "yamnet"], "yamnet"),
    ([YAMNET, EXAMPLE], ("standard",), "", ["yamnet:standard", "separable_example:standard"], "yamnet:standard"),
]


@pytest.mark.parametrize(("words", "variants", "baseline", "labels", "chosen"), BASELINES, ids=str)
def test_what_is_timed_and_what_with(
    words: list[str], variants: tuple[str, ...], baseline: str, labels: list[str], chosen: str, work: Workshop
) -> None:
    found = measured(work, *words, variants=variants, baseline=baseline)
    assert [one.label for one in found.latency.models] == labels
    assert work.baselines == [chosen]
    assert len(work.exported) == len(labels)


def test_a_spec_named_twice_is_timed_twice(work: Workshop) -> None:
    measured(work, YAMNET, YAMNET, variants=("separable", "standard"))
    assert work.exported == ["yamnet:separable", "yamnet:standard"] * 2
    assert len(work.timed[0]) == 4


def test_macs_and_peaks_of_one_example_reach_the_measurement(work: Workshop) -> None:
    for batch in (1, 4):
        yamnet = measured(work, YAMNET, EXAMPLE, batch=batch).latency.models[0]
        assert yamnet.gmacs_per_s == pytest.approx(batch * 69_165_056 / 1e6)  # a call takes 1 ms
        assert yamnet.peak_activation_bytes == batch * 589_824
        assert work.plans[-1].batch == batch


def test_least_times_are_told_of_every_model_that_was_counted_row_by_row(
    work: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.call_ms = {"yamnet": 100.0}
    key = fingerprint(machine_facts(), CPU)
    monkeypatch.setattr(bounds, "find", {key: Bounds(key, 100.0, 10e9, 1, "fp32", "2025-01-31T12:00Z")}.get)
    found = measured(work, YAMNET, EXAMPLE)
    assert [(line.label, line.measured_ms) for line in found.least] == [("yamnet", 100.0), ("separable_example", 1.0)]
    monkeypatch.setattr(bounds, "find", lambda of: None)
    assert measured(work, YAMNET, EXAMPLE).least == ()


@pytest.mark.parametrize(("words", "baseline", "message"), [
    ([YAMNET], "seperable", r"--baseline seperable: no model has that label.*did you mean \"separable\".*known: as-wr"),
    ([YAMNET, EXAMPLE], "n", "--baseline n: no model has that label; known: yamnet, separable_example"),
    ([YAMNET, "report"], "", "report.json: a report holds no file to run; name its spec: bench runs model files"),
    ([YAMNET, "none.onnx", "none.yaml"], "", r"none\.onnx: no such file.*\nnone\.yaml: no such file"),
])  # fmt: skip
def test_mistakes_are_named_before_any_work(
    words: list[str], baseline: str, message: str, work: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_report(tmp_path / "report", EXAMPLE)
    with pytest.raises(UsageError, match=message):
        measured(work, *words, baseline=baseline)
    assert work.exported == []


def test_an_export_that_fails_leaves_the_others_timed(two_specs: None, work: Workshop, run: Run) -> None:
    work.fails = {"one": ExportError("no room")}
    found = measured(work, "one.yaml", "two.yaml")
    assert [one.label for one in found.latency.models] == work.baselines == ["two"]
    assert [(one.label, one.reason) for one in found.latency.failed] == [("one", "no room")]
    done = run("bench", "one.yaml", "two.yaml")
    assert (done.returncode, done.stderr) == (5, "not timed: one: no room\n")
    with pytest.raises(BenchError, match=r"^not timed: as-written: no room\nbottleneck: no room"):
        measured(work, "one.yaml")
    work.fails = {"one": RuntimeUnavailable("no tensorflow")}
    with pytest.raises(RuntimeUnavailable, match="no tensorflow"):
        measured(work, "two.yaml", "one.yaml")


def test_a_proof_that_failed_is_timed_and_ends_with_exit_4(two_specs: None, work: Workshop, run: Run) -> None:
    work.wrong = frozenset({"two"})
    done = run("bench", "one.yaml", "two.yaml")
    assert (done.returncode, done.stderr) == (4, "two: its verification FAILED: macs: off by 3\n")
    assert len(work.timed[0]) == 2
    assert "two" in done.stdout


@pytest.mark.parametrize(("options", "message"), [
    (("--threshold", "3"), "--threshold 3: expected a percentage"),
    (("--threshold", "0%"), "--threshold 0%: expected a percentage"),
    (("--time-budget", "long"), "--time-budget long: expected a second or more"),
    (("--quick", "--processes", "5"), "--quick means three processes"),
])  # fmt: skip
def test_options_that_cannot_be(options: tuple[str, ...], message: str, run: Run, work: Workshop) -> None:
    done = run("bench", EXAMPLE, *options)
    assert (done.returncode, done.stdout, work.exported) == (2, "", [])
    assert message in done.stderr


@pytest.fixture
def four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Work in a folder of four specs, each called by a letter."""
    monkeypatch.chdir(tmp_path)
    for name in "abcd":
        Path(f"{name}.yaml").write_text(ONE.replace("name: one", f"name: {name}"), encoding="utf-8")
    return tuple(f"{name}.yaml" for name in "abcd")


def words(text: str) -> str:
    return " ".join(text.split())


def test_verdicts_resolution_and_reasons_are_printed(four: tuple[str, ...], run: Run, work: Workshop) -> None:
    jitter = {"b": 0.05, "copy of a": 0.004}
    work.call_ms, work.shorter = {"c": 3.0, "d": 0.5}, {}
    work.factor = lambda process, label: 1 + jitter.get(label, 0.0) * (1 if process % 2 else -1)
    done = run("bench", *four, "--time-budget", "30s")
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line[:3].strip() in tuple("abcd")}
    for label, verdict in {"a": "baseline", "b": "inconclusive", "c": "slower", "d": "faster"}.items():
        assert verdict in lines[label]
    said = words(done.stdout)
    assert "Noise floor ±0.4 %: an identical copy of a measured 1.000× [0.996, 1.004]." in said
    assert "b: inconclusive: the interval holds 1 and more than ±2 %; the time budget of 30 s allows" in said
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_noisy_machine_is_exit_7_with_all_results_printed(four: tuple[str, ...], run: Run, work: Workshop) -> None:
    work.call_ms = {"b": 2.0}
    work.factor = lambda _, label: 1.1 if label == "copy of a" else 1.0
    done = run("bench", *four[:2])
    assert done.returncode == 7
    assert "machine too noisy" in done.stderr
    said = words(done.stdout)
    assert "Machine too noisy: a copy of a measured 1.100× [1.100, 1.100]." in said
    assert "2.00× [2.00, 2.00]" in said
    assert "b: inconclusive: the machine is too noisy, after 30 processes." in said


def test_a_model_that_fails_is_exit_5_with_the_others_compared(four: tuple[str, ...], run: Run, work: Workshop) -> None:
    work.call_ms = {"b": 2.0}
    work.dies = lambda job: ProcessFailed("c.onnx: not a model", "c") if list(job.models) == ["c"] else None
    done = run("bench", *four[:3])
    assert (done.returncode, done.stderr) == (5, "not timed: c: c.onnx: not a model\n")
    assert "c: failed: c.onnx: not a model" in done.stdout
    assert "slower" in done.stdout


def test_json_is_the_whole_result(four: tuple[str, ...], run: Run, work: Workshop) -> None:
    work.call_ms = {"b": 2.0}
    done = run("bench", *four[:2], "--format", "json")
    report = LatencyReport.from_json(done.stdout)
    assert [report] == work.reports
    assert report.ratios[0].verdict == "slower"


def test_results_older_than_verdicts_can_be_read(tmp_path: Path) -> None:
    document = json.loads(to_json(Conductor({"a": 1.0, "b": 2.0}, tmp_path).run(Protocol(blocks=1))))
    for name in ("baseline", "control", "failed"):
        del document[name]
    for name in ("looks", "threshold", "patience_s", "arena"):
        del document["protocol"][name]
    for name in ("verdict", "reason"):
        del document["ratios"][0][name]
    for name in ("run_memory_bytes", "arena_bytes", "peak_activation_bytes"):
        del document["models"][0][name]
    old = LatencyReport.from_json(json.dumps(document))
    assert (old.ratios[0].verdict, old.control, old.too_noisy, old.processes) == (None, None, False, 10)
