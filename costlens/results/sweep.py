"""A sweep of conditions: what was asked for, what was measured under which, and what could not be."""

from dataclasses import dataclass

from costlens.errors import BenchError, CostlensError, MachineTooNoisy
from costlens.results.latency import Latency, LatencyRatio, LatencyReport
from costlens.results.stored import Document

AXES = ("runtime", "threads", "batch", "precision")


@dataclass(frozen=True, slots=True)
class Condition:
    """How a model is run. Models that differ in precision or variant alone share the processes of one comparison."""

    runtime: str
    threads: int
    batch: int
    precision: str


@dataclass(frozen=True, slots=True)
class SweepLine:
    """A variant under a condition: its ``label`` in a comparison, by number, or the ``problem`` that kept it out.

    ``remark`` is what a reader must know of a time that was measured.
    """

    condition: Condition
    variant: str
    comparison: int | None = None
    label: str = ""
    problem: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Sweep(Document):
    """All lines in the order asked for, and the comparisons that they were measured in."""

    SCHEMA = "costlens.sweep/1"
    REMEDY = "another version of costlens may have written it"

    name: str
    title: str
    lines: tuple[SweepLine, ...]
    comparisons: tuple[LatencyReport, ...]
    elapsed_s: float

    @property
    def swept(self) -> tuple[str, ...]:
        """The axes that the lines differ in, and ``variant`` where they do in that."""
        axes = [axis for axis in AXES if len({getattr(line.condition, axis) for line in self.lines}) > 1]
        return (*axes, "variant") if len({line.variant for line in self.lines}) > 1 else tuple(axes)

    @property
    def failures(self) -> list[CostlensError]:
        """What the command ends with."""
        if not self.comparisons:
            return [BenchError(f"{self.name}: nothing could be measured; the lines above say why")]
        noisy = any(report.too_noisy for report in self.comparisons)
        said = "machine too noisy: a copy of a baseline timed as another network; repeat it later"
        return [MachineTooNoisy(said)] if noisy else []


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured line: its latency, its ``paired`` ratio to the first model of its comparison, and ``to_first``.

    to_first: the median time of an example ÷ that of the same variant under the first condition it was measured in.
    Where the two stem from two comparisons (``apart``) it is a quotient of their medians, and has no interval.
    """

    line: SweepLine
    latency: Latency
    paired: LatencyRatio | None
    to_first: float
    apart: bool

    @property
    def example_ms(self) -> float:
        """The median time of one example: of a call ÷ the batch."""
        return self.latency.median_ms / self.line.condition.batch


def measured(sweep: Sweep) -> dict[int, Measured]:
    """Return the lines that were measured by their place among the sweep's lines."""
    found: dict[int, Measured] = {}
    first: dict[str, Measured] = {}
    for place, line in enumerate(sweep.lines):
        if line.comparison is None:
            continue
        report = sweep.comparisons[line.comparison]
        (latency,) = (model for model in report.models if model.label == line.label)
        paired = next((ratio for ratio in report.ratios if ratio.label == line.label), None)
        here = Measured(line, latency, paired, 1.0, apart=False)
        base = first.setdefault(line.variant, here)
        apart = base.line.comparison != line.comparison
        to_first = here.example_ms / base.example_ms if apart else _ratio(here) / _ratio(base)
        found[place] = Measured(line, latency, paired, to_first, apart)
    return found


def _ratio(of: Measured) -> float:
    return of.paired.ratio if of.paired else 1.0
