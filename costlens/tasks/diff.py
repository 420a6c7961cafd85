"""``costlens diff``: what differs → both sides read and counted → layers paired → times, where they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os.path import isdir, normpath
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.analysis.difference import Counted, fields_of, knob_changes, layers, params_of, peak_at, totals
from costlens.errors import Problem, RuntimeUnavailable, SpecError, UsageError, most_severe
from costlens.network.variants import written
from costlens.results.counts import AS_WRITTEN, PLANNED
from costlens.results.diff import BASE, HEAD, Contribution, Diff, End, SpecDiff, Standing, by_contribution
from costlens.results.names import HASH_SHOWN
from costlens.sources._source import Asked, Model
from costlens.sources._word import Word
from costlens.sources.find import Named, files, named, source_of, sources
from costlens.sources.git import model_files
from costlens.sources.git.changed import Tree, Twins, WorkingTree, changed
from costlens.sources.git.model_files import together
from costlens.sources.git.revisions import Commit, Repository, here, inside
from costlens.spec import project
from costlens.spec.paths import folder_of
from costlens.storage.files import utf8
from costlens.tasks._base import parting
from costlens.tasks._proof import why
from costlens.tasks._timing import prepare, require_runtime, suited, time_side_by_side
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.counts import ModelCount

NOW = "working tree"
_SHOWN = 200
_SIDES = 2
_SPECS = Path("specs")
_AS_WRITTEN = Asked()
_FOLLOW = frozenset({*PLANNED, "flash_bytes", "weight_bytes_int8", "peak_activation_bytes_int8"})
"""Totals that follow from the others, and that older reports do not hold."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How both sides are timed; ``lenient``: an inconclusive answer fails nothing."""

    plan: Protocol
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class _Side:
    """A network on one side, and how it was named."""

    end: End
    model: Model


def diff(
    words: Sequence[str | Word],
    asked: Asked = _AS_WRITTEN,
    timing: Timing | None = None,
    *,
    base: str | None = None,
    head: str | None = None,
    tools: Tools,
) -> Diff:
    """Compare two networks; where ``base`` is a revision, all at these places that differ from it.

    asked: whether model files are run, and on what; kinds are those of the second network, which is the first one again
    where it is alone. UsageError for words or revisions that do not go together.
    """
    if base is not None:
        if asked.kinds:
            raise UsageError("--kind is for one network, or two: costlens diff resnet18 --kind 'stage4=separable'")
        places = [one.path if isinstance(one, Word) else Path(one) for one in words]
        return of_repository(base, head, places or _places(), asked, timing, tools=tools)
    if head is not None:
        raise UsageError("--head goes with --base: costlens diff --base main --head HEAD~1")
    if asked.kinds and len(words) == 1:
        words = [words[0], words[0]]
    if len(words) != _SIDES:
        named_ = ", ".join(one.text if isinstance(one, Word) else one for one in words)
        received = f"received {len(words)}" + (f": {named_}" if words else "")
        raise UsageError(f"diff compares two networks, {received}; name two, or compare all with --base main")
    return of_two(words[0], words[1], asked, timing, tools=tools)


def _places() -> list[Path]:
    """Return where specs are looked for where no place is named; SpecError where the project's settings are wrong."""
    file = project.find(Path.cwd())
    settings = project.read(file) if file else None
    if settings and settings.problems:
        raise SpecError(settings.problems)
    return list(settings.places if settings else ()) or [_SPECS]


def why_first(found: Diff, figure: Contribution = "macs") -> Diff:
    """Order layers by what they contributed to the difference of a figure, the most first."""
    specs = tuple(replace(spec, changes=by_contribution(spec.changes, figure)) for spec in found.specs)
    return replace(found, specs=specs, why=figure)


def of_two(
    base: str | Word, head: str | Word, asked: Asked = _AS_WRITTEN, timing: Timing | None = None, *, tools: Tools
) -> Diff:
    """Compare two networks, whatever names them, as written; the head with the ``kinds`` that are asked for.

    UsageError where one cannot be read; a head whose spec has errors is a result.
    """
    wanted = _asked_of((base, head), asked)
    ours = _side(_read(base, replace(wanted[0], kinds=())))
    other = _read(head, wanted[1])
    if isinstance(other.problem, SpecError):
        path, name = head.name if isinstance(head, Word) else utf8(head), ours.model.count.name
        broken = SpecDiff(path, _was(ours.end.name, path), name, "broken", problems=_problems(other.problem, path))
        return _ended(Diff(Diff.SCHEMA, ours.end, End(path), (broken,)))
    theirs = _side(other, asked.kinds)
    found = _compared(ours, theirs, theirs.end.name, _was(ours.end.name, theirs.end.name))
    if timing:
        found = _timed(found, ours, theirs, timing, tools)
    return _ended(Diff(Diff.SCHEMA, ours.end, theirs.end, (found,), lenient=bool(timing and timing.lenient)))


