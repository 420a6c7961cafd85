"""Measured latency: models side by side on one machine, with the raw samples; JSON round-trips exactly."""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from costlens.errors import BenchError, CostlensError, MachineTooNoisy

Samples = tuple[tuple[tuple[float, ...], ...], ...]
Verdict = Literal["faster", "slower", "equivalent", "inconclusive"]


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True, serialize_by_alias=True
    )


class MachineFacts(_Frozen):
    """The machine. ``power`` is the frequency governor; None is what the system does not tell."""

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


class RuntimeFacts(_Frozen):
    """What ran the models. ``provider_options`` is JSON text."""

    name: str
    version: str
    build: str
    device: str
    providers: tuple[str, ...]
    provider_options: str
    threads: int
    optimisation: str


class ProtocolFacts(_Frozen):
    """The plan; ``blocks`` and ``calls`` are its most, the samples show what the time allowed.

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


class Latency(_Frozen):
    """One model, one call at a time, a whole batch a call.

    median_ms: median over processes of each process's median; ``median_interval_ms`` its interval
    over processes, which holds with ``confidence`` (0.98 with ten processes, 0.75 with three, 0
    with one).
    p90_ms, p99_ms, mad_ms: over all timed calls of all processes; MAD is the median distance from the median.
    throughput_per_s: examples a second, batch / median. gmacs_per_s: None where the MACs are not
    known.
    peak_memory_bytes: highest resident memory of a process that only loads this model and runs it once,
    interpreter and runtime included (``LatencyReport.base_memory_bytes``); not a graphics card's memory.
    run_memory_bytes: the same while it runs a second time, so without what only the load needs.
    arena_bytes: what the runtime's allocator holds for activations and scratch after the first runs; weights
    are not in it. peak_activation_bytes: the analytic bound for a batch. None where it is not known.
    cold_start_ms (load the file, make the session, fill and bind the inputs; not the library's
    import) and the first_call_ms after it: medians over the processes that had loaded no other
    model before.
    copy_in_ms, copy_out_ms: all inputs to a device with memory of its own, all outputs from it, apart from the
    run; None on a processor.
    after_idle_ms: median over processes of the call that follows ``idle_ms`` of sleep.
    samples_ms: timed calls by process and block.
    """

    label: str
    median_ms: float = Field(gt=0)
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

    @property
    def arena_to_bound(self) -> float | None:
        """How far the runtime is from the bound: its arena over the analytic peak of activations."""
        if self.arena_bytes is None or not self.peak_activation_bytes:
            return None
        return self.arena_bytes / self.peak_activation_bytes


class LatencyRatio(_Frozen):
    """A model's latency over the baseline's: 0.5 is twice as fast; ``macs_ratio`` is the same in MACs.

    The interval low-high holds with ``confidence``: at least 0.95 from six processes on (0.983 where there may
    be three looks, from seven on), 0.75 with three processes. ``macs_ratio`` is None where the MACs are not known.
    ``verdict`` is None in results that are older than verdicts; ``reason`` says why one is inconclusive.
    """

    label: str
    baseline: str
    ratio: float = Field(gt=0)
    low: float = Field(gt=0)
    high: float = Field(gt=0)
    confidence: float
    processes: int
    macs_ratio: float | None
    verdict: Verdict | None = None
    reason: str = ""


class Control(_Frozen):
    """The A/A control: a copy of the baseline over the baseline, measured like any other model.

    resolution: the farthest that its interval reaches from 1, as a fraction: what this machine resolves.
    too_noisy: the interval excludes 1 by more than the noise floor, so the machine tells a model from its copy.
    """

    baseline: str
    ratio: float = Field(gt=0)
    low: float = Field(gt=0)
    high: float = Field(gt=0)
    confidence: float
    processes: int
    resolution: float = Field(ge=0)
    too_noisy: bool


class FailedModel(_Frozen):
    """A model that has no figures, and why."""

    label: str
    reason: str


class LatencyReport(_Frozen):
    """All models of one comparison. ``fingerprint``: only reports where it is equal may be compared.

    base_memory_bytes: peak resident memory of interpreter and runtime alone, part of every model's peak.
    elapsed_s: how long the comparison took. note: what the reader must know of these figures, one
    sentence on each line. baseline: what the ratios are to; empty in older results without a ratio.
    """

    schema_: Literal["costlens.latency/1"] = Field("costlens.latency/1", alias="schema")
    protocol: ProtocolFacts
    machine: MachineFacts
    runtime: RuntimeFacts
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
        return timing_failures(self)


class _Timed(Protocol):
    """What was timed side by side."""

    @property
    def failed(self) -> tuple[FailedModel, ...]: ...
    @property
    def too_noisy(self) -> bool: ...


def timing_failures(timed: _Timed) -> list[CostlensError]:
    """Return an error for models that could not be timed, and one where no ratio can be believed."""
    lost = "\n".join(f"{one.label}: {one.reason}" for one in timed.failed)
    found: list[CostlensError] = [BenchError(f"not timed: {lost}")] if lost else []
    if timed.too_noisy:
        noisy = "machine too noisy: a copy of the baseline timed as another network; repeat it later"
        found.append(MachineTooNoisy(noisy))
    return found
