"""The options of a measurement, the same in every command that times; and what a command tells while it works."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from costlens.bench.protocol import Protocol
from costlens.commands._cli import parameters
from costlens.results.latency import LatencyReport
from costlens.tasks import _progress
from tests.cases.small import ONE, TWO
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop

MEASURING = {
    "--quick", "--runtime", "--device", "--threads", "--batch", "--threshold", "--processes", "--time-budget",
    "--format",
}  # fmt: skip
LACKS = {"check": {"--threshold"}, "profile": {"--threshold", "--time-budget"}}
"""A check compares no two networks; the layers of a network are timed in as long as their processes take."""


@pytest.mark.parametrize("command", ["bench", "check", "compare", "diff", "profile", "report", "sweep"])
def test_every_command_that_times_has_the_options_of_a_measurement(command: str) -> None:
    declared = parameters(import_module(f"costlens.commands.{command}").command)
    assert MEASURING - {name for each in declared for name in each.names} == LACKS.get(command, set())


@pytest.mark.parametrize("command", ["check a.yaml", "compare a.yaml", "diff a.yaml b.yaml", "diff --base main"])
@pytest.mark.parametrize("option", ["--quick", "--threads 2", "--batch 2", "--runtime litert", "--time-budget 9s"])
def test_options_of_a_measurement_need_one(command: str, option: str, run: Run) -> None:
    done = run(*command.split(), *option.split())
    said = f"{option.split(maxsplit=1)[0]} says how to time, and nothing is timed; add --bench, or leave it out\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@pytest.mark.parametrize("command", ["bench one.yaml", "compare one.yaml --bench", "diff one.yaml two.yaml --bench",
                                     "report one.yaml"])  # fmt: skip
def test_options_reach_the_plan(command: str, here: Workshop, run: Run) -> None:
    options = "--threshold 1.5% --time-budget 2m --processes 7 --threads 2 --device cpu"
    assert run(*command.split(), *options.split()).returncode in (0, 6)
    (plan,) = here.plans
    assert (plan.threshold, plan.time_budget_s, plan.processes, plan.looks) == (0.015, 120.0, 7, 1)
    assert (plan.threads, plan.device) == (2, "cpu")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Workshop) -> Workshop:
    """Work in a folder of two specs, and tell what is done."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("one", ONE), ("two", TWO.replace("filters: width", "filters: 2 * width"))):
        Path(f"{name}.yaml").write_text(f"{text}budget: {{latency_ms: 3}}\n", encoding="utf-8")
    work.is_watched = True
    return work


@pytest.mark.parametrize(("arguments", "processes"), [
    (("profile", "one.yaml"), 3),
    (("profile", "one.yaml", "--quick"), 1),
    (("profile", "one.yaml", "--processes", "5"), 5),
    (("report", "one.yaml", "--variant", "as-written", "--processes", "7", "--threshold", "5%"), 2),
])  # fmt: skip
def test_processes_of_a_profile(arguments: tuple[str, ...], processes: int, here: Workshop, run: Run) -> None:
    assert run(*arguments).returncode == 0
    assert here.profiled[0][1] == processes
    assert [(plan.processes, plan.threshold) for plan in here.plans] == ([(7, 0.05)] if "report" in arguments else [])


def test_each_step_is_a_line_where_no_terminal_is(here: Workshop, run: Run) -> None:
    done = run("bench", "one.yaml", "two.yaml", "--format", "json")
    assert done.stdout.startswith("{")
    assert done.stderr.splitlines() == [
        "exporting one/as-written (1 of 2)", "exporting two/as-written (2 of 2)",
        "timing one/as-written, two/as-written",
    ]  # fmt: skip
    swept = run("sweep", "one.yaml", "--variant", "as-written", "--threads", "1,2").stderr.splitlines()
    assert swept[0] == "exporting one/as-written"
    assert swept[1:] == ["converting as-written for onnxruntime in fp32"] * 2


def test_a_measurement_is_one_line_however_many_processes_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with _progress.progress(str) as observe:
        for _ in range(2):
            for done, message in enumerate(("a", "loading a", "process 1 of 2", "process 2 of 2")):
                observe("time", max(0, done - 1), 3, message)
            observe("time", 3, 3, "timed")
    assert capsys.readouterr().err == "timing a\n" * 2


