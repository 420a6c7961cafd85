"""The options of a measurement, the same in every command that times."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from costlens.commands._cli import Option
from costlens.errors import UsageError

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol


class Device(StrEnum):
    """Where to run."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"


_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0}


def seconds(text: str) -> float:
    """Read a duration: ``60``, ``60s``, ``4m``; UsageError otherwise.

    >>> seconds("60s"), seconds("1.5m")
    (60.0, 90.0)
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?) ?(s|m|min)?", str(text).strip())
    value = float(match[1]) * _SECONDS[match[2] or ""] if match else 0.0
    if value < 1:
        raise UsageError(f"--time-budget {text}: expected a second or more, for example 90s or 4m")
    return value


def share(text: str) -> float:
    """Read a percentage as a fraction: ``3%`` is 0.03; UsageError otherwise.

    >>> share("3%"), share("1.5 %")
    (0.03, 0.015)
    """
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,9})?) ?%", str(text).strip())
    value = round(float(match[1]) / 100, 12) if match else 0.0
    if not 0 < value < 1:
        raise UsageError(f"--threshold {text}: expected a percentage above 0 and below 100, for example 3%")
    return value


Batch = Annotated[int, Option(min=1, help="Examples at a time.")]
Bench = Annotated[bool, Option("--bench", help="Time them side by side.")]
Quick = Annotated[bool, Option("--quick", help="Quick estimate: 3 processes, no verdicts.")]
Threads = Annotated[int, Option(min=1, help="Threads of the runtime.")]
Budget = Annotated[
    float | None,
    Option(
        parser=seconds,
        metavar="TIME",
        help="How long a comparison may take, besides exports and time per layer: 90s, 4m. Default 60s.",
    ),
]
OnDevice = Annotated[Device, Option(help="Where to run.")]
Threshold = Annotated[
    float | None,
    Option(parser=share, metavar="PERCENT", help="Smallest difference that counts as faster or slower [3%]."),
]
Processes = Annotated[int | None, Option(min=1, help="Exact number of processes. Default 10, 20 or 30.")]


@dataclass(frozen=True, slots=True)
class Measuring:
    """What was asked for, by the names of the options."""

    quick: bool = False
    device: Device = Device.AUTO
    threads: int = 1
    batch: int = 1
    threshold: float | None = None
    processes: int | None = None
    time_budget: float | None = None

    def protocol(self) -> Protocol:
        """Return the plan of a measurement; what was not given keeps its default."""
        from costlens.bench.protocol import Protocol

        if self.quick and self.processes is not None:
            raise UsageError("--quick means three processes; leave out --quick or --processes")
        given: dict[str, Any] = {"device": self.device.value, "threads": self.threads, "batch": self.batch}
        given |= {} if self.processes is None else {"processes": self.processes, "looks": 1}
        given |= {} if self.threshold is None else {"threshold": self.threshold}
        given |= {} if self.time_budget is None else {"time_budget_s": self.time_budget}
        return Protocol.quick(**given) if self.quick else Protocol(**given)

    def refuse_idle(self) -> None:
        """Raise UsageError for options of a measurement where nothing is measured."""
        for field in fields(self):
            if getattr(self, field.name) != field.default:
                option = field.name.replace("_", "-")
                raise UsageError(f"--{option} says how to time, and nothing is timed; add --bench, or leave it out")
