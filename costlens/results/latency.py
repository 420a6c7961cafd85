"""Measured latency: models side by side on one machine, with the raw samples; JSON round-trips exactly."""

from dataclasses import dataclass
from typing import Any, ClassVar

from costlens.errors import BenchError, CostlensError, MachineTooNoisy, UsageError
from costlens.results.stored import Document
from costlens.results.verdict import CONFIDENCE, Verdict
from costlens.runtimes import Fingerprint

Samples = tuple[tuple[tuple[float, ...], ...], ...]


class _Strict:
    """A result that is refused where its JSON has an unknown field or a number that is not finite."""

    __slots__ = ()
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "allow_inf_nan": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts(_Strict):
    """The machine. ``power`` is the frequency governor. None: the system does not report it."""

    cpu: str
    cpu_isa: tuple[str, ...]
    cores: int
    cores_usable: int
    virtualised: bool | None
    power: str | None
    accelerators: tuple[str, ...]
    memory_bytes: int | None
    os: str
    python: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolFacts(_Strict):
    """The plan. ``blocks`` and ``calls`` are upper limits; the samples show what the time allowed.

    looks: verdicts are sought at ``processes``, twice and thrice as many, as far as this number goes.
    threshold: the difference, as a fraction, above which a model is faster or slower.
    """

    runtime: str
    device: str
    threads: int
    batch: int
    seed: int
    processes: int
    time_budget_s: float | None
    warmup_calls: int
    warmup_calls_least: int
    warmup_s: float
    blocks: int
    blocks_least: int
    calls: int
    calls_least: int
    discards: int
    discards_after_larger: int
    discards_least: int
    side_ms: float
    idle_ms: float
    idle_calls: int
    looks: int = 1
    threshold: float = 0.03
    patience_s: float = 60.0
    arena: bool = False
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency(_Strict):
    """One model, one call at a time, a whole batch in each call.

    median_ms: median over processes of each process's median. ``median_interval_ms`` is its interval over processes,
    which holds with ``confidence`` (0.98 with ten processes, 0.75 with three, 0 with one).
    p90_ms, p99_ms, mad_ms: over all timed calls of all processes. MAD is the median distance from the median.
    throughput_per_s: examples a second, batch / median. gmacs_per_s: None where the MACs are not known.
    peak_memory_bytes: highest resident memory of a process that only loads this model and runs it once, interpreter
    and runtime included (``LatencyReport.base_memory_bytes``), without a graphics card's memory.
    run_memory_bytes: the same during a second run, so without what only the load needs.
    arena_bytes: what the runtime's allocator holds for activations and scratch after the first runs, without weights.
    peak_activation_bytes: the analytic bound for a batch. Both are None where they are not known.
    cold_start_ms: to load the file, make the session, fill and bind the inputs, without the library's import.
    first_call_ms: the call after it. Both are medians over the processes that had loaded no other model before.
    copy_in_ms, copy_out_ms: all inputs to a device with memory of its own, all outputs from it, not part of a run.
    They are None on a processor.
    after_idle_ms: median over processes of the call that follows ``idle_ms`` of sleep.
    samples_ms: timed calls by process and block.
    """

    label: str
    median_ms: float
    median_interval_ms: tuple[float, float]
    confidence: float
    p90_ms: float
    p99_ms: float
    mad_ms: float
    throughput_per_s: float
    gmacs_per_s: float | None
    peak_memory_bytes: int | None
    cold_start_ms: float
    first_call_ms: float
    after_idle_ms: float
    discards_per_block: int
    samples_ms: Samples
    run_memory_bytes: int | None = None
    arena_bytes: int | None = None
    peak_activation_bytes: int | None = None
    copy_in_ms: float | None = None
    copy_out_ms: float | None = None

    def __post_init__(self) -> None:
        _require_positive("latency", median_ms=self.median_ms)

    @property
    def arena_to_bound(self) -> float | None:
        """How far the runtime is from the bound: its arena over the analytic peak of activations."""
        if self.arena_bytes is None or not self.peak_activation_bytes:
            return None
        return self.arena_bytes / self.peak_activation_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyRatio(_Strict):
    """A model's latency over the baseline's: 0.5 is twice as fast; ``macs_ratio`` is the same in MACs.

    The interval low-high holds with ``confidence``: at least 0.95 from six processes on (0.983 where there may
    be three looks, from seven on), 0.75 with three processes. ``macs_ratio`` is None where the MACs are not known.
    ``verdict`` is None in results that are older than verdicts. ``reason`` says why it is not ``settled``.
    """

    label: str
    baseline: str
    ratio: float
    low: float
    high: float
    confidence: float
    processes: int
    macs_ratio: float | None
    verdict: Verdict | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        _require_positive("ratio", ratio=self.ratio, low=self.low, high=self.high)

    @property
    def settled(self) -> bool:
        """Whether the verdict is an answer. That of a quick look is not, whatever its word."""
        return self.verdict not in (None, "inconclusive") and self.confidence >= CONFIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(_Strict):
    """The A/A control: a copy of the baseline over the baseline, measured like any other model.

    resolution: how far its interval reaches from 1 at most, as a fraction: the difference that this machine resolves.
    too_noisy: the interval excludes 1 by more than the noise floor, so the copy was measured as a different model.
    """

    baseline: str
    ratio: float
    low: float
    high: float
    confidence: float
    processes: int
    resolution: float
    too_noisy: bool

    def __post_init__(self) -> None:
        _require_positive("control", ratio=self.ratio, low=self.low, high=self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedModel(_Strict):
    """A model without figures, and the reason."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyReport(Document, _Strict):
    """All models of one comparison. ``fingerprint``: only reports where it is equal may be compared.

    base_memory_bytes: peak resident memory of interpreter and runtime alone, part of every model's peak.
    elapsed_s: how long the comparison took. note: what the reader must know about these figures, a sentence a line.
    baseline: the model that the ratios are to; empty in older results without a ratio.
    """

    SCHEMA = "costlens.latency/1"
    REMEDY = "time the models again"

    schema: str = SCHEMA
    protocol: ProtocolFacts
    machine: MachineFacts
    runtime: Fingerprint
    fingerprint: str
    base_memory_bytes: int | None
    elapsed_s: float
    models: tuple[Latency, ...]
    ratios: tuple[LatencyRatio, ...]
    note: str
    baseline: str = ""
    control: Control | None = None
    failed: tuple[FailedModel, ...] = ()

    @property
    def too_noisy(self) -> bool:
        """Whether the control failed, so that no ratio can be believed."""
        return self.control is not None and self.control.too_noisy

    @property
    def processes(self) -> int:
        """How many processes were measured."""
        return len(self.models[0].samples_ms) if self.models else 0

    @property
    def failures(self) -> list[CostlensError]:
        """What the command ends with."""
        return timing_failures(self.failed, too_noisy=self.too_noisy)


def timing_failures(failed: tuple[FailedModel, ...], *, too_noisy: bool) -> list[CostlensError]:
    """Return an error for models that could not be timed, and one where no ratio can be believed."""
    lost = "\n".join(f"{one.label}: {one.reason}" for one in failed)
    noisy = "machine too noisy: a copy of the baseline timed as another network; repeat it later"
    return [
        *([BenchError(f"not timed: {lost}")] if lost else []),
        *([MachineTooNoisy(noisy)] if too_noisy else []),
    ]


def _require_positive(what: str, **values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise UsageError(f"{what}: {name} must be above 0, received {value}")
