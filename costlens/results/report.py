"""The report of one spec: what was counted, proven and measured. ``report.json`` is this, and the truth."""

from __future__ import annotations

from dataclasses import dataclass

from costlens.errors import UsageError
from costlens.results.counts import ModelCount
from costlens.results.latency import LatencyReport
from costlens.results.ledger import Ledger
from costlens.results.stored import from_json, to_json

SCHEMA = "costlens.report/1"


@dataclass(frozen=True, slots=True)
class Expectation:
    """A published figure, ours, and whether they agree within one unit of the published last digit."""

    figure: str
    published: str
    ours: int
    holds: bool
    source: str


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of the spec, what it is for this network, and whether it is kept; None where it was not measured."""

    figure: str
    limit: str
    ours: float | None
    kept: bool | None


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """The ONNX file of a variant: the names of the graph's equal variants are in its count."""

    variant: str
    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a reader is told about one spec; a figure that was not taken is None or an empty tuple."""

    schema: str
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

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise UsageError(f"report: expected schema {SCHEMA}, received {self.schema!r}; write the report anew")

    @property
    def proven(self) -> bool:
        """Whether every ledger there is agrees."""
        return all(ledger.ok for ledger in self.ledgers)


    @property
    def missed(self) -> tuple[str, ...]:
        """What was published or budgeted and does not hold, a line each."""
        expected = [
            f"{e.figure} is {e.ours:,}, published as {e.published}; correct the spec or its expect:"
            for e in self.expectations
            if not e.holds
        ]
        budgeted = [
            f"{b.figure} is {b.ours:,.10g}, over its budget of {b.limit}" for b in self.budgets if b.kept is False
        ]
        return (*expected, *budgeted)


def report_to_json(report: Report) -> str:
    """Return the text of ``report.json``: the same bytes for the same report."""
    return to_json(report)


def report_from_json(text: str) -> Report:
    """Read ``report.json``; UsageError where it is not one."""
    return from_json(Report, text, what="report.json", remedy="write the report anew")
