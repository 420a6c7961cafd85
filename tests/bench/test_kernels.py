"""Kernels are timed in several passes of several processes: what is asked of them, and what is made of the answers."""

from collections.abc import Callable

import pytest

from costlens.bench import kernels as room
from costlens.bench.kernels import ONE_PASS, time_kernels
from costlens.bench.kernels_worker import KernelJob, KernelSamples
from costlens.errors import MachineSlow, MachineTooNoisy
from costlens.results.bounds import CacheFacts
from costlens.runtimes import Fingerprint
from costlens.runtimes._operation import Operand, Operation, operation

CPU = Fingerprint("onnxruntime", "9.9", "fake build", "cpu", ("CPUExecutionProvider",), "{}", 1, "all")


def relu(channels: int) -> Operation:
    return operation("Relu", [Operand((1, channels))], [Operand((1, channels))])


NOT_NEAR = 7.0
"""Microseconds of a kernel that is too large for the core's own cache."""
Launch = Callable[[KernelJob], KernelSamples]


BEST_US = 100.0
"""The pace of the machine undisturbed."""


def answering(
    times: Callable[[int, str], float | None], pace: Callable[[int], float] = lambda number: BEST_US
) -> tuple[Launch, list[KernelJob]]:
    """Return processes that take so many microseconds by their number and the kernel, and what they were asked.

    pace: of the machine, by their number.
    """
    asked: list[KernelJob] = []

    def launch(job: KernelJob) -> KernelSamples:
        number = len(asked)
        asked.append(job)
        warm = tuple(times(number, line) for line in job.kernels)
        cold = tuple(None if us is None else 2 * us for us in warm)
        refused = tuple("" if us is not None else "no such kernel" for us in warm)
        near = tuple(us and us / 2 if us != NOT_NEAR else None for us in warm)
        paces_us = (pace(number),) * len(warm)
        best_us = min([job.pace_us or pace(number), pace(number)])
        return KernelSamples(CPU, 16, float(number), warm, cold, refused, near, best_us, paces_us)

    return launch, asked


def test_of_several_passes_the_two_shortest_count_and_their_distance_is_the_spread() -> None:
    launch, asked = answering(lambda number, line: (12.0, 10.0, 11.0)[number])
    found = time_kernels([relu(1), relu(2)], passes=3, launch=launch)
    assert [(one.warm_us, one.cold_us, one.near_us) for one in found.timed] == [(10.5, 21.0, 5.25)] * 2
    assert found.timed[0].spread == pytest.approx(0.1)
    assert (found.block, found.call_us, len(asked)) == (16, 1.0, 3)


def test_a_single_pass_knows_no_spread() -> None:
    launch, _ = answering(lambda number, line: 10.0)
    assert time_kernels([relu(1)], passes=1, launch=launch).timed[0].spread == ONE_PASS


def test_a_kernel_that_is_too_large_for_the_own_cache_has_no_time_near() -> None:
    launch, _ = answering(lambda number, line: NOT_NEAR)
    assert [one.near_us for one in time_kernels([relu(1)], launch=launch).timed] == [None]


def test_many_kernels_take_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "A_PROCESS", 2)
    launch, asked = answering(lambda number, line: 10.0)
    told: list[tuple[int, int, str]] = []
    found = time_kernels(
        [relu(channels) for channels in range(1, 6)], passes=2, launch=launch,
        on_progress=lambda *step: told.append(step),
    )  # fmt: skip
    assert [len(job.kernels) for job in asked] == [2, 2, 1] * 2
    assert [one.operation for one in found.timed] == [relu(channels) for channels in range(1, 6)]
    assert [done for done, *_ in told] == [0, 2, 4, 5] * 2
    assert {message for *_, message in told} == {"pass 1: 5 kernels", "pass 2: 5 kernels"}


def test_kernels_whose_times_agree_are_not_timed_again() -> None:
    launch, asked = answering(lambda number, line: 10.0 if '"Relu",[[[1,2]]]' in line else 20.0 / (number + 1))
    found = time_kernels([relu(1), relu(2)], passes=3, launch=launch)
    assert [job.kernels for job in asked] == [(relu(1).text, relu(2).text)] * 2 + [(relu(1).text,)]
    assert [one.warm_us for one in found.timed] == [pytest.approx((20 / 3 + 10) / 2), 10.0]
    agreeing, asked = answering(lambda number, line: 10.0 + 0.01 * number)
    time_kernels([relu(1)], launch=agreeing)
    assert len(asked) == 2


