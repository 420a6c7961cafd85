"""The order of a diff: what differs → both sides read and counted → layers paired → times, where they are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import isdir, normpath
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.analysis.difference import Counted, fields_of, knob_changes, layers, peak_at, totals
from costlens.errors import Problem, RuntimeUnavailable, SpecError, UsageError, gravest
from costlens.network.count import count
from costlens.results.counts import AS_WRITTEN, ModelCount
from costlens.results.diff import BASE, HASH_SHOWN, HEAD, SCHEMA, Diff, End, SpecDiff, Standing
from costlens.sources import _words as operands
from costlens.sources.git.changed import MOST, Tree, Twins, WorkingTree, changed
from costlens.sources.git.revisions import SHALLOW, Commit, Repository, here, inside, split
from costlens.spec.loading import load, loads
from costlens.spec.model import Spec
from costlens.spec.paths import folder_of
from costlens.spec.source import decoded
from costlens.storage.files import utf8
from costlens.tasks import _pipeline as pipeline
from costlens.tasks import _proof as proving
from costlens.tasks import bench as lineup
from costlens.tasks._pipeline import Observer, silent

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.report import Report

NOW = "working tree"
_REPORT_BYTES = 2**28
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Timing:
    """How both sides are timed; ``lenient``: an inconclusive answer fails nothing."""

    plan: Protocol
    lenient: bool = False
    observe: Observer = silent


@dataclass(frozen=True, slots=True)
class _Side:
    """A network on one side: where it stands, and its spec unless a report holds it."""

    end: End
    path: str
    counted: Counted
    spec: Spec | None = None


def of_two(base: str, head: str, timing: Timing | None = None) -> Diff:
    """Compare two networks, each a spec (``?knob=value`` behind it), ``REVISION:path`` of one, or a report.

    UsageError where one cannot be read; a head whose spec has errors is a result.
    """
    ours = _side(base)
    try:
        theirs = _side(head)
    except SpecError as error:
        path, name = utf8(head), ours.counted.count.name
        broken = SpecDiff(path, _was(ours.path, path), name, "broken", problems=_problems(error, path))
        return _ended(Diff(SCHEMA, ours.end, End(path), (broken,)))
    found = _compared(ours, theirs)
    if timing:
        found = _timed(found, ours, theirs, timing)
    return _ended(Diff(SCHEMA, ours.end, theirs.end, (found,), lenient=bool(timing and timing.lenient)))


def of_repository(base: str, head: str | None, places: Sequence[Path], timing: Timing | None = None) -> Diff:
    """Compare the specs that differ between a revision and another, or the working tree where ``head`` is None.

    ``base`` is taken where its history and head's parted. UsageError where a revision or a place is not there, or a
    shallow clone lacks that commit.
    """
    repository = here()
    theirs = repository.commit("HEAD" if head is None else head)
    named = repository.commit(base)
    base = base[:HASH_SHOWN] if base == named.hash else base
    ours, notes = _parting(repository, replace(named, name=base), theirs)
    new: Tree = theirs if head else WorkingTree(repository)
    folders = {_folder(repository, place): place for place in places}
    found = changed(ours, new, list(folders))
    if found.empty:
        where = ", ".join(str(folders[place])[:_SHOWN] for place in found.empty)
        there = head or f"the {NOW}; what git ignores is left out"
        raise UsageError(f"{where}: no spec (*.yaml) there, neither in {base} nor in {there}")
    specs: list[SpecDiff] = []
    missing = ""  # what is missing for one spec is missing for all
    for twins in found.twins:
        specs.append(_of_twins(twins, ours, new, timing, missing))
        missing = specs[-1].failed if specs[-1].unavailable else missing
    ends = End(utf8(base), ours.hash), End(utf8(head or NOW), theirs.hash if head else "")
    return _ended(
        Diff(
            SCHEMA,
            *ends,
            tuple(specs),
            unchanged=found.unchanged,
            unreadable=tuple(map(utf8, found.unreadable)),
            lenient=bool(timing and timing.lenient),
            notes=notes,
        )
    )


def _ended(diff: Diff) -> Diff:
    return replace(diff, exit_code=gravest(diff.failures).exit_code) if diff.failures else diff


def _parting(repository: Repository, base: Commit, head: Commit) -> tuple[Commit, tuple[str, ...]]:
    parted = repository.merge_base(base, head)
    if parted is None and repository.shallow:  # the other side's own changes would be shown, reversed
        raise UsageError(f"{base.name}: where its history and that of {head.name} parted is not known{SHALLOW}")
    if parted is None:
        return base, (f"{base.name} has no history in common with {head.name}: compared with {base.name} itself",)
    if parted.hash == base.hash:
        return parted, ()
    return parted, (f"{base.name} has moved on: compared with where both parted, {parted.hash[:HASH_SHOWN]}",)


def _folder(repository: Repository, place: Path) -> str:
    """Return a place from the root of the repository; it may be gone by now. Links to folders are followed."""
    root, given = repository.root.resolve(), Path(normpath(Path.cwd() / place))
    fixed = given if isdir(given) else Path(folder_of(given.parent.as_posix()))
    try:
        found = fixed.resolve() / given.relative_to(fixed)
    except (OSError, RuntimeError) as error:  # links in a ring
        raise UsageError(f"{place}: cannot be followed: {error}; name a folder or a spec") from None
    if found.is_relative_to(root):
        return inside(found.relative_to(root).as_posix())
    raise UsageError(f"{str(place)[:_SHOWN]}: is outside of the repository {repository.root}; name a place inside it")


def _of_twins(twins: Twins, base: Tree, head: Tree, timing: Timing | None, missing: str) -> SpecDiff:
    """Compare one spec; what cannot be read does not stop the others."""
    path = utf8(twins.head or twins.base or "")
    was = _was(utf8(twins.base or path), path)
    ours = _attempted(base, twins.base)
    theirs = _attempted(head, twins.head)
    old = ours if isinstance(ours, _Side) else None
    if isinstance(theirs, UsageError):
        name = old.counted.count.name if old else ""
        return SpecDiff(path, was, name, "broken", problems=_problems(theirs, path, _revision(head)))
    if old and theirs:
        found = replace(_compared(old, theirs), path=path, was=was)
        return _timed(found, old, theirs, timing, missing) if timing else found
    standing: Standing = "base_broken" if isinstance(ours, UsageError) else "added" if theirs else "deleted"
    one_sided = _one_sided(old, theirs, path, was, standing)
    return replace(
        one_sided,
        base_problem=utf8(str(_labelled(ours, base))) if isinstance(ours, UsageError) else "",
        untimed="there is one side only, and nothing to compare it with" if timing else "",
    )


def _was(base: str, head: str) -> str:
    return "" if base == head else base


def _problems(error: UsageError, file: str, revision: str = "") -> tuple[Problem, ...]:
    """Return what is wrong with a head, with the paths of its files; a revision is named in the message."""
    found = error.problems if isinstance(error, SpecError) else (Problem(file, 1, 1, "", str(error)),)
    told = f" (in {revision})" if revision else ""
    return tuple(
        replace(problem, file=utf8(problem.file), message=utf8(f"{problem.message}{told}")) for problem in found
    )


def _revision(tree: Tree) -> str:
    return tree.name[:_SHOWN] if isinstance(tree, Commit) else ""


def _labelled(error: UsageError, tree: Tree) -> UsageError:
    """Return an error whose problems name the state of the repository too."""
    if not isinstance(error, SpecError):
        return error
    return SpecError([replace(problem, file=tree.label(problem.file)) for problem in error.problems])


def _attempted(tree: Tree, path: str | None) -> _Side | UsageError | None:
    if path is None:
        return None
    try:
        return _of_spec(_from_tree(tree, path, {}), End(utf8(tree.label(path))))
    except UsageError as error:
        return error


def _from_tree(tree: Tree, path: str, settings: Mapping[str, object]) -> Spec:
    """Read a spec and what it includes from one state of the repository."""
    text = decoded(tree.read(path, MOST), path)
    return loads(text, file=path, settings=settings, read=lambda file: tree.read(file, MOST))


def _side(word: str) -> _Side:
    """Read what a word names: a file of a revision, or one that is here."""
    path, settings = operands.with_knobs(word)
    named = word.partition("?")[0] if settings else word
    if found := _at_revision(word, named, path):
        commit, inner = found
        end = End(utf8(word), commit.hash)
        if inner.endswith(".json"):
            _no_knobs(word, settings)
            return _of_report(_report(commit.read(inner, _REPORT_BYTES), commit.label(inner)), end)
        try:
            return _of_spec(_from_tree(commit, inner, settings), end)
        except SpecError as error:
            raise _labelled(error, commit) from None
    if isdir(path) and not (path / operands.REPORT).is_file():
        raise UsageError(
            f"{path}: is a folder; name a spec or a report, or compare all specs with --base REVISION {path}"
        )
    if isdir(path) or path.suffix == ".json":
        from costlens.sources.report import report_at

        _no_knobs(word, settings)
        return _of_report(report_at(path / operands.REPORT if isdir(path) else path), End(utf8(word)))
    if path.suffix == lineup.SUFFIX:
        raise UsageError(f"{path}: an ONNX file has no blocks to compare; costlens compare takes it beside a spec")
    return _of_spec(load(path, settings), End(utf8(word)))


def _at_revision(word: str, named: str, path: Path) -> tuple[Commit, str] | None:
    """Return the commit and the path in it that ``REVISION:path`` names; None for a file, which may have that name.

    UsageError where both are there: whoever commits such a file would choose what is compared.
    """
    parts = split(named)
    if parts is None:
        return None
    is_file = operands.exists(path)
    try:
        repository = here()
        commit = repository.commit(parts[0])
    except UsageError:
        if is_file:
            return None
        raise
    if is_file:
        raise UsageError(f"{word}: names a file as well as one of the revision {parts[0]}; ./{word} is the file")
    return commit, repository.path(parts[1])


def _no_knobs(word: str, settings: Mapping[str, object]) -> None:
    if settings:
        raise UsageError(f"{word}: a report has no knobs; leave out what stands behind ?, or name the spec")


def _report(content: bytes, label: str) -> Report:
    from costlens.results.report import report_from_json

    try:
        return report_from_json(content.decode())
    except UnicodeDecodeError:
        raise UsageError(f"{label}: is no report: it is not UTF-8") from None
    except UsageError as error:
        raise UsageError(f"{label}: {str(error).removeprefix('report.json: ')}") from None


def _of_spec(spec: Spec, end: End) -> _Side:
    return _Side(end, end.name, Counted(count(spec.graph), spec.knobs, fields_of(spec.graph)), spec)


def _of_report(report: Report, end: End) -> _Side:
    counts = [one for one in report.counts if AS_WRITTEN in (one.variant, *one.also)]
    if not counts:
        held = ", ".join(one.variant for one in report.counts)
        raise UsageError(f"{end.name}: holds no network as written, only {held}; report on it without --variant")
    return _Side(end, end.name, Counted(counts[0], report.knobs))


def _compared(base: _Side, head: _Side) -> SpecDiff:
    one, other = base.counted, head.counted
    found = layers(one, other)
    sums = totals(one.count, other.count)
    moved = any(total.delta for total in sums)
    costs = any(change.params.delta or change.macs.delta or change.live_bytes.delta for change in found.changes)
    known = base.spec is not None and head.spec is not None
    same_graph = _same_graph(base.spec, head.spec)
    same_cost = not (moved or costs) and (same_graph or all(total.sure for total in sums))
    return replace(
        _one_sided(base, head, head.path, _was(base.path, head.path), "same_cost" if same_cost else "changed"),
        same_graph=same_graph,
        knobs=knob_changes(one.knobs, other.knobs, renamed=same_graph or not known),
        changes=found.changes,
        unchanged_rows=found.unchanged,
    )


def _one_sided(base: _Side | None, head: _Side | None, path: str, was: str, standing: Standing) -> SpecDiff:
    """Return what can be told though a side may be missing."""
    one, other = (side.counted.count if side else None for side in (base, head))
    return SpecDiff(
        path=path,
        was=was,
        name=_name(other or one),
        standing=standing,
        totals=totals(one, other),
        peak_at=peak_at(one, other),
        base_uncounted=one.uncounted if one else (),
        head_uncounted=other.uncounted if other else (),
    )


def _name(count: ModelCount | None) -> str:
    return count.name if count else ""


def _same_graph(base: Spec | None, head: Spec | None) -> bool:
    """Say whether two specs are the same network, whatever they are called."""
    if base is None or head is None:
        return False
    one, other = base.graph, head.graph
    return (one.inputs, one.nodes, one.outputs) == (other.inputs, other.nodes, other.outputs)


def _timed(found: SpecDiff, base: _Side, head: _Side, timing: Timing, missing: str = "") -> SpecDiff:
    """Export both sides and time them in one comparison; what goes wrong with one spec does not stop the others.

    ``missing`` is what another spec found missing: it is not tried again.
    """
    if base.spec is None or head.spec is None:
        report = (base if base.spec is None else head).end.name
        raise UsageError(f"--bench: {report}: a report holds no network to export; name its spec")
    if found.same_graph:
        return replace(found, untimed="the network is the same, layer for layer: there is nothing to time")
    if missing:
        return replace(found, failed=missing, unavailable=True)
    entries = []
    try:
        pipeline.require_device(timing.plan)
        for label, spec in ((BASE, base.spec), (HEAD, head.spec)):
            (proof,) = pipeline.prove(spec, (AS_WRITTEN,), observe=timing.observe)
            if wrong := "; ".join(f"{entry.name}: {entry.note}" for entry in proof.ledger.failures):
                return replace(found, disagreement=f"{label}: the roads to a number disagree: {wrong}")
            entries.append(lineup.Entry(label, proof.path, count=proof.count))
        return found.measured(lineup.measure(entries, BASE, timing.plan, timing.observe))
    except RuntimeUnavailable as error:
        return replace(found, failed=str(error), unavailable=True)
    except Exception as error:  # what a framework raises on one network says nothing about the next
        return replace(found, failed=proving.why(error))
