"""The report of one spec: what was counted, proven and measured. ``report.json`` is this, and the truth."""

from dataclasses import dataclass

from costlens.arithmetic import units
from costlens.errors import CostlensError, ExpectationError, ExportError, VerificationError
from costlens.results.bounds import LeastTime
from costlens.results.counts import ModelCount
from costlens.results.latency import LatencyReport
from costlens.results.layer_times import LayerTimes
from costlens.results.stored import Document
from costlens.results.verification import Ledger


@dataclass(frozen=True, slots=True)
class Expectation:
    """A published figure, ours, and whether they agree within one unit of the published last digit."""

    figure: str
    published: str
    ours: int
    holds: bool
    source: str

    @property
    def missed(self) -> str:
        """What to say where it does not hold, else nothing."""
        if self.holds:
            return ""
        return f"{self.figure} is {self.ours:,}, published as {self.published}; correct the spec or its expect:"


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of the spec, what it is for this network, and whether it is kept.

    ``kept`` is None where ``ours`` was not measured, is a lower bound (of a partial count) under the limit, or is a
    time that settles nothing: ``reason`` says why.
    """

    figure: str
    limit: str
    ours: int | float | None
    kept: bool | None
    reason: str = ""

    @property
    def word(self) -> str:
        """The verdict: kept, MISSED, partial, inconclusive with its reason, or not measured."""
        if self.kept is None and self.reason:
            return f"inconclusive: {self.reason}"
        if self.kept is None:
            return "not measured" if self.ours is None else "partial"
        return "kept" if self.kept else "MISSED"

    @property
    def missed(self) -> str:
        """What to say where it is not kept, or not known to be though it was counted, else nothing."""
        ours = "" if self.ours is None else units.exact(self.ours)
        if self.word == "partial":
            return f"{self.figure} is at least {ours}, its budget {self.limit}: not everything is counted"
        return f"{self.figure} is {ours}, over its budget of {self.limit}" if self.kept is False else ""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """The ONNX file of a variant: the names of the graph's equal variants are in its count."""

    variant: str
    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Report(Document):
    """Everything that is known of one spec; a figure that was not taken is None or an empty tuple."""

    SCHEMA = "costlens.report/1"
    REMEDY = "write the report again"

    name: str
    title: str
    source: str
    knobs: dict[str, int | float | str]
    versions: dict[str, str]
    counts: tuple[ModelCount, ...]
    expectations: tuple[Expectation, ...]
    budgets: tuple[Budget, ...]
    ledgers: tuple[Ledger, ...]
    files: tuple[ExportedFile, ...]
    latency: LatencyReport | None
    least: tuple[LeastTime, ...] = ()
    layer_times: tuple[LayerTimes, ...] = ()
    not_profiled: tuple[str, ...] = ()
    not_exported: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether every ledger there is agrees."""
        return all(ledger.ok for ledger in self.ledgers)

    @property
    def failures(self) -> list[CostlensError]:
        """What the command ends with: what could not be timed or proven, and what was missed."""
        found = self.latency.failures if self.latency else []
        if self.not_exported:
            found.append(ExportError("\n".join(f"{self.name}: not exported: {line}" for line in self.not_exported)))
        if not self.proven:
            found.append(VerificationError(f"{self.name}: not verified; the lines in red say which numbers disagree"))
        if self.missed:
            found.append(ExpectationError("\n".join(f"{self.name}: {line}" for line in self.missed)))
        return found

    @property
    def missed(self) -> tuple[str, ...]:
        """What was published or budgeted and does not hold, a line each."""
        compared: tuple[Expectation | Budget, ...] = (*self.expectations, *self.budgets)
        return tuple(line.missed for line in compared if line.missed)
