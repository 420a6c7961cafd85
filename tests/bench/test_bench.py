"""The measurement without a model: plans, the measuring process under a fake clock, and the conductor."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.bench import wire
from costlens.bench.protocol import Protocol, Turn, block_orders, load_order, plan_blocks, plan_turns
from costlens.bench.worker import AloneSamples, Job, ProcessSamples, Samples, measure
from costlens.errors import BenchError, UsageError
from costlens.results.latency import LatencyReport
from costlens.results.stored import to_json
from costlens.runtimes import Fingerprint, Options
from tests.fakes.fake_bench import CPU, MS, Conductor, FakeSession, Machine

pytestmark = pytest.mark.usefixtures("nothing_of_other_tests_is_collected")


def job(machine: Machine, protocol: Protocol, **changes: Any) -> Job:
    models = {label: Path(f"{label}.onnx") for label in machine.call_ns}
    return Job("time", protocol, models, **changes)


def measured(machine: Machine, protocol: Protocol, **changes: Any) -> ProcessSamples:
    asked = job(machine, protocol, **changes)
    return measure(asked, machine, lambda message: None, machine.clock, machine.sleep)


@given(st.dictionaries(st.sampled_from("abcd"), st.floats(0.001, 500), min_size=1))
def test_a_turn_fits_its_time_unless_it_is_the_least(call_ms: dict[str, float]) -> None:
    for label, side in plan_turns(call_ms, Protocol()).items():
        assert side == Turn(1, 2) or side.total * call_ms[label] <= 20.0
        assert 2 <= side.calls <= 10
        assert 1 <= side.discards <= 10


@pytest.mark.parametrize(
    ("call_ms", "expected"),
    [
        ({"a": 0.02}, {"a": Turn(3, 10)}),
        ({"a": 0.5, "b": 1.6}, {"a": Turn(10, 10), "b": Turn(3, 9)}),  # b fills 19.2 of 20 ms
        ({"a": 2.0, "b": 3.0}, {"a": Turn(3, 7), "b": Turn(2, 4)}),
        ({"a": 5.0, "b": 9.0}, {"a": Turn(1, 3), "b": Turn(1, 2)}),
        ({"a": 90.0, "b": 450.0}, {"a": Turn(1, 2), "b": Turn(1, 2)}),
    ],
)
def test_turns_of_fast_and_slow_models(call_ms: dict[str, float], expected: dict[str, Turn]) -> None:
    assert plan_turns(call_ms, Protocol()) == expected


@given(st.floats(0.0001, 5), st.floats(-1, 30))
def test_blocks_stay_within_what_is_left(round_s: float, left_s: float) -> None:
    blocks = plan_blocks(round_s, left_s, Protocol())
    assert 3 <= blocks <= 20
    assert blocks == 3 or blocks * round_s <= left_s


def test_every_block_holds_every_model_once_in_changing_order() -> None:
    orders = block_orders("abc", 60, seed=0, process=0)
    assert all(sorted(order) == ["a", "b", "c"] for order in orders)
    assert len(set(orders)) == 6
    assert orders == block_orders("abc", 60, seed=0, process=0)
    assert orders != block_orders("abc", 60, seed=0, process=1)
    assert orders != block_orders("abc", 60, seed=1, process=0)


def test_each_model_is_loaded_first_equally_often() -> None:
    orders = [load_order("abc", seed=0, process=process) for process in range(30)]
    assert Counter(order[0] for order in orders) == {"a": 10, "b": 10, "c": 10}
    assert all(sorted(order) == ["a", "b", "c"] for order in orders)
    assert len(set(orders)) == 6


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"processes": 0}, "processes must be a whole number of at least 1, received 0"),
        ({"threads": -1}, "threads must be a whole number of at least 1, received -1"),
        ({"batch": 0}, "batch must be a whole number of at least 1, received 0"),
        ({"seed": -3}, "seed must not be negative, received -3"),
        ({"time_budget_s": 0.0}, "time_budget_s must be above 0, received 0.0"),
        ({"looks": 0}, "looks must be a whole number of at least 1, received 0"),
        ({"threshold": 3.0}, "threshold must be between 0 and 1 (0.03 is 3 %), received 3.0"),
        ({"time_budget_s": float("nan")}, "time_budget_s must be above 0, received nan"),
        (
            {"device": "cdua"},
            "device must be one of auto, cpu, cuda, tensorrt, received 'cdua' (did you mean \"cuda\"?)",
        ),
    ],
)
def test_a_plan_that_measures_nothing_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        Protocol(**wrong)
    assert str(refused.value) == message


def test_one_process_measures_what_the_models_take() -> None:
    machine = Machine({"a": 1.0, "b": 1.5})
    samples = measured(machine, Protocol())
    a, b = samples.models["a"], samples.models["b"]
    assert a.turn == Turn(3, 10)
    assert a.blocks_ns == ((1 * MS,) * 10,) * 20
    assert b.blocks_ns == ((MS * 3 // 2,) * 10,) * 20
    assert (a.first_call_ns, a.after_idle_ns) == (3 * MS, (2 * MS,) * 2)
    assert {(a.was_first, a.cold_start_ns), (b.was_first, b.cold_start_ns)} == {(True, 100 * MS), (False, 50 * MS)}
    assert samples.busy_s == machine.now_ns / 1e9


def test_discarded_calls_come_before_each_turn_and_are_not_kept() -> None:
    machine = Machine({"a": 0.1, "b": 0.2})
    measured(machine, Protocol(blocks=4))
    before_blocks = 2 * (1 + 20)
    turns = ["".join(machine.calls[before_blocks + 13 * turn :][:13]) for turn in range(8)]
    assert set(turns) == {"a" * 13, "b" * 13}
    after_blocks = machine.calls[before_blocks + 13 * 8 :]
    assert Counter(after_blocks) == {"a": 3, "b": 3}


@pytest.mark.parametrize(("call_ms", "calls"), [(0.1, 20), (100.0, 10), (800.0, 3)])
def test_warm_up_is_twenty_calls_or_a_second_but_three_at_least(call_ms: float, calls: int) -> None:
    machine = Machine({"a": call_ms})
    measured(machine, Protocol(blocks=1, calls=2, discards=1))
    first, block, idle = 1, 3, 3
    assert len(machine.calls) == first + calls + block + idle


@pytest.mark.parametrize(("call_ms", "share_s", "blocks"), [(0.3, 1.0, 20), (7.0, 3.0, 20), (90.0, 10.0, 6)])
def test_a_process_keeps_its_share_of_the_time_by_cutting_blocks(call_ms: float, share_s: float, blocks: int) -> None:
    machine = Machine({"a": call_ms, "b": call_ms * 2})
    samples = measured(machine, Protocol(), share_s=share_s)
    assert samples.busy_s <= share_s
    assert len(samples.models["a"].blocks_ns) == blocks


def test_turns_found_by_the_first_process_are_repeated() -> None:
    samples = measured(Machine({"a": 9.0}), Protocol(), turns={"a": Turn(2, 7)})
    assert samples.models["a"].turn == Turn(2, 7)
    assert {len(block) for block in samples.models["a"].blocks_ns} == {7}


def test_a_model_that_cannot_be_run_is_named() -> None:
    class Broken(FakeSession):
        def run(self) -> None:
            raise RuntimeError("Non-zero status code\nsecond line")

    class BrokenMachine(Machine):
        def load(self, path: Path, options: Options) -> FakeSession:
            return Broken(self, path.stem)

    machine = BrokenMachine({"a": 1.0})
    with pytest.raises(BenchError) as failed:
        measured(machine, Protocol())
    assert str(failed.value) == "a.onnx: the model loads but cannot be run: Non-zero status code"


def test_job_and_samples_survive_the_pipe() -> None:
    machine = Machine({"a": 1.0, "b": 30.0})
    asked = job(machine, Protocol.quick(seed=3), process=2, share_s=1.5, turns={"a": Turn(1, 2)}, deadline_s=70.0)
    assert wire.read(Job, json.loads(wire.write(asked))) == asked
    assert "\n" not in wire.write(asked)
    samples = measured(machine, Protocol.quick())
    assert wire.read(ProcessSamples, json.loads(wire.write(samples))) == samples
    alone = AloneSamples(CPU, 5, 6, 7, None, 8, 9)
    assert wire.read(AloneSamples, json.loads(wire.write(alone))) == alone


def test_a_report_holds_figures_ratios_and_all_samples(tmp_path: Path) -> None:
    conductor = Conductor({"standard": 4.0, "separable": 1.0}, tmp_path)
    macs = {"standard": 8_000_000, "separable": 1_000_000}
    report = conductor.run(Protocol(batch=2), baseline="standard", macs=macs)
    standard, separable = report.models
    assert (standard.label, separable.label) == ("standard", "separable")
    assert (separable.median_ms, separable.median_interval_ms) == (1.0, (1.0, 1.0))
    assert (separable.p90_ms, separable.p99_ms, separable.mad_ms) == (1.0, 1.0, 0.0)
    assert separable.throughput_per_s == 2000.0
    assert separable.gmacs_per_s == 2.0
    assert (separable.cold_start_ms, separable.first_call_ms, separable.after_idle_ms) == (100.0, 3.0, 2.0)
    assert [len(process) for process in separable.samples_ms] == [20] * 10
    (ratio,) = report.ratios
    assert (ratio.label, ratio.baseline, ratio.processes) == ("separable", "standard", 10)
    assert (ratio.low, ratio.ratio, ratio.high) == pytest.approx((0.25, 0.25, 0.25))
    assert ratio.macs_ratio == 0.125
    assert conductor.progress[0] == (0, 12, "loading standard")
    assert conductor.progress[2] == (2, 12, "process 1 of 10")
    so_far = "separable 0.25 [0.25, 0.25]\nA/A control 1.000 [1.000, 1.000]"
    assert conductor.progress[3] == (3, 12, f"process 2 of 10\n{so_far}")
    assert conductor.progress[-1] == (12, 12, "timed")
    text = to_json(report)
    assert LatencyReport.from_json(text) == report
    assert text.startswith('{\n  "schema": "costlens.latency/1",\n')


@pytest.mark.parametrize(
    ("call_ms", "budget_s", "fewest"),
    [({"a": 2.0, "b": 8.0, "c": 20.0}, 45.0, 20), ({"a": 60.0, "b": 30.0}, 60.0, 5), ({"a": 12.0}, 15.0, 4)],
)
def test_all_processes_run_within_the_time_budget(
    call_ms: dict[str, float], budget_s: float, fewest: int, tmp_path: Path
) -> None:
    conductor = Conductor(call_ms, tmp_path)
    report = conductor.run(Protocol(time_budget_s=budget_s))
    assert report.elapsed_s <= budget_s
    assert [job.task for job in conductor.jobs].count("time") == 10
    assert min(len(process) for model in report.models for process in model.samples_ms) >= fewest
    assert all(job.turns is not None for job in conductor.jobs[len(call_ms) + 1 :])


def test_what_the_reader_must_know_stands_in_the_note(tmp_path: Path) -> None:
    conductor = Conductor({"a": 400.0, "b": 300.0}, tmp_path)
    report = conductor.run(Protocol.quick(), baseline="a")
    assert "A quick look: the intervals of 3 processes hold with 75 %, which gives no verdict; at least" in report.note
    assert "The time budget of 9 s left 2 of 8 blocks a process." in report.note
    assert f"The shortest plan took {report.elapsed_s:.0f} s, more than the time budget." in report.note
    assert report.ratios[0].confidence == 0.75
    unhurried = Conductor({"a": 400.0}, tmp_path).run(Protocol(time_budget_s=None))
    assert "budget" not in unhurried.note
    assert {len(process) for process in unhurried.models[0].samples_ms} == {20}


def test_an_unknown_baseline_and_a_missing_file_are_refused_before_anything_runs(tmp_path: Path) -> None:
    conductor = Conductor({"standard": 1.0, "separable": 1.0}, tmp_path)
    with pytest.raises(UsageError, match=r"baseline 'standrad' .*did you mean \"standard\""):
        conductor.run(Protocol(), baseline="standrad")
    conductor.models["separable"].unlink()
    with pytest.raises(BenchError, match=r"separable.onnx: no such model file \(for separable\)"):
        conductor.run(Protocol())
    conductor.models.clear()
    with pytest.raises(UsageError, match="no model"):
        conductor.run(Protocol())
    assert conductor.jobs == []


def test_processes_that_ran_on_different_devices_are_not_compared(tmp_path: Path) -> None:
    conductor = Conductor({"a": 1.0}, tmp_path)
    launch = conductor.launch

    def fall_back(job: Job) -> Samples:
        samples = launch(job)
        if job.process != 1:
            return samples
        assert isinstance(samples, ProcessSamples)
        return ProcessSamples(Fingerprint("fake", "1", "", "cuda", (), "{}", 1, "all"), 1.0, samples.models)

    conductor.launch = fall_back  # type: ignore[method-assign]
    with pytest.raises(BenchError, match="did not all run on the same runtime and device"):
        conductor.run(Protocol())


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("costlens.bench.worker", "pydantic scipy numpy onnx onnxruntime pandas tensorflow"),
        ("costlens.bench.run", "scipy numpy onnx onnxruntime pandas tensorflow"),
        ("costlens.results.latency", "scipy numpy onnx onnxruntime pandas tensorflow"),
    ],
)
def test_only_what_is_needed_is_imported(module: str, unwanted: str) -> None:
    question = f"import sys, {module}; print(*[name for name in {unwanted.split()} if name in sys.modules])"
    asked = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == ""
