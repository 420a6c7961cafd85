"""What ``costlens check`` found: each spec beside its published figures and budgets, as ``costlens.check/1``."""

from dataclasses import dataclass
from typing import Literal

from costlens.arithmetic import units
from costlens.errors import (
    BenchError,
    CostlensError,
    ExpectationError,
    InconclusiveError,
    UsageError,
    VerificationError,
)
from costlens.results.counts import in_bytes
from costlens.results.stored import Document
from costlens.results.target import Fit

Source = Literal["expect", "budget", "pyproject", "flag", "target"]
LimitVerdict = Literal["kept", "missed", "partial", "inconclusive", "not measured", "no base"]

_KINDS: dict[int, type[CostlensError]] = {2: UsageError, 4: VerificationError, 5: BenchError}
"""What a trouble may be, by exit code."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The time of one call of a spec as written, on this machine.

    ``interval_ms`` is that of the median over ``processes``, which holds with ``confidence``. ``too_noisy``: a copy of
    the network was timed as another one. ``fingerprint``: times are comparable only where it is equal.
    """

    median_ms: float
    interval_ms: tuple[float, float]
    confidence: float
    processes: int
    too_noisy: bool
    runtime: str
    device: str
    cpu: str
    threads: int
    batch: int
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class CheckedFigure:
    """A published figure, or a limit, beside ours.

    source: where it is written: a spec's ``expect:`` or ``budget:``, a ``pyproject.toml``, or a flag, which has no
    ``file`` and no ``line``; or it is a memory of a board, whose name is in ``target``. wanted: the figure as written
    there, ``value`` what that is. ours: None where it was not measured, a lower bound where it is not ``complete``:
    then it can be missed, but is at best ``partial``. reason: why there is no answer. published_in: what a published
    figure is quoted from. base: of a limit that is relative, the figure that it is relative to, in the revision
    ``base_name``; ``value`` is then a change in percent where ``base`` is not known, and else the limit that follows.
    """

    source: Source
    figure: str
    wanted: str
    value: int | float
    ours: int | float | None
    verdict: LimitVerdict
    complete: bool = True
    file: str = ""
    line: int = 0
    column: int = 0
    reason: str = ""
    published_in: str = ""
    base: int | float | None = None
    base_name: str = ""
    target: str = ""

    @property
    def used(self) -> float | None:
        """How much of a limit is used, as a fraction; None where there is nothing to compare."""
        return self.ours / self.value if self.ours is not None and self.left is not None and self.value else None

    @property
    def left(self) -> int | float | None:
        """What a limit leaves, negative where it is missed; None where there is nothing to compare."""
        if self.published or self.ours is None or self.verdict in {"no base", "partial"}:
            return None
        return self.value - self.ours

    @property
    def unit(self) -> str:
        """What a plain number of this figure is of: bytes or milliseconds; a number of things has no unit."""
        return "B" if in_bytes(self.figure) else "ms" if self.figure.endswith("_ms") else ""

    def in_unit(self, value: float) -> str:
        """Write an amount of this figure with its unit; a number of things has none.

        >>> limit = CheckedFigure("flag", "weight_bytes", "1kB", 1000, 2536, "missed")
        >>> limit.in_unit(1536)
        '1.5 KiB'
        """
        if in_bytes(self.figure):
            return units.bytes_(value)
        return units.milliseconds(value) if self.figure.endswith("_ms") else units.exact(value)

    @property
    def over(self) -> str:
        """By how much a limit is missed, and what share of it that is; empty where it is not."""
        if self.left is None or self.left >= 0:
            return ""
        share = f" ({units.percent(-self.left / self.value)})" if self.value > 0 else ""
        return f"{self.in_unit(-self.left)}{share}"

    @property
    def published(self) -> bool:
        """Whether it is a published figure, else a limit."""
        return self.source == "expect"

    @property
    def origin(self) -> str:
        """Where it is written: ``specs/a.yaml:12`` or ``--budget``."""
        if self.target:
            return f"--target {self.target}"
        return f"{self.file}:{self.line}" if self.line else self.file or "--budget"

    @property
    def message(self) -> str:
        """What to say where it does not hold or nobody knows whether it does, else nothing."""
        if self.verdict in {"kept", "not measured"} or (self.verdict == "no base" and not self.reason):
            return ""
        if self.verdict == "no base":
            return f"{self.figure} {self.wanted} is not compared: {self.reason}"
        if self.ours is None:
            return f"{self.figure} is not known of this model; take {self.wanted} out, or check its spec"
        ours = f"{self.figure} is {'' if self.complete else 'at least '}{units.exact(self.ours)}"
        if self.published:
            ending = "correct the spec or its expect:" if self.complete else "not everything is counted"
            return f"{ours}, published as {self.wanted}; {ending}"
        place = "" if self.source == "budget" else f" ({self.origin})"
        if self.verdict == "missed":
            before = "" if self.base is None else f" of {units.exact(self.base)} in {self.base_name}"
            return f"{ours}, over its budget of {self.wanted}{before}{place} by {self.over}"
        return f"{ours}, its budget {self.wanted}{place}: {self.reason or 'not everything is counted'}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What kept a file from being read or a spec from being timed, with the exit code it ends with.

    ``line`` and ``column`` are 0 where it is nowhere in particular. UsageError for any other exit code.
    """

    exit_code: int
    file: str
    line: int
    column: int
    message: str

    def __post_init__(self) -> None:
        if self.exit_code not in _KINDS:
            raise UsageError(f"trouble: expected exit_code {', '.join(map(str, _KINDS))}, received {self.exit_code}")

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class CheckedSpec:
    """One spec as written, at the knobs it was given.

    ``uncounted`` lists what the count lacks. ``timing`` is there where a limit of time was to be judged, ``fits`` where
    a board was named.
    """

    file: str
    name: str = ""
    title: str = ""
    knobs: dict[str, int | float | str] | None = None
    figures: tuple[CheckedFigure, ...] = ()
    uncounted: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    timing: Timing | None = None
    fits: tuple[Fit, ...] = ()

    def said(self, figure: CheckedFigure) -> str:
        """Return what there is to say of a figure, after the place in the spec."""
        own = figure.source in {"expect", "budget"} and figure.line
        where = f"{figure.file}:{figure.line}:{figure.column}" if own else self.file
        return f"{where}: {figure.message}"


@dataclass(frozen=True, slots=True)
class Checked(Document):
    """All specs of one run.

    own_knobs: no knob was set, so published figures were compared. troubles: what is wrong with the project's
    settings. allowed: a limit of time that could not be judged is let pass. exit_code: how the command ends. base: the
    revision, or ``history``, that relative limits are relative to, and ``notes`` what a reader must know of it.
    """

    SCHEMA = "costlens.check/1"
    REMEDY = "check again"

    exit_code: int
    own_knobs: bool
    allowed: bool
    specs: tuple[CheckedSpec, ...]
    troubles: tuple[Trouble, ...] = ()
    base: str = ""
    notes: tuple[str, ...] = ()

    def having(self, *verdicts: LimitVerdict) -> list[tuple[CheckedSpec, CheckedFigure]]:
        """Return the figures of these verdicts, each with its spec."""
        return [(spec, figure) for spec in self.specs for figure in spec.figures if figure.verdict in verdicts]

    @property
    def all_troubles(self) -> tuple[Trouble, ...]:
        """Those of the project and of every spec."""
        return (*self.troubles, *(trouble for spec in self.specs for trouble in spec.troubles))

    @property
    def failures(self) -> list[CostlensError]:
        """What the command ends with, each kind once; empty where all is well."""
        missed = [spec.said(figure) for spec, figure in self.having("missed", "partial")]
        missed += [
            f"{spec.file}: not counted: {what}"
            for spec in self.specs
            if any(figure.verdict in {"missed", "partial"} for figure in spec.figures)
            for what in spec.uncounted
        ]
        missed += [f"{spec.file}: {fit}" for spec in self.specs for fit in spec.fits if fit.lacking]
        unsure = [] if self.allowed else [spec.said(figure) for spec, figure in self.having("inconclusive")]
        found = [
            kind("\n".join(lines))
            for code, kind in _KINDS.items()
            if (lines := dict.fromkeys(str(one) for one in self.all_troubles if one.exit_code == code))
        ]
        found += [ExpectationError("\n".join(missed))] if missed else []
        return [*found, InconclusiveError("\n".join(unsure))] if unsure else found
