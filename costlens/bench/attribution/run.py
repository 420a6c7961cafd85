"""Profile a model in a few processes, one after another, since its weights lie elsewhere in memory in each."""

from collections.abc import Callable, Sequence
from pathlib import Path

from costlens.bench.attribution.summary import Named, summarise
from costlens.bench.attribution.worker import ProfileJob, ProfileSamples
from costlens.bench.process import OnProgress, in_child, silent
from costlens.results.layer_times import LayerTime, LayerTimes
from costlens.runtimes import DEFAULT, Options
from costlens.runtimes._runtime import require_file
from costlens.storage.files import scratch

PROCESSES = 3
SECONDS = 1.0
"""How long each process runs the model; the ladder and loading take about as long again."""
DEADLINE_S = 900.0
"""A process that takes longer is taken for hung: the largest networks load and run in a minute."""


def run_job(job: ProfileJob) -> ProfileSamples:
    """Do a job in a process of its own."""
    return in_child("costlens.bench.attribution.worker", job, ProfileSamples, DEADLINE_S)


def layer_times(
    named: Named,
    path: Path,
    rows: Sequence[LayerTime],
    options: Options,
    *,
    runtime: str = DEFAULT,
    processes: int = PROCESSES,
    seconds: float = SECONDS,
    on_progress: OnProgress = silent,
    launch: Callable[[ProfileJob], ProfileSamples] = run_job,
) -> LayerTimes:
    """Measure the time of each row of a model file.

    ``rows`` are the lines to fill, in order, with the figures of a count. RuntimeUnavailable where the runtime does not
    report the time of its kernels, BenchError where the model cannot be run.
    """
    require_file(path)
    found = []
    for number in range(processes):
        on_progress(number, processes, f"{named.name} {named.variant}")
        with scratch() as folder:
            found.append(launch(ProfileJob(runtime, options, path, folder, seconds, graphs=number == 0)))
    on_progress(processes, processes, f"{named.name} {named.variant}")
    return summarise(named, rows, options, found)
