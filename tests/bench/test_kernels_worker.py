"""A bundle is timed again while the machine is slow, as long as there is patience; copies that fail are left out."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from costlens.bench import kernels_worker as room
from costlens.bench.attribution.worker import Turns
from costlens.bench.pace import Pace
from costlens.errors import BenchError
from costlens.runtimes._operation import Operand, Operation, operation

QUICK_US, SLOW_US = 100.0, 136.0


@dataclass
class Sessions:
    """Turns whose calls take a millisecond each; they are counted."""

    called: int = 0
    taken: int = 0
    fails: bool = False

    def call(self) -> int:
        self.called += 1
        return 10**6

    def take(self, discards: int, calls: int) -> None:
        if self.fails:
            raise RuntimeError
        self.taken += calls


@dataclass
class Told:
    """A pace that is told, before and after each try in turn; patience for so many tries beside the first."""

    paces_us: list[float]
    best_us: float = QUICK_US
    patience: int = 9
    lost: list[float] = field(default_factory=list)

    @property
    def is_patient(self) -> bool:
        return self.patience > 0

    def now(self) -> float:
        return self.paces_us.pop(0)

    settled = now

    def lose_patience(self, seconds: float) -> None:
        self.lost.append(seconds)
        self.patience -= seconds > 0


def tries(told: Told) -> tuple[float, float]:
    """Return the pace that counts, and in how many tries as many calls were taken as in one."""
    both, once = (Sessions(), Sessions()), (Sessions(), Sessions())
    pace_us = room._take_turns(cast(list[Turns], both), 0.05, cast(Pace, told))
    room._take_turns(cast(list[Turns], once), 0.05, cast(Pace, Told([QUICK_US] * 2)))
    return pace_us, both[0].taken / once[0].taken


@pytest.mark.parametrize(
    ("paces_us", "patience", "wanted"),
    [
        ([QUICK_US, 104.0], 9, (104.0, 1)),
        ([QUICK_US, SLOW_US, QUICK_US, QUICK_US], 9, (QUICK_US, 2)),
        ([SLOW_US, QUICK_US, QUICK_US, SLOW_US, QUICK_US, 108.0], 9, (108.0, 3)),
        ([QUICK_US, SLOW_US] * 9, 9, (SLOW_US, room._TRIES)),
        ([SLOW_US, SLOW_US], 0, (SLOW_US, 1)),
        ([SLOW_US, SLOW_US] * 2, 1, (SLOW_US, 2)),
    ],
    ids=["quick", "slow once", "slow twice", "always slow", "no patience", "patience for one more"],
)
def test_a_bundle_is_timed_again_while_the_machine_is_slow(
    paces_us: list[float], patience: int, wanted: tuple[float, int]
) -> None:
    told = Told(paces_us, patience=patience)
    assert tries(told) == wanted
    assert [seconds > 0 for seconds in told.lost] == [False, *[True] * (wanted[1] - 1)]


def test_memory_is_collected_again_where_a_kernel_fails() -> None:
    with pytest.raises(RuntimeError):
        room._take_turns(cast(list[Turns], [Sessions(fails=True)]), 0.05, cast(Pace, Told([QUICK_US] * 9)))
    assert room.gc.isenabled()


def test_a_short_kernel_whose_copies_do_not_run_keeps_its_time_in_a_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Operand((1, 8))
    good, bad = operation("Relu", [x], [x]), operation("Tanh", [x], [x])

    def of_copies(timer: object, kernel: Operation, space: room.Room) -> room.InCopies:
        if kernel == bad:
            raise BenchError("the runtime loads it and does not run it: no memory")
        return room.InCopies(0.5, QUICK_US)

    monkeypatch.setattr(room._Timer, "_of_copies", of_copies)
    timer = room._Timer(cast(Any, None), cast(Any, None), lambda said: None, lambda: 0, cast(Pace, Told([])))
    found = timer.copies([good, bad, good], range(3), room.Room(room.weight_bytes, 1))
    assert found == dict.fromkeys((0, 2), room.InCopies(0.5, QUICK_US))
