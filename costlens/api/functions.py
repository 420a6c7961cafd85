"""The commands whose results are values, as functions: the same words, names and options, results and errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from costlens.api._options import (
    Checking,
    Measuring,
    Profiling,
    Sweeping,
    about,
    named,
    plan_if,
    plan_of,
    several,
    working,
)
from costlens.api.model import Model, file_of, least_one, words_of
from costlens.errors import BenchError, UsageError, VerificationError
from costlens.results.counts import AS_WRITTEN
from costlens.sources._source import ALL, Asked

if TYPE_CHECKING:
    from costlens.arithmetic.precision import Precision
    from costlens.results.check import Checked
    from costlens.results.comparison import Comparison
    from costlens.results.counts import ModelCount
    from costlens.results.diff import Contribution, Diff
    from costlens.results.latency import LatencyReport
    from costlens.results.layer_times import LayerTimes
    from costlens.results.report import Report
    from costlens.results.sweep import Sweep
    from costlens.sources._word import Word

Network = Path | str | Model
"""A word of the command line, or a model."""
Inputs = Path | str | Mapping[str, Any]
"""What ONNX files are run on: an array an input by its name, or an ``.npz`` file that holds them."""
Several = str | Sequence[str]
"""One variant, several, or ``"all"``."""
Kinds = Mapping[str, str] | None
"""One more variant, ``mixed``: names of convolutions or of blocks of them, also as globs, with a kind each.

