"""Limits of time: what an interval settles, what a run of it ends with, and one that is measured for real."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from costlens.analysis.budgets import Limit, judge
from costlens.arithmetic.figures import Figure
from costlens.bench.process import ProcessFailed
from costlens.errors import BenchError, InconclusiveError, RuntimeUnavailable
from costlens.results.check import Timing
from costlens.spec.loading import loads
from costlens.tasks._proof import why
from tests.cases.checked import BODY, lines
from tests.cases.counted import counts
from tests.cases.small import write_report
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop

(MODEL,) = counts(loads(f"name: x\n{BODY}"))


def timing(low: float, high: float, *, confidence: float = 0.98, too_noisy: bool = False) -> Timing:
    middle = (low + high) / 2
    return Timing(middle, (low, high), confidence, 10, too_noisy, "onnxruntime 1", "cpu", "a cpu", 1, 1)


# the interval of a median, whether the machine is too noisy; the verdict on a limit of 40 ms, and why there is none
VERDICTS = [
    ((38.0, 39.9), False, "kept", ""),
    ((38.0, 40.0), False, "kept", ""),
    ((40.1, 41.0), False, "missed", ""),
    ((39.0, 41.0), False, "inconclusive", "its interval [39, 41] reaches to both sides of it"),
    ((40.0, 41.0), False, "inconclusive", "its interval [40, 41] reaches to both sides of it"),
    ((38.0, 39.0), True, "kept", ""),
    ((50.0, 51.0), True, "inconclusive", "the machine is too noisy: a copy of the network was timed as another one"),
]


@pytest.mark.parametrize(("interval", "too_noisy", "verdict", "reason"), VERDICTS)
def test_the_whole_interval_decides(interval: tuple[float, float], too_noisy: bool, verdict: str, reason: str) -> None:
    limit = Limit("budget", "latency_ms", Figure.parse("40"))
    figure = judge(limit, MODEL, timing(*interval, too_noisy=too_noisy))
    assert (figure.verdict, figure.reason) == (verdict, reason)
    assert judge(limit, MODEL, timing(*interval, confidence=0.75)).verdict == "inconclusive"
    assert judge(limit, MODEL, None).verdict == "not measured"


@pytest.fixture
def timed(work: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a spec with a limit of 3 ms in its last line, which takes 2.5 ms to 2.7 ms on a machine of no reality."""
    spec = tmp_path / "timed.yaml"
    spec.write_text(f"name: timed\n{BODY}budget: {{latency_ms: 3}}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    work.factor = taking(2.5, 2.6, 2.7)
    return spec


def taking(*call_ms: float) -> Callable[[int, str], float]:
    """Have processes take so many milliseconds a call, by turns."""
    return lambda process, label: call_ms[process % len(call_ms)]


ENDS = [
    ([2.5, 2.6, 2.7], (), 0, ""),
    ([3.5, 3.6, 3.7], (), 3, "timed.yaml:4:10: latency_ms is 3.6, over its budget of 3"),
    ([2.5, 3.0, 3.5], (), 7, "timed.yaml:4:10: latency_ms is 3, its budget 3: its interval [2.5, 3.5] reaches"),
    ([2.5, 3.0, 3.5], ("--allow-inconclusive",), 0, ""),
    ([2.5, 3.0, 3.5], ("--allow-inconclusive", "--budget", "params=1"), 3, "params is 108, over its budget of 1"),
    ([2.5, 3.0, 3.5], ("--budget", "params=1"), 3, "latency_ms is 3, its budget 3: its interval"),
    ([3.5, 3.6, 3.7], ("--quick",), 0, ""),
]


@pytest.mark.parametrize(("call_ms", "options", "code", "said"), ENDS)
def test_how_a_timed_check_ends(
    run: Run, timed: Path, work: Workshop, call_ms: list[float], options: tuple[str, ...], code: int, said: str
) -> None:
    work.factor = taking(*call_ms)
    done = run("check", "timed.yaml", "--bench", *options)
    assert (done.returncode, said in done.stderr) == (code, True), done


def test_a_quick_look_settles_nothing(run: Run, timed: Path) -> None:
    done = run("check", "timed.yaml", "--bench", "--quick", "--format", "json")
    (figure,) = json.loads(done.stdout)["specs"][0]["figures"]
    few = "3 processes cannot give a verdict: at least 6 are needed"
    assert (figure["verdict"], figure["reason"]) == ("inconclusive", few)


def test_the_table_says_on_what_it_was_measured(run: Run, timed: Path) -> None:
    shown = [" ".join(line.split()) for line in lines(run("check", "timed.yaml", "--bench").stdout)]
    assert "timed latency_ms ≤ 3 ms 2.6 ms 86.7% 0.4 ms left ok" in shown
    assert any(line.startswith("timed: median 2.6 ms [2.5, 2.7] over 10 processes; fake 1 on cpu, ") for line in shown)
    document = json.loads(run("check", "timed.yaml", "--bench", "--format", "json").stdout)
    assert document["specs"][0]["timing"]["interval_ms"] == [2.5, 2.7]


def test_what_could_not_be_timed_outranks_a_miss_and_hides_none(run: Run, timed: Path, work: Workshop) -> None:
    work.error = BenchError("the process died")
    done = run("check", "timed.yaml", "--bench", "--budget", "params=1")
    assert done.returncode == 5
    assert lines(done.stderr) == [
        "timed.yaml: the process died",
        "timed.yaml: params is 108, over its budget of 1 (--budget) by 107 (10,700.0%)",
    ]


FORESEEN_BY_NOBODY = [RuntimeError("a framework's"), InconclusiveError("unsure"), KeyError("x"), MemoryError()]


@pytest.mark.parametrize("exported", [True, False], ids=["measured", "exported"])
@pytest.mark.parametrize("error", FORESEEN_BY_NOBODY, ids=repr)
def test_whatever_a_framework_raises_ends_no_other_spec(
    run: Run, timed: Path, work: Workshop, error: Exception, exported: bool
) -> None:
    (timed.parent / "other.yaml").write_text(f"name: other\n{BODY}budget: {{params: 1}}\n", encoding="utf-8")
    if exported:
        work.error = error
    else:
        work.fails = {"timed": error}
    done = run("check", "timed.yaml", "other.yaml", "--bench", "--format", "junit")
    assert done.returncode == 5
    first, *_, second = lines(done.stderr)
    assert first.startswith(f"timed.yaml: {'' if exported else 'not timed: '}{why(error).splitlines()[0]}")
    assert second == "other.yaml:4:10: params is 108, over its budget of 1 by 107 (10,700.0%)"
    assert '<skipped message="timed.yaml:4:10: not measured, see the error" />' in done.stdout


def test_a_model_that_no_process_measured_is_an_error(run: Run, timed: Path, work: Workshop) -> None:
    work.dies = lambda job: ProcessFailed("it crashed", "timed") if job.task == "time" else None
    done = run("check", "timed.yaml", "--bench")
    assert (done.returncode, lines(done.stderr)) == (5, ["timed.yaml: it crashed"])


def test_a_network_that_is_not_proven_is_not_timed(run: Run, timed: Path, work: Workshop) -> None:
    work.wrong = frozenset({"timed"})
    done = run("check", "timed.yaml", "--bench")
    assert (done.returncode, work.timed) == (4, [])
    assert lines(done.stderr) == ["timed.yaml: not timed: its verification FAILED: macs: off by 3"]


def test_what_has_no_file_to_run_is_not_timed(run: Run, timed: Path, work: Workshop) -> None:
    write_report(timed.parent / "report", timed)
    done = run("check", "report", "--bench", "--budget", "latency_ms=3")
    assert (done.returncode, work.timed) == (5, [])
    assert lines(done.stderr) == ["report/report.json: not timed: a report holds no file to run; name its spec"]


def test_a_missing_framework_is_said_of_every_spec(run: Run, timed: Path, work: Workshop) -> None:
    work.fails = {"timed": RuntimeUnavailable("no tensorflow; install it")}
    done = run("check", "timed.yaml", "--bench")
    assert (done.returncode, lines(done.stderr)) == (5, ["timed.yaml: no tensorflow; install it"])


def test_only_specs_with_a_limit_of_time_are_timed(run: Run, timed: Path, work: Workshop) -> None:
    timed.write_text(f"name: timed\n{BODY}budget: {{params: 108}}\n", encoding="utf-8")
    assert run("check", "timed.yaml", "--bench").returncode == 0
    assert work.exported == []


@pytest.mark.tensorflow
@pytest.mark.measures
def test_a_time_that_is_measured(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "real.yaml"
    spec.write_text(f"name: real\n{BODY}", encoding="utf-8")
    options = ("check", str(spec), "--bench", "--device", "cpu", "--time-budget", "5s", "--format", "json")
    kept = run(*options, "--budget", "latency_ms=10000")
    assert (kept.returncode, kept.stderr) == (0, "exporting real/as-written\ntiming real/as-written\n")
    (figure,) = json.loads(kept.stdout)["specs"][0]["figures"]
    assert figure["verdict"] == "kept"
    assert 0 < figure["ours"] < 1000
    assert run(*options, "--budget", "latency_ms=0.00001").returncode in {3, 7}