def test_a_kernel_that_is_refused_is_not_timed_and_the_others_are() -> None:
    launch, _ = answering(lambda number, line: None if '"Relu",[[[1,2]]]' in line else 10.0)
    found = time_kernels([relu(1), relu(2)], launch=launch)
    assert [one.operation for one in found.timed] == [relu(1)]
    assert found.refused == ((relu(2), "no such kernel"),)


def test_a_machine_too_noisy_keeps_nothing() -> None:
    launch, _ = answering(lambda number, line: 10.0 * 2**number)
    with pytest.raises(MachineTooNoisy, match="half of 2 kernels took 100 % longer in one process than in another"):
        time_kernels([relu(1), relu(2)], launch=launch)


def test_times_of_a_slow_moment_do_not_count_and_are_asked_for_again() -> None:
    slow = {0, 2}
    launch, asked = answering(
        lambda number, line: 13.6 if number in slow else 10.0, lambda number: BEST_US * (1.36 if number in slow else 1)
    )
    found = time_kernels([relu(1)], launch=launch)
    assert [job.pace_us for job in asked] == [0.0, 1.36 * BEST_US, BEST_US, BEST_US]
    assert [(one.warm_us, one.spread) for one in found.timed] == [(10.0, 0.0)]
    assert found.pace_us == BEST_US


def test_a_pace_that_is_a_little_off_the_best_makes_no_time_unsure() -> None:
    launch, asked = answering(lambda number, line: 10.0, lambda number: (1.08 if number else 1.0) * BEST_US)
    (one,) = time_kernels([relu(1)], launch=launch).timed
    assert (one.warm_us, one.spread, len(asked)) == (10.0, 0.0, 2)


def test_kernels_of_slow_moments_alone_have_no_time_and_the_others_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "A_PROCESS", 1)
    every = [relu(1), relu(2), relu(3)]

    def launch(job: KernelJob) -> KernelSamples:
        pace_us = 1.2 * BEST_US if job.kernels == (every[0].text,) else BEST_US
        return KernelSamples(CPU, 16, 0.0, (12.0,), (24.0,), ("",), (6.0,), BEST_US, (pace_us,))

    found = time_kernels(every, launch=launch)
    assert [one.operation for one in found.timed] == every[1:]
    assert found.slow == (every[0],)


@pytest.mark.parametrize("passes", [1, 3])
def test_a_machine_that_was_quicker_before_keeps_nothing(passes: int) -> None:
    launch, asked = answering(lambda number, line: 13.6, lambda number: 1.36 * BEST_US)
    with pytest.raises(MachineSlow, match="this machine is 36 % slower than at its best, so no time"):
        time_kernels([relu(1)], passes=passes, pace_us=BEST_US, launch=launch)
    assert len(asked) == passes


def test_a_last_cache_that_other_cores_use_is_not_counted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [CacheFacts(2, "unified", 2**21, 1), CacheFacts(3, "unified", 300 * 2**20, 2)]
    monkeypatch.setattr(room, "caches", lambda: tuple(told))
    monkeypatch.setattr(room, "own_cache", lambda found: told[0])
    launch, asked = answering(lambda number, line: 10.0)
    time_kernels([relu(1)], passes=1, launch=launch)
    assert [(job.cache_bytes, job.own_bytes) for job in asked] == [(2**27, 2**21)]


def test_nothing_to_time_still_tells_of_the_machine() -> None:
    launch, asked = answering(lambda number, line: 10.0)
    found = time_kernels([], passes=1, launch=launch)
    assert (found.timed, len(asked), found.block) == ((), 1, 16)


def test_a_time_out_of_the_cache_is_no_shorter_than_one_in_it() -> None:
    def launch(job: KernelJob) -> KernelSamples:
        return KernelSamples(CPU, 8, 0.0, (10.0,), (9.0,), ("",))

    (one,) = time_kernels([relu(1)], launch=launch).timed
    assert (one.warm_us, one.cold_us) == (9.0, 9.0)
