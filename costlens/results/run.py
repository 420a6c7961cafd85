"""What ``costlens bench -o`` keeps: times side by side, and the count of every model, to be compared later."""

from dataclasses import dataclass

from costlens.results.counts import ModelCount
from costlens.results.latency import LatencyReport
from costlens.results.stored import Document


@dataclass(frozen=True, slots=True)
class TimedModel:
    """A model of a run by its label there: its count without rows, its knobs, and the size of its file in bytes."""

    label: str
    count: ModelCount
    knobs: dict[str, int | float | str]
    file_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Run(Document):
    """One run of ``costlens bench``: its models, those that could not be timed too, and their times."""

    SCHEMA = "costlens.run/1"
    REMEDY = "time the models again: costlens bench … -o run.json"

    models: tuple[TimedModel, ...]
    latency: LatencyReport
