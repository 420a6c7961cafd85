"""How fast the machine runs at the moment, by a small net that is called now and then.

A virtual core may share its units with another program's: on such a machine (Xeon, family 6, model 207) every kernel
took 1.36 times as long for seconds at a time, and the shortest calls of such a second did, too. So calls alone do not
tell that the machine is slow; the same net, called at other times, does.
"""

import time
from typing import Final

from costlens.bench.worker import Clock, timed
from costlens.runtimes import Session

SLOW: Final = 1.15
"""The machine is slow while the net takes more than so many times its shortest."""
_WARM_UP: Final = 12
"""After other work a core took so many calls to come back to its pace."""
_CALLS: Final = 12
_PAUSE_S: Final = 0.05


def is_slow(pace_us: float, best_us: float) -> bool:
    """Return whether a pace is slow beside the best one; not where one of them is not known, which is 0.

    >>> is_slow(114.0, 100.0), is_slow(116.0, 100.0), is_slow(116.0, 0.0), is_slow(0.0, 100.0)
    (False, True, False, False)
    """
    return best_us > 0 and pace_us > SLOW * best_us


class Pace:
    """Microseconds that a net takes now, and the least that it ever took, which is the machine undisturbed.

    best_us: the least of earlier processes, 0 where there was none. patience_s: how long it waits in all.
    """

    def __init__(self, net: Session, clock: Clock, best_us: float, patience_s: float) -> None:
        self._net, self._clock, self._patience_s = net, clock, patience_s
        self.best_us = best_us
        self.now()

    @property
    def is_patient(self) -> bool:
        """Whether it still waits where the machine is slow."""
        return self._patience_s > 0

    def now(self) -> float:
        """Return what the net takes: a quarter of some calls are quicker, since single ones are interrupted."""
        for _ in range(_WARM_UP):
            self._net.run()
        calls = sorted(timed(self._net.run, self._clock) for _ in range(_CALLS))
        pace_us = calls[_CALLS // 4] / 1e3
        self.best_us = min(self.best_us or pace_us, pace_us)
        return pace_us

    def settled(self) -> float:
        """Wait until the machine is not slow, or no longer; return the pace then."""
        while is_slow(pace_us := self.now(), self.best_us) and self.is_patient:
            began = time.monotonic()
            time.sleep(_PAUSE_S)
            self.lose_patience(time.monotonic() - began)
        return pace_us

    def lose_patience(self, seconds: float) -> None:
        """Wait so much less in all."""
        self._patience_s -= seconds
