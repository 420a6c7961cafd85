"""Models beside each other: what each costs, its ratios to the first, and whether it is on the Pareto front."""

from dataclasses import dataclass, field, fields
from typing import Literal

from costlens.errors import BenchError, CostlensError, VerificationError
from costlens.results.counts import Status
from costlens.results.latency import Control, FailedModel, MachineFacts, ProtocolFacts, timing_failures
from costlens.results.stored import Document
from costlens.results.verdict import Verdict
from costlens.runtimes import Fingerprint

Origin = Literal["spec", "report", "run", "onnx", "keras", "tflite"]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one example costs, sizes in bytes; None is what is not known of a model.

    Of a model file the parameters as Keras stores them are not known, since BatchNorm is folded in it. Weights are
    those of the exported file; ``file_bytes`` is the size of the file itself, where there is one.
    """

    params: int | None = None
    trainable: int | None = None
    kernels: int | None = None
    deployed_params: int | None = None
    macs: int | None = None
    flops: int | None = None
    weight_bytes: int | None = None
    traffic_bytes: int | None = None
    peak_activation_bytes: int | None = None
    weight_bytes_int8: int | None = None
    peak_activation_bytes_int8: int | None = None
    arena_bytes: int | None = None
    arena_bytes_int8: int | None = None
    flash_bytes: int | None = None
    file_bytes: int | None = None


FIGURES = tuple(each.name for each in fields(Figures))


@dataclass(frozen=True, slots=True)
class ModelTime:
    """A median time, and its interval over processes. ``measured``: for this comparison; else it is a report's."""

    median_ms: float
    interval_ms: tuple[float, float]
    confidence: float
    measured: bool


@dataclass(frozen=True, slots=True)
class TimeRatio:
    """A model's time over the first's.

    Measured side by side it has an interval and a verdict, and ``reason`` says why one is inconclusive. Between stored
    results it is a quotient of medians, and has neither.
    """

    ratio: float
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    verdict: Verdict | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """One line of a comparison.

    operand: what was named on the command line. status: of each figure; of a ``partial`` one there is at least so much.
    ratios: to the first model, of the figures that are complete in both. front: whether no other model is better; None
    where a figure that decides is not complete or is disputed. notes: what a reader must know of this line.
    disagreement: which of its numbers disagree.
    """

    label: str
    origin: Origin
    operand: str
    name: str
    title: str
    variant: str
    also: tuple[str, ...]
    knobs: dict[str, int | float | str]
    figures: Figures
    status: dict[str, Status]
    uncounted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    time: ModelTime | None = None
    time_ratio: TimeRatio | None = None
    ratios: dict[str, float] = field(default_factory=dict)
    front: bool | None = None
    disagreement: str = ""

    def __post_init__(self) -> None:
        """Refuse a status for a figure that there is none of."""
        if set(self.status) != set(FIGURES):
            raise ValueError(f"status: expected {', '.join(FIGURES)}, received {', '.join(self.status)}")

    def complete(self, figure: str) -> int | None:
        """Return a figure where it is complete."""
        value: int | None = getattr(self.figures, figure)
        return value if self.status.get(figure) == "complete" else None


@dataclass(frozen=True, slots=True)
class Timing:
    """Under which conditions the times of a comparison were taken: for it, or for the reports that hold them.

    note, processes, elapsed_s, control and failed are of what was measured for it; stored times come from several runs.
    """

    measured: bool
    fingerprint: str
    protocol: ProtocolFacts
    machine: MachineFacts
    runtime: Fingerprint
    note: str
    processes: int = 0
    elapsed_s: float = 0.0
    control: Control | None = None
    failed: tuple[FailedModel, ...] = ()

    @property
    def too_noisy(self) -> bool:
        """Whether the control failed, so that no ratio can be believed."""
        return self.control is not None and self.control.too_noisy


@dataclass(frozen=True, slots=True)
class Comparison(Document):
    """All models in the order shown. ``first`` is the label of the one that ratios are to, wherever it is shown.

    front_of: the figures that the Pareto front is of: ``params`` or ``deployed_params``, ``macs``, ``latency``, as far
    as they are known.
    failed: models that could not be exported, and so were not timed.
    """

    SCHEMA = "costlens.comparison/1"
    REMEDY = "compare again"

    first: str
    front_of: tuple[str, ...]
    models: tuple[ComparedModel, ...]
    timing: Timing | None = None
    failed: tuple[FailedModel, ...] = ()

    @property
    def failures(self) -> list[CostlensError]:
        """What went wrong with exports and times made for it; a report's disagreement is the report's own."""
        lost = [f"{one.label}: {one.reason}" for one in self.failed]
        disputed = [
            f"{one.label}: {one.disagreement}" for one in self.models if one.disagreement and one.origin == "spec"
        ]
        timing = self.timing
        return [
            *([BenchError("not timed: " + "\n".join(lost))] if lost else []),
            *([VerificationError("\n".join(disputed))] if disputed else []),
            *(timing_failures(timing.failed, too_noisy=timing.too_noisy) if timing else []),
        ]