def of_models(base: Model, head: Model, name: str) -> SpecDiff:
    """Compare two states of one network, as they were read, under its name."""
    return _compared(_Side(End(name), base), _Side(End(name), head), name, "")


def of_repository(
    base: str,
    head: str | None,
    places: Sequence[Path],
    asked: Asked = _AS_WRITTEN,
    timing: Timing | None = None,
    *,
    tools: Tools,
) -> Diff:
    """Compare the specs and model files that differ between a revision and ``head``, or the working tree without one.

    ``base`` is taken where its history and head's parted. UsageError where a revision or a place is not there, or a
    shallow clone lacks that commit.
    """
    repository = here()
    theirs = repository.commit("HEAD" if head is None else head)
    named = repository.commit(base)
    base = base[:HASH_SHOWN] if base == named.hash else base
    ours, notes = parting(repository, replace(named, name=base), theirs)
    new: Tree = theirs if head else WorkingTree(repository)
    folders = {_folder(repository, place): place for place in places}
    suffixes = [suffix for source in sources() if source.has_sizes for suffix in source.suffixes if suffix != ".pb"]
    found = together(changed(ours, new, [*folders]), model_files.changed(ours, new, [*folders], suffixes))
    if found.empty:
        where = ", ".join(str(folders[place])[:_SHOWN] for place in found.empty)
        there = head or f"the {NOW}; what git ignores is left out"
        raise UsageError(f"{where}: no spec (*.yaml) and no model file there, neither in {base} nor in {there}")
    specs: list[SpecDiff] = []
    missing = ""  # what is missing for one spec is missing for all
    for twins in found.twins:
        specs.append(_of_twins(twins, ours, new, asked, timing, missing, tools))
        missing = specs[-1].failed if specs[-1].unavailable else missing
    ends = End(utf8(base), ours.hash), End(utf8(head or NOW), theirs.hash if head else "")
    return _ended(
        Diff(
            Diff.SCHEMA,
            *ends,
            tuple(specs),
            unchanged=found.unchanged,
            unreadable=tuple(map(utf8, found.unreadable)),
            lenient=bool(timing and timing.lenient),
            notes=notes,
        )
    )


def _ended(diff: Diff) -> Diff:
    return replace(diff, exit_code=most_severe(diff.failures).exit_code) if diff.failures else diff


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


def _asked_of(words: Sequence[str | Word], asked: Asked) -> list[Asked]:
    """Return what is asked of each word: what is about runs of files of those alone that can be run.

    UsageError where none can.
    """
    if not (asked.execute or asked.data):
        return [asked] * len(words)
    reached = [[one for one in files([word]) if isinstance(one, Word)] for word in words]
    takes = [any(source_of(one).has_inputs for one in each) for each in reached]
    if not any(takes):
        list(named(words, asked))  # it says what none of the words takes
    return [asked if each else Asked(precision=asked.precision) for each in takes]


def _read(word: str | Word, asked: Asked) -> Named:
    """Read the one network that a word names, as written."""
    found = list(named([word], asked))
    if len(found) != 1:
        text = word.text if isinstance(word, Word) else word
        raise UsageError(f"{text}: holds {len(found)} networks; name one, or compare all with --base REVISION {text}")
    return found[0]


def _side(one: Named, kinds: Sequence[tuple[str, str]] = ()) -> _Side:
    """Return the one network of a word, called by the word and by the kinds that it was given."""
    if one.problem:
        raise one.problem
    if len(one.models) > 1 or (one.models[0].timed_as and not one.models[0].count.rows):
        raise UsageError(f"{one.word.name}: holds no layers to compare; name what was timed, or use costlens compare")
    (model,) = one.models
    if not (one.word.variant or one.word.kinds or kinds) and AS_WRITTEN not in model.names and model.count.variant:
        held = ", ".join(model.names)
        raise UsageError(f"{one.word.name}: holds no network as written, only {held}; report on it without --variant")
    tree = one.word.tree
    called = " ".join(filter(None, (utf8(one.word.text), utf8(written(kinds)))))
    return _Side(End(called, tree.hash if isinstance(tree, Commit) else ""), model)


def _of_twins(
    twins: Twins, base: Tree, head: Tree, asked: Asked, timing: Timing | None, missing: str, tools: Tools
) -> SpecDiff:
    """Compare one spec; what cannot be read does not stop the others."""
    path = utf8(twins.head or twins.base or "")
    was = _was(utf8(twins.base or path), path)
    ours, theirs = _attempted(base, twins.base, asked), _attempted(head, twins.head, asked)
    old = ours if isinstance(ours, _Side) else None
    if isinstance(theirs, UsageError):
        name = old.model.count.name if old else ""
        return SpecDiff(path, was, name, "broken", problems=_problems(theirs, path, head))
    if old and theirs:
        found = _compared(old, theirs, path, was)
        return _timed(found, old, theirs, timing, tools, missing) if timing else found
    untimed = "there is one side only, and nothing to compare it with" if timing else ""
    if isinstance(ours, UsageError):
        return replace(_one_sided(old, theirs, path, was, "base_broken"), base_problem=utf8(str(ours)), untimed=untimed)
    return replace(_one_sided(old, theirs, path, was, "added" if theirs else "deleted"), untimed=untimed)


