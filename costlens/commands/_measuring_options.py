"""How to measure: the options of every command that times, in one class."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated

from costlens import runtimes
from costlens.commands._cli import Option
from costlens.commands._options import Batch
from costlens.errors import UsageError
from costlens.runtimes import Device

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "%": 0.01}


def seconds(text: str) -> float:
    """Read a duration: ``60``, ``60s``, ``4m``; UsageError otherwise.

    >>> seconds("60s"), seconds("1.5m")
    (60.0, 90.0)
    """
    value = _number(text, "s|m|min|")
    if value < 1:
        raise UsageError(f"--time-budget {text}: expected a second or more, for example 90s or 4m")
    return value


def share(text: str) -> float:
    """Read a percentage as a fraction: ``3%`` is 0.03; UsageError otherwise.

    >>> share("3%"), share("1.5 %")
    (0.03, 0.015)
    """
    value = round(_number(text, "%"), 12)
    if not 0 < value < 1:
        raise UsageError(f"--threshold {text}: expected a percentage above 0 and below 100, for example 3%")
    return value


def _number(text: str, units: str) -> float:
    """Read a number with one of a few units; 0 where it is something else."""
    match = re.fullmatch(rf"(\d{{1,9}}(?:\.\d{{1,9}})?) ?({units})", text.strip())
    return float(match[1]) * _UNITS[match[2]] if match else 0.0


def known_runtime(name: str) -> str:
    """Return the name of a runtime; UsageError where there is none of that name."""
    return runtimes.get(name).name()


@dataclass(frozen=True, slots=True)
class Measuring:
    """What was asked for, by the names of the options."""

    quick: Annotated[bool, Option("--quick", help="Quick estimate: few processes, no verdicts.")] = False
    runtime: Annotated[
        str,
        Option(
            parser=known_runtime,
            metavar="|".join(runtimes.names()),
            words=runtimes.names(),
            help="What runs the models; specs are converted for it.",
        ),
    ] = runtimes.DEFAULT
    device: Annotated[Device, Option(help="Where to run.")] = "auto"
    threads: Annotated[int, Option(min=1, help="Threads of the runtime.")] = 1
    batch: Batch = 1
    threshold: Annotated[
        float | None,
        Option(parser=share, metavar="PERCENT", help="Smallest difference that counts as faster or slower [3%]."),
    ] = None
    processes: Annotated[
        int | None, Option(min=1, help="Exact number of processes, instead of as many as an answer takes.")
    ] = None
    time_budget: Annotated[
        float | None,
        Option(
            parser=seconds,
            metavar="TIME",
            help="How long a comparison may take, besides exports and time per layer: 90s, 4m. Default 60s.",
        ),
    ] = None

    def protocol(self) -> Protocol:
        """Return the plan of a measurement; what was not given keeps its default."""
        from costlens.tasks._timing import planned

        return planned(**{each.name: getattr(self, each.name) for each in fields(self)})

    def protocol_if(self, bench: bool, asks: str = "--bench") -> Protocol | None:
        """Return the plan, None where nothing is timed; UsageError for options that mean nothing then.

        asks: the option that asks for times.
        """
        if bench:
            return self.protocol()
        for field in fields(self):
            if getattr(self, field.name) != field.default:
                option = field.name.replace("_", "-")
                raise UsageError(f"--{option} says how to time, and nothing is timed; add {asks}, or leave it out")
        return None
