"""Measuring processes that crash, hang or run out of memory, for real; and results that may not be compared."""

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from costlens.bench.comparability import differences
from costlens.bench.process import ProcessFailed, in_child
from costlens.bench.protocol import Protocol
from costlens.errors import BenchError, RuntimeUnavailable
from costlens.results.latency import LatencyReport
from tests.fakes.fake_bench import Conductor
from tests.places import ROOT

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("nothing_of_other_tests_is_collected")]

CHILD = "tests.fakes.dying_child"
SLEEPER = ["sleep", f"600.25{os.getpid()}"]  # what it starts before it hangs
LEFT = ["sleep", f"600.5{os.getpid()}"]  # what it leaves behind its answer


@pytest.fixture(autouse=True)
def _tests_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def test_an_answer_passes(tmp_path: Path) -> None:
    assert in_child(CHILD, "answer", int, deadline_s=300) == 42


@pytest.mark.parametrize(
    ("how", "label", "message"),
    [
        ("no answer", None, "the measuring process ended with status 0 while timing a, b side by side"),
        ("crash", None, "the measuring process was ended by SIGSEGV while timing a, b side by side"),
        (
            "killed while loading",
            "b",
            "the measuring process was ended by SIGKILL while loading b (b.onnx); "
            "perhaps the system ran out of memory: free some, or use a smaller batch",
        ),
        (
            "no memory",
            None,
            "the measuring process ended with status 1 while timing a, b side by side: MemoryError: cannot allocate",
        ),
        ("error", "b", "b.onnx: not a model"),
    ],
)
def test_a_death_is_reported_with_what_the_process_was_doing(how: str, label: str | None, message: str) -> None:
    with pytest.raises(ProcessFailed) as failed:
        in_child(CHILD, how, int, deadline_s=300)
    assert str(failed.value) == message
    assert failed.value.label == label


def test_what_holds_for_every_model_is_no_failure_of_one() -> None:
    with pytest.raises(RuntimeUnavailable, match="no such device"):
        in_child(CHILD, "missing", int)


def test_a_process_that_hangs_is_ended_with_those_it_started() -> None:
    started = time.monotonic()
    with pytest.raises(ProcessFailed) as failed:
        in_child(CHILD, "hang", int, deadline_s=10.0, remedy="leave it out")
    assert time.monotonic() - started < 300  # the half of what it hangs for
    said = "was ended after 10 s without an answer, while running b (b.onnx) for the first time; it may hang"
    assert said in str(failed.value)
    assert failed.value.label == "b"
    assert str(failed.value).endswith("; leave it out")
    assert _running(SLEEPER) == []


@pytest.mark.parametrize(
    ("how", "deadline_s"), [("answer and leave a process", 300.0), ("answer and leave a process on stdout", 10.0)]
)
def test_a_process_that_answers_and_ends_leaves_none_behind(how: str, deadline_s: float) -> None:
    started = time.monotonic()
    assert in_child(CHILD, how, int, deadline_s=deadline_s) == 42
    assert time.monotonic() - started < 150  # the quarter of what the process that is left sleeps for
    until = time.monotonic() + 60
    while _running(LEFT) and time.monotonic() < until:  # a killed process may take a moment to go
        time.sleep(0.01)
    assert _running(LEFT) == []


def _running(arguments: list[str]) -> list[Path]:
    return [found for found in Path("/proc").glob("[0-9]*/cmdline") if _arguments(found) == arguments]


def _arguments(cmdline: Path) -> list[str]:
    try:
        return cmdline.read_text().split("\0")[:-1]
    except OSError:
        return []


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(BenchError, match="no temporary file can be made: No space left on device; free disk space"):
        in_child(CHILD, "answer", int)


def report(tmp_path: Path) -> LatencyReport:
    return Conductor({"a": 1.0, "b": 2.0}, tmp_path).run(Protocol(blocks=1))


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("machine", {"cpu": "Other CPU"}, "CPU: "),
        ("machine", {"power": "powersave"}, "power state: "),
        ("runtime", {"build": "Debug"}, "runtime build:  against Debug"),
        ("runtime", {"providers": ("XPU", "CPU")}, "providers: CPU against XPU, CPU"),
        ("runtime", {"threads": 2}, "threads: 1 against 2"),
        ("runtime", {"optimisation": "extended"}, "optimisation: all against extended"),
        ("protocol", {"batch": 8}, "batch: 1 against 8"),
    ],
)
def test_what_differs_between_the_conditions_of_results_is_named(
    part: str, change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    ours = report(tmp_path)
    changed = replace(getattr(ours, part), **change)
    other = "0" * 16 if part != "protocol" else ours.fingerprint
    theirs = replace(ours, **{part: changed, "fingerprint": other})
    assert [line.startswith(words) for line in differences(ours, theirs)] == [True]


def test_results_of_equal_conditions_are_comparable(tmp_path: Path) -> None:
    ours = report(tmp_path)
    more_memory = replace(ours.machine, memory_bytes=1, python="3.99")
    assert differences(ours, replace(ours, machine=more_memory)) == []
    foreign = replace(ours, fingerprint="f" * 16)
    assert differences(ours, foreign) == [f"fingerprint: {ours.fingerprint} against {'f' * 16}"]
