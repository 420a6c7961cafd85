"""``costlens predict`` and ``costlens machine --kernels``: what is timed, what is kept, and what is said without it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import costlens as cl
from costlens.bench.kernels import Timed, TimedKernels, most_passes
from costlens.errors import BenchError, MachineSlow, MachineTooNoisy, UsageError
from costlens.prediction.table import place
from costlens.results.prediction import Prediction
from costlens.runtimes._operation import Operation
from costlens.sources._source import Asked
from costlens.tasks import _kernels
from costlens.tasks._bank import bank
from costlens.tasks._tools import Tools
from costlens.tasks.predict import Predicted, fill, predict
from tests.cases.small import write_report
from tests.fakes.command_line import Run

pytestmark = pytest.mark.usefixtures("two_specs")


@dataclass
class Stopwatch:
    """Every kernel takes 10 µs in the cache and 20 out of it.

    ``refuses`` names operators that the runtime lacks, ``slow`` those that met no quick moment.
    """

    refuses: tuple[str, ...] = ()
    slow: tuple[str, ...] = ()
    fails: Exception | None = None
    asked: list[tuple[int, int]] = field(default_factory=list)
    paces_us: list[float] = field(default_factory=list)
    pace_us: float = 150.0

    def time(self, operations: Sequence[Operation], passes: int) -> TimedKernels:
        self.asked.append((len(operations), passes))
        if self.fails:
            raise self.fails
        refused = tuple((one, "no such kernel") for one in operations if one.op in self.refuses)
        slow = tuple(one for one in operations if one.op in self.slow)
        timed = tuple(Timed(one, 10.0, 20.0, 0.01) for one in operations if one.op not in self.refuses + self.slow)
        return TimedKernels(timed, refused, _kernels.block(), 3.0, self.pace_us, slow)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stopwatch:
    """Hand every task a stopwatch in the place of processes, and an empty cache."""
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    made = Stopwatch()

    def time_kernels(
        tools: Tools, operations: Any, threads: int, *, passes: int, pace_us: float = 0.0
    ) -> TimedKernels:
        made.paces_us.append(pace_us)
        return made.time(operations, passes)

    monkeypatch.setattr(Tools, "time_kernels", time_kernels)
    return made


def predicted(*words: str, **options: Any) -> Predicted:
    return predict(words, Asked(), tools=Tools(), **options)


def test_few_kernels_are_timed_on_the_spot_and_kept(watch: Stopwatch) -> None:
    (found,) = predicted("one.yaml").predictions
    number = len([op for row in found.rows for op in row.kernels])
    assert watch.asked == [(number, 1)]
    assert found.milliseconds == pytest.approx((10 * number + 3) / 1e3)
    assert found.shares["measured"] == 1.0
    assert predicted("one.yaml").predictions == (found,)
    assert len(watch.asked) == 1


def test_later_kernels_are_timed_by_the_pace_of_the_first(watch: Stopwatch) -> None:
    predicted("one.yaml")
    predicted("two.yaml?width=8", measure=True)
    assert watch.paces_us == [0.0, 150.0]


def test_a_table_that_was_begun_while_the_machine_was_slow_is_begun_anew(watch: Stopwatch) -> None:
    predicted("one.yaml")
    watch.pace_us = 100.0
    found = predicted("two.yaml?width=8", measure=True)
    assert found.predictions[0].shares["measured"] == 1.0
    table = _kernels.known(1)
    assert table is not None
    assert table.conditions.pace_us == 100.0
    assert watch.paces_us == [0.0, 150.0, 0.0]
    assert watch.asked[-1][0] == len(table.times) > watch.asked[-2][0]


def test_a_machine_that_stays_slow_is_told_how_to_begin_anew(watch: Stopwatch) -> None:
    predicted("one.yaml")
    watch.fails = MachineSlow("this machine is 36 % slower than at its best")
    with pytest.raises(MachineSlow, match=r"best; where it stays so, remove .*kernels-.*\.jsonl, which holds"):
        predicted("two.yaml?width=8", measure=True)


def test_many_kernels_are_modelled_unless_they_are_asked_for(watch: Stopwatch, monkeypatch: pytest.MonkeyPatch) -> None:
    predicted("one.yaml")
    monkeypatch.setattr(_kernels, "ON_THE_SPOT_S", 0.1)
    found = predicted("two.yaml?width=8")
    assert "modelled; --measure times them, in about" in found.notes[0]
    assert found.predictions[0].missing
    assert len(watch.asked) == 1
    assert predicted("two.yaml?width=8", measure=True).predictions[0].missing == ()


def test_nothing_is_timed_where_that_is_not_wanted(watch: Stopwatch) -> None:
    predicted("one.yaml")
    assert predicted("two.yaml?width=8", measure=False).predictions[0].shares["modelled"] > 0
    assert len(watch.asked) == 1


def test_a_machine_of_which_nothing_is_known_says_what_to_do(watch: Stopwatch) -> None:
    with pytest.raises(UsageError, match=r"no kernel was timed yet.*costlens machine --kernels one.yaml"):
        predicted("one.yaml", measure=False)
    assert watch.asked == []


def test_a_machine_that_is_too_noisy_is_said(watch: Stopwatch) -> None:
    predicted("one.yaml")
    watch.fails = MachineTooNoisy("half of 3 kernels took 40 % longer")
    assert predicted("two.yaml?width=8").notes == ("half of 3 kernels took 40 % longer",)
    with pytest.raises(MachineTooNoisy):
        predicted("two.yaml?width=8", measure=True)


def test_a_machine_that_is_too_noisy_to_begin_a_table_is_no_wrong_use(watch: Stopwatch) -> None:
    watch.fails = MachineSlow("this machine is 36 % slower than at its best")
    with pytest.raises(MachineSlow):
        predicted("one.yaml")


def test_a_kernel_that_the_runtime_refuses_is_modelled_and_named(watch: Stopwatch) -> None:
    watch.refuses = ("nchwc.Conv",)
    found = predicted("one.yaml")
    assert found.notes == ("not timed: nchwc.Conv: no such kernel; they are modelled by other kernels",)
    assert found.predictions[0].missing == ("nchwc.Conv",)


def test_kernels_of_slow_moments_are_modelled_and_the_others_kept(watch: Stopwatch, run: Run) -> None:
    watch.slow = ("nchwc.Conv",)
    found = predicted("one.yaml")
    assert found.notes == (
        "not timed: 1 kernel: this machine was slower than at its best whenever they ran; try again, or they are "
        "modelled by other kernels",
    )
    assert found.predictions[0].missing == ("nchwc.Conv",)
    done = run("machine", "--kernels", "one.yaml")
    assert done.returncode == MachineSlow.exit_code
    assert "not timed: 1 kernel" in done.stderr
    watch.slow = ()
    assert predicted("one.yaml").predictions[0].shares["measured"] == 1.0


def test_a_table_of_another_machine_is_refused(watch: Stopwatch) -> None:
    predicted("one.yaml")
    key, says = _kernels.here(1)
    path = place(key)
    path.write_text(path.read_text().replace(key, "0" * 16).replace(says, "a machine elsewhere"))
    with pytest.raises(UsageError, match="expected the times of this machine, received those of a machine elsewhere"):
        predicted("one.yaml")


def test_threads_have_a_table_of_their_own(watch: Stopwatch) -> None:
    predicted("one.yaml")
    assert predicted("one.yaml", threads=2).predictions[0].threads == 2
    assert [passes for _, passes in watch.asked] == [1, 1]


def test_the_table_is_filled_by_several_passes_and_grows(watch: Stopwatch) -> None:
    first, again, more = (
        fill([word], Asked(), tools=Tools()) for word in ("one.yaml", "one.yaml", "one.yaml?width=16")
    )
    assert (first.timed, again.timed, again.kernels) == (first.kernels, 0, first.kernels)
    assert more.kernels == first.kernels + more.timed > first.kernels
    assert [passes for _, passes in watch.asked] == [most_passes(1)] * 2


def test_several_threads_are_timed_more_often(watch: Stopwatch) -> None:
    fill(["one.yaml"], Asked(), threads=2, tools=Tools())
    assert [passes for _, passes in watch.asked] == [most_passes(2)]
    assert most_passes(2) > most_passes(1)


def test_a_batch_is_other_kernels(watch: Stopwatch) -> None:
    predicted("one.yaml")
    (found,) = predict(["one.yaml"], Asked(batch=4), tools=Tools()).predictions
    assert found.batch == 4
    assert len(watch.asked) == 2


def test_the_command_prints_and_says_that_it_did_not_measure(watch: Stopwatch, run: Run) -> None:
    done = run("predict", "one.yaml")
    assert done.returncode == 0, done.stderr
    assert "predicted, not measured" in done.stdout.splitlines()[-1]
    assert "Of the time of kernels: 100% measured." in done.stdout
    found = json.loads(run("predict", "one.yaml", "--format", "json").stdout)
    assert found["schema"] == Prediction.SCHEMA
    assert cl.predict("one.yaml").milliseconds == found["milliseconds"]


def test_machine_kernels_says_what_the_table_holds(watch: Stopwatch, run: Run) -> None:
    done = run("machine", "--kernels", "one.yaml", "--variant", "all")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{watch.asked[0][0]} kernels timed; the table of ")
    refused = run("machine", "--threads", "2")
    assert (refused.returncode, "add --kernels MODEL" in refused.stderr) == (2, True)


def test_a_bank_tells_of_networks_that_were_never_timed(watch: Stopwatch, run: Run) -> None:
    done = run("machine", "--kernels", "two.yaml", "--bank")
    assert done.returncode == 0, done.stderr
    timed = sum(number for number, _ in watch.asked)
    assert timed > len(bank(_kernels.block()))
    assert done.stdout.startswith(f"{timed} kernels timed; the table of ")
    assert run("machine", "--bank").stdout.startswith("0 kernels timed")
    assert predicted("two.yaml?width=8", measure=False).predictions[0].shares["modelled"] > 0
    refused = run("machine", "--bank", "--batch", "2")
    assert (refused.returncode, "add --kernels MODEL" in refused.stderr) == (2, True)


def test_a_report_has_no_kernels(watch: Stopwatch, run: Run) -> None:
    write_report(Path("report"), "one.yaml")
    predicted("one.yaml")
    done = run("predict", "report")
    assert done.returncode == 5
    assert "has no kernels of onnxruntime to predict; name its spec or its ONNX file" in done.stderr


def test_what_fails_is_an_error_of_the_function(watch: Stopwatch) -> None:
    write_report(Path("report"), "one.yaml")
    predicted("one.yaml")
    with pytest.raises(BenchError, match="not predicted"):
        cl.predict("report")
    with pytest.raises(UsageError, match="names 4 networks; name one"):
        cl.predict("one.yaml", variant="all")


@pytest.mark.parametrize("arguments", [
    ("count", "one.yaml", "--latency"),
    ("compare", "one.yaml", "--latency"),
    ("explain", "one.yaml", "--layer", "conv1", "--latency"),
    ("check", "one.yaml", "--budget", "macs=1M", "--latency"),
], ids=lambda arguments: arguments[0])  # fmt: skip
def test_commands_that_count_say_what_is_predicted_and_judge_nothing_by_it(
    arguments: tuple[str, ...], watch: Stopwatch, run: Run
) -> None:
    done = run(*arguments)
    bare = run(*arguments[:-1])
    assert (done.returncode, done.stdout.count("predicted, not measured") > 0) == (bare.returncode, True), done.stderr
    assert "predicted" not in bare.stdout
    watch.fails = BenchError("the process died")
    changed = [argument.replace("one.yaml", "one.yaml?width=16") for argument in arguments]
    assert run(*changed).returncode == bare.returncode
