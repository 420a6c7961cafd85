"""A result → the networks in it with their figures, as the history keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from costlens.arithmetic.units import plural
from costlens.results.check import Checked
from costlens.results.comparison import FIGURES, Comparison, Figures, Timing
from costlens.results.counts import AS_WRITTEN, ModelCount, Totals
from costlens.results.exploration import KIND, Exploration, ExploredPoint
from costlens.results.history import MEDIAN, QUARTER, Entry
from costlens.results.latency import Latency, LatencyReport, MachineFacts
from costlens.results.layer_times import LayerTimes
from costlens.results.report import Report
from costlens.results.run import Run
from costlens.results.sweep import Sweep
from costlens.runtimes import Fingerprint
from costlens.sources._source import Model
from costlens.tasks.history.origin import Origin

_FP32 = "fp32"
_COUNTED = tuple(each.name for each in fields(Totals) if each.name in FIGURES)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a result does not say of itself: where its files come from, and the models that it is about."""

    origin: Origin
    models: Sequence[Model] = ()

    def digest(self, *names: str) -> str:
        """Return the digest of a network's files."""
        return self.origin.digest(*names)

    def model(self, name: str, variant: str) -> Model | None:
        """Return the model of a name in a variant."""
        fitting = (one for one in self.models if one.count.name == name and variant in one.names)
        return next(fitting, None)


def entries(result: Any, facts: Facts) -> tuple[Entry, ...]:
    """Return the networks of a result; none of a result that is about something else."""
    if isinstance(result, list | tuple):
        return tuple(each for one in result for each in entries(one, facts))
    for kind, made in _MADE.items():
        if isinstance(result, kind):
            return tuple(made(result, facts))
    return ()


def of_model(model: Model, facts: Facts) -> Entry:
    """Return the entry of a model as it was counted."""
    digest = facts.digest(model.word.text, model.word.path.stem)
    return replace(_counted(model.count, model.knobs, digest), variant=_variant(model.count))


def of_counts(counts: Sequence[ModelCount], knobs: Sequence[Mapping[str, object]]) -> tuple[Entry, ...]:
    """Return the entries of counts that were read from a document, which says the knobs beside each."""
    return tuple(_counted(count, its_knobs, "") for count, its_knobs in zip(counts, knobs, strict=True))


def knobs_text(knobs: Mapping[str, object]) -> str:
    """Write knobs in order, equal numbers alike.

    >>> knobs_text({"width": "8", "alpha": 1.0, "name": "a"})
    'alpha=1, name=a, width=8'
    """
    return ", ".join(f"{name}={_plain(value)}" for name, value in sorted(knobs.items()))


def _plain(value: object) -> str:
    try:
        number = float(str(value))
    except ValueError:
        return str(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)  # noqa: PLR2004  # exact


def _counted(count: ModelCount, knobs: Mapping[str, object], digest: str, file_bytes: int | None = None) -> Entry:
    figures = {name: count.complete(name) for name in _COUNTED}
    return Entry(
        name=count.name,
        knobs=knobs_text(knobs),
        variant=_variant(count),
        digest=digest,
        examples=count.batch,
        figures=Figures(**figures, file_bytes=file_bytes),
    )


def _variant(count: ModelCount) -> str:
    """Return the variant, with what a mix is of beside its name."""
    mix = count.mixes.get(count.variant)
    return f"{count.variant}: {', '.join(f'{glob}={kind}' for glob, kind in mix.items())}" if mix else count.variant


def _of_models(model: Model, facts: Facts) -> Iterator[Entry]:
    yield of_model(model, facts)


def _of_run(run: Run, facts: Facts) -> Iterator[Entry]:
    for model in run.models:
        count = model.count
        entry = _counted(count, model.knobs, facts.digest(model.label, count.name), model.file_bytes)
        yield _timed(entry, run.latency, model.label)


def _of_report(report: Report, facts: Facts) -> Iterator[Entry]:
    sizes = {file.variant: file.bytes for file in report.files}
    for count in report.counts:
        entry = _counted(count, report.knobs, facts.digest(report.name), sizes.get(count.variant))
        yield _timed(entry, report.latency, count.variant) if report.latency else entry


def _of_comparison(comparison: Comparison, facts: Facts) -> Iterator[Entry]:
    timing = comparison.timing
    for model in comparison.models:
        known = facts.model(model.name, model.variant)
        entry = Entry(
            name=model.name,
            knobs=knobs_text(model.knobs),
            variant=_variant(known.count) if known else model.variant,
            digest=facts.digest(model.operand, model.name),
            figures=Figures(**{name: model.complete(name) for name in FIGURES}),
        )
        if timing and model.time and model.time.measured:
            low, high = model.time.interval_ms
            entry = replace(
                _conditions(entry, timing, timing.protocol.batch),
                statistic=MEDIAN,
                latency_ms=model.time.median_ms,
                low_ms=low,
                high_ms=high,
                confidence=model.time.confidence,
                too_noisy=timing.too_noisy,
            )
        yield entry


