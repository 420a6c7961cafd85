"""How fast the machine runs: what a net takes now, beside the least that it ever took."""

from collections.abc import Iterable, Iterator

import pytest

from costlens.bench import pace as room
from costlens.bench.pace import Pace, is_slow
from costlens.runtimes import Fingerprint

QUICK_US, SLOW_US = 100, 136


class Net:
    """A session whose calls take so many microseconds by a clock of its own; the last value holds on."""

    fingerprint = Fingerprint("fake", "1", "", "cpu", (), "{}", 1, "all")

    def __init__(self, calls_us: Iterable[int]) -> None:
        self._calls_us = iter(calls_us)
        self._now_ns = 0
        self._us = 0

    def run(self) -> None:
        self._us = next(self._calls_us, self._us)
        self._now_ns += 1000 * self._us

    def synchronize(self) -> None:
        pass

    def clock(self) -> int:
        return self._now_ns


def rounds(*each_us: int) -> Iterator[int]:
    """Yield calls of which all of a round take as long."""
    for us in each_us:
        yield from [us] * (room._WARM_UP + room._CALLS)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_PAUSE_S", 0.0)


def paced(*each_us: int, best_us: float = 0.0, patience_s: float = 60.0) -> Pace:
    net = Net(rounds(*each_us))
    return Pace(net, net.clock, best_us, patience_s)


def test_the_best_pace_is_the_least_of_all_and_of_what_was_known() -> None:
    pace = paced(SLOW_US, QUICK_US, SLOW_US)
    assert (pace.now(), pace.now(), pace.best_us) == (QUICK_US, SLOW_US, QUICK_US)
    assert paced(SLOW_US, best_us=90.0).best_us == 90.0


def test_a_few_calls_that_were_interrupted_tell_nothing() -> None:
    half = room._CALLS // 2
    net = Net([*rounds(QUICK_US), *[9 * QUICK_US] * room._WARM_UP, *[QUICK_US] * half, *[9 * QUICK_US] * half])
    assert Pace(net, net.clock, 0.0, 0.0).now() == QUICK_US


def test_it_waits_until_the_machine_is_quick_again() -> None:
    pace = paced(QUICK_US, SLOW_US, SLOW_US, SLOW_US, QUICK_US + 2)
    assert pace.settled() == QUICK_US + 2


def test_it_does_not_wait_where_the_machine_was_never_quicker() -> None:
    assert paced(SLOW_US).settled() == SLOW_US


def test_it_waits_no_longer_than_it_has_patience() -> None:
    pace = paced(SLOW_US, best_us=QUICK_US, patience_s=1e-4)
    pace_us = pace.settled()
    assert is_slow(pace_us, pace.best_us)
    assert not pace.is_patient