def _attempted(tree: Tree, path: str | None, asked: Asked) -> _Side | UsageError | None:
    if path is None:
        return None
    word = Word(path, Path(path), tree=tree)
    (one,) = named([word], asked if source_of(word).has_inputs else Asked(precision=asked.precision))
    return one.problem or _side(one)


def _was(base: str, head: str) -> str:
    return "" if base == head else base


def _problems(error: UsageError, file: str, tree: Tree | None = None) -> tuple[Problem, ...]:
    """Return what is wrong with a head, with the paths of its files; a revision is named in the message."""
    found = error.problems if isinstance(error, SpecError) else (Problem(file, 1, 1, "", str(error)),)
    revision = tree.name[:_SHOWN] if isinstance(tree, Commit) else ""
    suffix = f" (in {revision})" if revision else ""
    return tuple(
        replace(
            problem,
            file=utf8(problem.file.removeprefix(f"{revision}:") if revision else problem.file),
            message=utf8(f"{problem.message}{suffix}"),
        )
        for problem in found
    )


def _compared(base: _Side, head: _Side, path: str, was: str) -> SpecDiff:
    one, other = (
        Counted(model.count, model.knobs, fields_of(model.graph) if model.graph else None)
        for model in (base.model, head.model)
    )
    found = layers(one, other)
    sums = totals(one.count, other.count)
    moved = any(total.delta for total in sums)
    costs = any(change.params.delta or change.macs.delta or change.live_bytes.delta for change in found.changes)
    ours, theirs = base.model.graph, head.model.graph
    known = ours is not None and theirs is not None
    same_graph = known and all(getattr(ours, part) == getattr(theirs, part) for part in ("inputs", "nodes", "outputs"))
    same_formulas = one.count.formulas == other.count.formulas
    decisive = (total for total in sums if total.figure not in _FOLLOW)
    settled = same_formulas and all(total.sure or total.unknown for total in decisive)
    same_cost = not (moved or costs) and (same_graph or settled)
    return replace(
        _one_sided(base, head, path, was, "same_cost" if same_cost else "changed"),
        same_graph=same_graph,
        params_of=params_of(one.count, other.count),
        knobs=knob_changes(one.knobs, other.knobs, renamed=same_graph or not known),
        changes=found.changes,
        unchanged_rows=found.unchanged,
    )


def _one_sided(base: _Side | None, head: _Side | None, path: str, was: str, standing: Standing) -> SpecDiff:
    """Return what can be told though a side may be missing."""
    one, other = (side.model.count if side else None for side in (base, head))
    return SpecDiff(
        path=path,
        was=was,
        name=shown.name if (shown := other or one) else "",
        standing=standing,
        totals=totals(one, other),
        peak_at=peak_at(one, other),
        base_uncounted=_uncounted(one),
        head_uncounted=_uncounted(other),
    )


def _uncounted(count: ModelCount | None) -> tuple[str, ...]:
    """Return what the figures of a side lack; of MACs that depend on a size, the formula."""
    if count is None:
        return ()
    macs = count.formulas.get("macs")
    return (*count.uncounted, f"MACs = {macs}; give the axes sizes: ?NAME=SIZE") if macs else count.uncounted


def _timed(found: SpecDiff, base: _Side, head: _Side, timing: Timing, tools: Tools, missing: str = "") -> SpecDiff:
    """Export both sides and time them in one comparison; what goes wrong with one spec does not stop the others.

    ``missing`` is what another spec found missing: it is not tried again.
    """
    sides = [replace(side.model, label=label) for label, side in ((BASE, base), (HEAD, head))]
    for side in (base, head):
        if not side.model.is_exported and side.model.file is None:
            raise UsageError(f"--bench: {side.end.name}: a report holds no file to run; name its spec")
    if found.same_graph:
        return replace(found, untimed="the network is the same, layer for layer: there is nothing to time")
    if missing:
        return replace(found, failed=missing, unavailable=True)
    try:
        require_runtime(timing.plan)
        plan = suited(timing.plan, sides)
        ready = prepare(sides, tools, plan)
        if ready.failed:
            return replace(found, failed="; ".join(f"{one.label}: {one.reason}" for one in ready.failed))
        if disputed := next((model for model in ready.models if model.disagreement), None):
            return replace(found, disagreement=f"{disputed.label}: {disputed.disagreement}")
        return found.measured(time_side_by_side(ready.models, BASE, plan, tools))
    except Exception as error:  # what a framework raises on one network says nothing about the next
        return replace(found, failed=why(error), unavailable=isinstance(error, RuntimeUnavailable))