def _of_layer_times(times: LayerTimes, facts: Facts) -> Iterator[Entry]:
    model = facts.model(times.name, times.variant)
    entry = of_model(model, facts) if model else Entry(times.name, "", times.variant, facts.digest(times.name))
    timed = _on(entry, times.runtime, times.machine, times.fingerprint)
    yield replace(timed, batch=times.batch, precision=_FP32, statistic=QUARTER, latency_ms=times.unprofiled_us / 1e3)


def _of_sweep(sweep: Sweep, facts: Facts) -> Iterator[Entry]:
    for line in sweep.lines:
        if line.comparison is None:
            continue
        model = facts.model(sweep.name, line.variant)
        entry = of_model(model, facts) if model else Entry(sweep.name, "", line.variant, facts.digest(sweep.name))
        timed = _timed(entry, sweep.comparisons[line.comparison], line.label)
        yield replace(timed, precision=line.condition.precision)


def _of_exploration(exploration: Exploration, facts: Facts) -> Iterator[Entry]:
    digest = facts.digest(exploration.name)
    for point in exploration.points:
        if point.totals is not None:
            knobs, variant = _of_point(exploration, point)
            totals = {name: getattr(point.totals, name) for name in _COUNTED}
            yield Entry(exploration.name, knobs, variant, digest, figures=Figures(**totals))


def _of_point(exploration: Exploration, point: ExploredPoint) -> tuple[str, str]:
    """Return the knobs of a point, and its variant: a kind where all convolutions have one, else the mix."""
    named = dict(zip(exploration.axes, point.values, strict=True))
    kinds = {name.removeprefix(KIND): value for name, value in named.items() if name.startswith(KIND)}
    knobs = {**exploration.knobs, **{name: value for name, value in named.items() if not name.startswith(KIND)}}
    variant = (
        kinds["*"] if [*kinds] == ["*"] else f"mixed: {', '.join(f'{glob}={kind}' for glob, kind in kinds.items())}"
    )
    return knobs_text(knobs), variant if kinds else AS_WRITTEN


def _of_check(checked: Checked, facts: Facts) -> Iterator[Entry]:
    """Yield the networks of a check; their counts are those of the models, since a check holds limited figures only."""
    for spec in checked.specs:
        model = next((one for one in facts.models if one.word.name == spec.file), None)
        if model is None:
            continue
        entry, timing = of_model(model, facts), spec.timing
        if timing:
            entry = replace(
                entry,
                runtime=timing.runtime,
                device=timing.device,
                threads=timing.threads,
                batch=timing.batch,
                precision=_FP32,
                statistic=MEDIAN,
                fingerprint=timing.fingerprint,
                machine=timing.cpu,
                latency_ms=timing.median_ms,
                low_ms=timing.interval_ms[0],
                high_ms=timing.interval_ms[1],
                confidence=timing.confidence,
                too_noisy=timing.too_noisy,
            )
        yield entry


def _timed(entry: Entry, report: LatencyReport, label: str) -> Entry:
    """Return an entry with the time that a measurement has for a label; as it is where there is none."""
    found = next((model for model in report.models if model.label == label), None)
    return entry if found is None else _with(_conditions(entry, report, report.protocol.batch), found, report.too_noisy)


def _with(entry: Entry, latency: Latency, too_noisy: bool) -> Entry:
    low, high = latency.median_interval_ms
    return replace(
        entry,
        statistic=MEDIAN,
        latency_ms=latency.median_ms,
        low_ms=low,
        high_ms=high,
        confidence=latency.confidence,
        too_noisy=too_noisy,
    )


def _conditions(entry: Entry, of: LatencyReport | Timing, batch: int) -> Entry:
    return replace(_on(entry, of.runtime, of.machine, of.fingerprint), batch=batch, precision=_FP32)


def _on(entry: Entry, runtime: Fingerprint, machine: MachineFacts, fingerprint: str) -> Entry:
    return replace(
        entry,
        runtime=f"{runtime.name} {runtime.version}",
        device=runtime.device,
        threads=runtime.threads,
        fingerprint=fingerprint,
        machine=f"{machine.cpu}, {plural(machine.cores_usable, 'core')}",
    )


_MADE: Mapping[type, Any] = {
    Model: _of_models,
    Run: _of_run,
    Report: _of_report,
    Comparison: _of_comparison,
    LayerTimes: _of_layer_times,
    Sweep: _of_sweep,
    Exploration: _of_exploration,
    Checked: _of_check,
}