def test_a_terminal_shows_the_count_and_no_bar(here: Workshop, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda stream: True, raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    told = run("bench", "one.yaml", "two.yaml", "--format", "json", columns="100").stderr
    assert "2 of 2" in told
    assert "━" not in told
    monkeypatch.setenv("CI", "true")
    assert run("bench", "one.yaml", "--format", "json").stderr.startswith("exporting one/as-written (1 of 4)\n")


def interrupted(stage: str, done: int, total: int, message: str) -> Callable[..., LatencyReport]:
    def bench(files: Mapping[str, Path], plan: Protocol, *given: Any) -> LatencyReport:
        given[-1](stage, done, total, message)
        raise KeyboardInterrupt

    return bench


@pytest.mark.parametrize(("step", "said"), [
    (("time", 1, 12, "loading two"), "1 of 12 processes were measured; nothing was written"),
    (("time", 9, 12, "process 8 of 10\none 1.0"), "9 of 12 processes were measured; nothing was written"),
    (("time", 9, 12, "batch 2: process 8 of 10"), "9 of 12 processes were measured; nothing was written"),
    (("export", 2, 6, "two"), "2 of 6 models were exported and kept in the cache; nothing was written"),
])  # fmt: skip
def test_an_interrupt_says_what_was_done_and_what_is_kept(
    step: tuple[str, int, int, str], said: str, here: Workshop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(here, "bench", interrupted(*step))
    done = run("bench", "one.yaml", "two.yaml")
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (130, "", f"interrupted; {said}")


def test_reports_that_were_written_before_an_interrupt_are_told(
    here: Workshop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, stopped = here.bench, interrupted("time", 3, 12, "process 3 of 10")

    def bench(*given: Any) -> LatencyReport:
        return stopped(*given) if here.timed else whole(*given)

    monkeypatch.setattr(here, "bench", bench)
    done = run("report", "one.yaml", "two.yaml", "-o", "out", "--no-rows")
    assert done.returncode == 130
    said = "interrupted; 3 of 12 processes were measured; 1 of 2 reports were written"
    assert done.stderr.splitlines()[-1] == said
    assert Path("out/one/report.json").exists()


@pytest.mark.parametrize("arguments", [("check", "one.yaml"), ("diff", "one.yaml", "two.yaml")], ids=str)
def test_where_a_comment_cannot_be_written_is_told_before_anything_is_timed(
    arguments: tuple[str, ...], here: Workshop, run: Run
) -> None:
    Path("mine.md").write_text("my own notes\n", encoding="utf-8")
    for file, why in (("mine.md", "is not a comment of costlens"), ("/proc/nowhere/x.md", "cannot be written")):
        done = run(*arguments, "--bench", "--comment", file)
        assert (done.returncode, here.exported, here.timed) == (2, [], [])
        assert f"{file}: {why}" in done.stderr
    assert run(*arguments, "--bench", "--comment", "new.md").returncode == 0
    assert Path("new.md").read_text(encoding="utf-8").startswith("<!-- costlens -->")


def test_two_sizes_of_an_input_are_said_to_be_a_sequence(run: Run) -> None:
    said = "The input is read as a sequence, TxC: 8 steps of 8 channels. An image is HxWxC."
    conv = ("explain", "conv", "--kernel", "3", "--filters", "4", "--input")
    assert said in run(*conv, "8x8").stdout
    assert said in run(*conv, "8x8", "--format", "markdown").stdout
    assert "sequence" not in run(*conv, "8x8x1").stdout + run(*conv, "8x8", "--format", "json").stdout


def test_kinds_of_several_names_stand_in_one_word_or_in_several(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "two.yaml"
    spec.write_text(
        "name: two\ninput: [8, 8, 8]\nlayers:\n"
        "  - conv: {name: a, filters: 8, kernel: 3}\n  - conv: {name: b, filters: 8, kernel: 3}\n"
    )
    one = run("count", str(spec), "--kind", "a=separable,b=grouped")
    assert one.returncode == 0
    assert one.stdout == run("count", str(spec), "--kind", "a=separable", "--kind", "b=grouped").stdout


def test_a_layer_of_several_outputs_is_explained_with_each(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "parts.yaml"
    spec.write_text(
        "name: parts\ninput: [8, 8, 8]\nlayers:\n"
        "  - split: {name: s, parts: [6, 2]}\n  - concat: {from: [s, s.part2]}\n"
    )
    said = [line.split() for line in run("explain", str(spec), "--layer", "s").stdout.splitlines()]
    assert [words[1:3] for words in said if words[:1] == ["writes"]] == [["s", "8×8×6,"], ["s.part2", "8×8×2,"]]


def test_an_activation_that_a_knob_names_is_told_with_its_value(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "act.yaml"
    spec.write_text(
        "name: a\nknobs: {act: relu}\ninput: [8, 8, 8]\nlayers:\n  - conv: {filters: 8, kernel: 3, activation: act}\n"
    )
    said = " ".join(run("count", str(spec), "--set", "act=swish").stderr.split())
    assert 'activation: received "act" = "swish"; it is called silu here' in said