The last that matches holds: ``{"*": "separable", "stage[12]": "standard"}``.
"""


def count(
    network: Network,
    *,
    variant: str = "",
    kind: Kinds = None,
    only: Several = "",
    without: Several = "",
    batch: int = 1,
    depth: int | None = None,
    execute: bool = False,
    input_data: Inputs | None = None,
    precision: Precision | None = None,
) -> ModelCount:
    """Count parameters, MACs, FLOPs, memory in bytes and traffic in bytes, per layer and in total.

    batch: examples at a time. depth: folds rows by name. execute: runs an ONNX file once where only a run tells its
    sizes, on ``input_data``. precision: of all sizes, ``"int8"`` as TensorFlow Lite quantises.
    :func:`compare` counts several networks or variants.

    >>> count("yamnet", variant="standard").totals.macs
    595518464
    """
    from costlens.sources.find import models

    asked = Asked(
        named(variant),
        {},
        least_one("batch", batch),
        depth,
        execute,
        file_of(input_data),
        precision=precision,
        **about(kind, only, without),
    )
    found = models(words_of([network]), asked)
    if len(found) != 1:
        raise UsageError(f"{network}: names {len(found)} networks; count one, or use compare")
    return found[0].count


def compare(
    *networks: Network,
    variant: Several = "",
    kind: Kinds = None,
    only: Several = "",
    without: Several = "",
    execute: bool = False,
    input_data: Inputs | None = None,
    precision: Precision | None = None,
    bench: bool = False,
    sort: Literal["macs", "params", "latency"] | None = None,
    **measuring: Unpack[Measuring],
) -> Comparison:
    """Compare what networks cost with the first of them: parameters, MACs, bytes; with ``bench`` their times, too.

    One spec or report: its variants. Several: each as written, or in the variants named. sort: the smallest first.
    What fails is in ``failures`` of the result.

    >>> [model.figures.macs for model in compare("yamnet", "mobilenet_v1").models]
    [69165056, 568740352]
    """
    from costlens.analysis.pareto import Sort
    from costlens.tasks.compare import compare as task

    asked = Asked(
        named(variant),
        alone=(ALL,),
        execute=execute,
        data=file_of(input_data),
        precision=precision,
        **about(kind, only, without),
    )
    plan = plan_if("compare", bench, measuring)
    with working() as tools:
        return task(words_of(networks), asked, plan, sort=Sort(sort) if sort else None, tools=tools)


def diff(
    *networks: Network,
    base: str | None = None,
    head: str | None = None,
    kind: Kinds = None,
    why: bool = False,
    sort: Contribution | None = None,
    execute: bool = False,
    input_data: Inputs | None = None,
    precision: Precision | None = None,
    bench: bool = False,
    allow_inconclusive: bool = False,
    **measuring: Unpack[Measuring],
) -> Diff:
    """Compare two networks layer by layer, or, with ``base``, all at these paths with a git revision.

    head: a revision in the place of the working tree. kind: those of the second network; one network alone is compared
    with itself in these kinds. why: orders layers by what they contributed to the difference, of the figure ``sort``
    (macs). bench: times base and head side by side. What fails is in ``failures`` of the result.

    >>> [total.delta for total in diff("yamnet", "yamnet:standard").specs[0].totals if total.figure == "macs"]
    [526353408]
    """
    from costlens.tasks import diff as task

    asked = Asked(execute=execute, data=file_of(input_data), precision=precision, **about(kind))
    plan = plan_if("diff", bench, measuring)
    timing = task.Timing(plan, allow_inconclusive or bool(measuring.get("quick"))) if plan else None
    with working() as tools:
        found = task.diff(words_of(networks), asked, timing, base=base, head=head, tools=tools)
    return task.why_first(found, sort or "macs") if why or sort else found


def check(
    *networks: Network,
    budget: Mapping[str, object] | None = None,
    base: str | None = None,
    target: Several = (),
    execute: bool = False,
    precision: Precision | None = None,
    bench: bool = False,
    allow_inconclusive: bool = False,
    **measuring: Unpack[Checking],
) -> Checked:
    """Compare networks with their published figures and budgets; what is missed is in ``failures`` of the result.

    No network: those of pyproject.toml, else of specs/. budget: what each may cost at most, ``{"macs": "600M"}``,
    ``{"latency_ms": 5}`` with ``bench``, ``{"macs": "+5%"}`` with a git revision as ``base``. target: boards that each
    is to fit, by name or file, which ``fits`` of the result's specs says. ``exit_code`` of the
    result is that of the command.

    >>> found = check("yamnet", budget={"macs": "60M"})
    >>> found.exit_code, type(found.failures[0]).__name__
    (3, 'ExpectationError')
    """
    from costlens.tasks import check as task

    plan = plan_if("check", bench, measuring, Checking)
    lenient = allow_inconclusive or bool(measuring.get("quick"))
    checks = task.held_to(budget or {}, plan, allow_inconclusive=lenient, base=base, targets=several(target))
    words: Sequence[str | Word] = words_of(networks)
    if not words:
        words, checks = task.of_project(checks)
    with working() as tools:
        return task.check(words, Asked(execute=execute, precision=precision), checks, tools=tools)


def bench(
    *networks: Network,
    variant: Several = "",
    kind: Kinds = None,
    only: Several = "",
    without: Several = "",
    input_data: Inputs | None = None,
    baseline: str = "",
    output: Path | str | None = None,
    **measuring: Unpack[Measuring],
) -> LatencyReport:
    """Time networks side by side, in ms: which are faster, slower or equivalent.

    One network: its variants. Several: each as written, or in the variants named. baseline: the label that the others
    are compared with. output: a ``.json`` file that keeps the run, which :func:`compare` reads. VerificationError where
    a file that was timed is not proven; what else fails is in ``failures`` of the result.
    """
    from costlens.results.stored import to_json
    from costlens.storage.files import keep, require_room
    from costlens.tasks.bench import bench as task

    plan = plan_of("bench", measuring, Measuring)
    asked = Asked(
        named(variant), batch=plan.batch, alone=(ALL,), data=file_of(input_data), **about(kind, only, without)
    )
    kept = None if output is None else Path(output)
    if kept is not None:
        if kept.suffix != ".json":
            raise UsageError(f"output {kept}: expected a name that ends in .json, which compare reads")
        require_room(kept)
    with working() as tools:
        found = task(words_of(networks), asked, plan, baseline=baseline, tools=tools)
    if kept is not None:
        keep({kept: to_json(found.run)}, kept.parent)
    if found.disagreements:
        raise VerificationError("\n".join(found.disagreements))
    return found.latency


def profile(
    network: Network,
    *,
    variant: str = "",
    kind: Kinds = None,
    only: Several = "",
    without: Several = "",
    input_data: Inputs | None = None,
    depth: int | None = None,
    sort: Literal["time", "macs"] | None = None,
    **measuring: Unpack[Profiling],
) -> LayerTimes:
    """Measure the time of every layer of a network, in µs; BenchError where it cannot be measured.

    depth: folds rows by name. sort: the most first.
    """
    from costlens.results.layer_times import fold, ordered
    from costlens.sources.find import models
    from costlens.tasks.profile import profile as task

    plan = plan_of("profile", measuring, Profiling, device="cpu")
    asked = Asked(named(variant), batch=plan.batch, data=file_of(input_data), **about(kind, only, without))
    words = words_of([network])
    if len(found := models(words, asked)) != 1:
        raise UsageError(f"profile: {network} names {len(found)} networks; name one")
    with working() as tools:
        measured = task(words, asked, plan, processes=measuring.get("processes"), tools=tools)
    if measured.problems:
        raise BenchError("not profiled: " + "\n".join(measured.problems))
    return ordered(fold(measured.times[0], depth), sort)


def report(
    network: Network,
    *,
    variant: Several = "",
    kind: Kinds = None,
    only: Several = "",
    without: Several = "",
    execute: bool = False,
    input_data: Inputs | None = None,
    precision: Precision | None = None,
    bench: bool = True,
    output: Path | str | None = None,
    **measuring: Unpack[Measuring],
) -> Report:
    """Count, build, export, prove and, with ``bench``, time every variant of a network, or those named.

    A :class:`Model` is a network, whatever its kind. output: a folder, in which a folder of the network's name gets
    report.html, report.md, report.json and layers.csv. What fails is in ``failures`` of the result.
    """
    from costlens.tasks import _report_folder as report_folder
    from costlens.tasks import report as task

    plan = plan_if("report", bench, measuring)
    if isinstance(network, Model):
        network, kind = replace(network, kind=AS_WRITTEN, kinds={}), kind or network.kinds
    (word,) = words_of([network])
    batch = plan.batch if plan else 1
    asked = Asked(
        named(variant),
        batch=batch,
        alone=(ALL,),
        execute=execute,
        data=file_of(input_data),
        precision=precision,
        **about(kind, only, without),
    )
    found = task.networks([word], asked)
    if len(found) != 1:
        raise UsageError(f"report: {network} names {len(found)} networks; name one")
    settings, name = found[0].word.settings, found[0].models[0].count.name
    if output is not None:
        report_folder.prepare(Path(output), [report_folder.folder_name(name, settings)])
    with working() as tools:
        made = task.report(found[0], plan, tools=tools)
    if output is not None:
        report_folder.write(made, Path(output), settings)
    return made


def sweep(
    network: Network,
    *,
    variant: Several = "",
    kind: Kinds = None,
    only: Several = "",
    without: Several = "",
    batch: int | Sequence[int] = 1,
    threads: int | Sequence[int] = 1,
    precision: Several = "fp32",
    runtime: Several = "onnxruntime",
    **measuring: Unpack[Sweeping],
) -> Sweep:
    """Time a network under every combination of batches, threads, precisions and runtimes.

    time_budget: seconds of all measuring together. A condition that cannot be measured is a line with its reason.
    """
    from costlens.tasks import sweep as task

    plan = plan_of("sweep", measuring, Sweeping)
    axes = task.Axes(several(runtime), several(threads), several(batch), several(precision))
    asked, budget_s = Asked(named(variant), **about(kind, only, without)), measuring.get("time_budget")
    with working() as tools:
        return task.sweep(words_of([network]), asked, axes, plan, time_budget_s=budget_s, tools=tools)
