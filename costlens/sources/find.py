"""Words → the models that they name, each with its own label; equal words give equal labels in every command."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import costlens.sources
from costlens.arithmetic.precision import Precision
from costlens.discovery import class_in, module_names
from costlens.errors import UsageError, did_you_mean
from costlens.network.variants import MIXED, kind_names
from costlens.results.counts import AS_WRITTEN
from costlens.results.names import numbered
from costlens.results.precision import in_precision
from costlens.sources._folder import expanded
from costlens.sources._source import ALL, Asked, Model, Source
from costlens.sources._variants import UnknownVariantError
from costlens.sources._word import Word, word
from costlens.spec.source import OUTSIDE, is_outside

IDLE = "{}: no spec in its repository includes these blocks"
_HEAD_BYTES = 64
_HAVE_KINDS = "name a spec, an ONNX file or a Keras model"
_HAVE_VARIANTS = f"{_HAVE_KINDS}, or a report that holds some"


@dataclass(frozen=True, slots=True)
class Named:
    """What one file yields: its models, labelled by variant, or its problem."""

    word: Word
    models: tuple[Model, ...] = ()
    problem: UsageError | None = None


def models(words: Sequence[str | Word], asked: Asked) -> list[Model]:
    """Return the models that words name, each with its own label; UsageError with all problems of the words.

    For one file the label is the variant. For several it is the network's name, then the variant where variants are
    named, then the knobs. Equal labels get the file's name, and a number where that is equal, too.
    """
    found = networks(words, asked)
    alone = len(found) == 1
    made = [model if alone else replace(model, label=_label(model, asked)) for one in found for model in one.models]
    labels = told_apart([(model.label, model.word.name) for model in made])
    return [replace(model, label=label) for model, label in zip(made, labels, strict=True)]


def networks(words: Sequence[str | Word], asked: Asked) -> list[Named]:
    """Return what each file that words name yields; UsageError with the problems of all of them."""
    found = list(named(words, asked))
    problems = [str(one.problem or IDLE.format(one.word.name)) for one in found if not one.models]
    if problems:
        raise UsageError("\n".join(dict.fromkeys("\n".join(problems).splitlines())))
    return found


def named(words: Sequence[str | Word], asked: Asked) -> Iterator[Named]:
    """Yield what each file that words name yields, each file once. A file with a problem does not stop the others.

    Knobs go to specs. Where no spec is named, sizes go to the model files that have such an axis. UsageError for a
    variant that does not exist, and for options that none of the words takes.
    """
    found = list(files(words))
    by_source = [(one, source_of(one)) for one in found if isinstance(one, Word)]
    _refuse_idle(asked, [source for _, source in by_source])
    sized = _sized(asked.settings, by_source)
    variants = asked.wanted(asked.alone if len(found) == 1 else asked.each)
    if (asked.only or asked.without) and {*variants} <= {AS_WRITTEN, MIXED}:
        raise UsageError("--only and --except say which convolutions --variant is about; add --variant separable, say")

    def read(one: Word | Named) -> Named:
        if isinstance(one, Named):
            return one
        source = source_of(one)
        settings = sized.get(one, {}) if source.has_sizes else asked.settings
        return _read(one, source, replace(asked, settings=settings), variants)

    if set(asked.variants) <= {AS_WRITTEN, ALL, MIXED, *kind_names()}:
        yield from map(read, found)
        return
    ready = [read(one) for one in found]  # a name that no spec has is one mistake
    unknown = [one.problem for one in ready if isinstance(one.problem, UnknownVariantError)]
    if unknown and len(unknown) == len(ready):
        raise unknown[0]
    yield from (_of_its_file(one) for one in ready)


def _of_its_file(one: Named) -> Named:
    """Say of a variant that a spec lacks which spec that is, where others have it."""
    if not isinstance(one.problem, UnknownVariantError):
        return one
    return replace(one, problem=UsageError(f"{one.word.name}: {one.problem}"))


def files(words: Sequence[str | Word]) -> Iterator[Word | Named]:
    """Yield a word for each file that words lead to, and a problem for each word that leads to none.

    A blocks file that no spec includes yields neither models nor a problem.
    """
    seen: dict[tuple[object, ...], bool] = {}  # a file named twice is meant twice, one found again is not
    for given in words:
        try:
            start = given if isinstance(given, Word) else word(given)
            reached = expanded(start, sources())
        except UsageError as error:
            yield Named(given if isinstance(given, Word) else Word(given, Path(given)), problem=error)
            continue
        if not reached:
            yield Named(start)
        for one in reached:
            key = (one.tree, one.path, one.variant, one.kinds, id(one.live), repr(one.settings))
            if key not in seen or (one.named and seen[key]):
                yield _inside(one)
            seen.setdefault(key, one.named)


def _inside(one: Word) -> Word | Named:
    """Return a word, or its problem where its file was only found and lies outside the repository."""
    strays = not (one.named or one.tree) and is_outside(str(one.path), str(one.path))
    return Named(one, problem=UsageError(f"{one.path}: {OUTSIDE}")) if strays else one


@cache
def sources() -> tuple[Source, ...]:
    """Return one object of each source, sorted by name."""
    package = costlens.sources
    names = [name for name in module_names(package.__path__) if name != "find"]
    return tuple(class_in(package.__name__, name, Source)() for name in names)  # type: ignore[type-abstract]


def source_of(one: Word) -> Source:
    """Return the source of a file: by its suffix, else by its first bytes, else it is a spec; or that of code.

    Where several sources have a suffix, the file's first bytes decide.
    """
    if one.code or one.live is not None:
        return next(source for source in sources() if source.runs_code)
    suffix = one.path.suffix.lower()
    by_suffix = [source for source in sources() if suffix in source.suffixes]
    if len(by_suffix) == 1:
        return by_suffix[0]
    head = b"" if suffix in (".yaml", ".yml") else _head(one)
    by_content = (source for source in by_suffix or sources() if head and source.claims(head))
    plain = (source for source in sources() if not source.suffixes)
    return next(by_content, None) or next(iter(by_suffix), None) or next(plain)


def _head(one: Word) -> bytes:
    try:
        if one.tree:
            return one.tree.read(one.path.as_posix(), _HEAD_BYTES)
        if not one.path.is_file():
            return b""
        with one.path.open("rb") as stream:
            return stream.read(_HEAD_BYTES)
    except (UsageError, OSError, ValueError):
        return b""


def _read(one: Word, source: Source, asked: Asked, variants: tuple[str, ...]) -> Named:
    try:
        if one.settings and not (source.has_knobs or source.has_sizes):
            raise UsageError(f"{one.text}: {source.what} has no knobs; leave out what comes after ?, or name the spec")
        if one.variant and not source.has_variants:
            raise UsageError(f"{one.text}: {source.what} has no variants; leave out :{one.variant}")
        if asked.kinds and not source.has_kinds:
            raise UsageError(f"{one.text}: --kind: {source.what} holds its convolutions as they are; {_HAVE_KINDS}")
        if (one.variant or one.kinds) and asked.kinds:
            raise UsageError(f"{one.text}: names a variant itself; leave out --kind, or the variant")
        if one.kinds:
            asked, variants = replace(asked, kinds=one.kinds), (MIXED,)
        if one.variant and asked.variants and asked.variants != (one.variant,):
            raise UsageError(f"{one.text}: names a variant itself; leave out --variant, or :{one.variant}")
        if one.variant:
            asked, variants = replace(asked, variants=(one.variant,)), (one.variant,)
        made = source.models(one, asked, variants=variants)
        if asked.precision:
            made = [_in_precision(model, asked.precision) for model in made]
        return Named(one, tuple(made))
    except UsageError as error:
        return Named(one, problem=error)


def _in_precision(model: Model, precision: Precision) -> Model:
    """Return a model with its sizes in a precision; a graph was counted so."""
    if model.graph is not None:
        return model
    try:
        return replace(model, count=in_precision(model.count, precision))
    except UsageError as error:
        raise UsageError(f"{model.word.name}: --precision {precision}: {error}") from None


def _sized(settings: Mapping[str, object], found: Sequence[tuple[Word, Source]]) -> dict[Word, dict[str, object]]:
    """Return the sizes that each model file takes; UsageError for one that none of them has."""
    if not settings or any(source.has_knobs for _, source in found):
        return {}
    names = {one: _sizes_to_give(one, source) for one, source in found if source.has_sizes}
    known = list(dict.fromkeys(name for each in names.values() for name in each or ()))
    for name, value in settings.items():
        if name not in known and None not in names.values():
            guess = did_you_mean(name, known) or f"; it could be one of {', '.join(known)}"
            raise UsageError(f"--set {name}={value}: no model here has an axis or an input {name}{guess}")
    return {
        one: {name: value for name, value in settings.items() if each is None or name in each}
        for one, each in names.items()
    }


def _sizes_to_give(one: Word, source: Source) -> tuple[str, ...] | None:
    try:
        return source.sizes(one)
    except UsageError:  # its reader says what is wrong with it
        return None


def _refuse_idle(asked: Asked, kinds: Sequence[Source]) -> None:
    """Refuse options that none of the words takes."""
    if asked.settings and kinds and not any(source.has_knobs or source.has_sizes for source in kinds):
        raise UsageError("--set is for specs and model files, and none is named; leave it out, or name one")
    for option, wanted in (("--execute", asked.execute), ("--input-data", asked.data)):
        if wanted and kinds and not any(source.has_inputs for source in kinds):
            raise UsageError(f"{option} is for ONNX files, and none is named; leave it out, or name one")
    if asked.variants and kinds and not any(source.has_variants for source in kinds):
        raise UsageError(f"--variant: {kinds[0].what} has no variants; {_HAVE_VARIANTS}, or leave it out")
    if asked.kinds and kinds and not any(source.has_kinds for source in kinds):
        raise UsageError(f"--kind: {kinds[0].what} holds its convolutions as they are; {_HAVE_KINDS}, or leave it out")


def _label(model: Model, asked: Asked) -> str:
    if not model.count.variant or model.timed_as not in ("", model.count.variant):
        name = model.label
    elif asked.variants or asked.kinds or model.word.variant or AS_WRITTEN not in model.names:
        name = f"{model.count.name}:{model.count.variant}"
    else:
        name = model.count.name
    return f"{name} ({model.word.knobs})" if model.word.settings else name


def told_apart(named: Sequence[tuple[str, str]]) -> list[str]:
    """Return labels that differ. Each is given with its file, whose name is added to equal labels.

    >>> told_apart([("a", "x.onnx"), ("b", "b.yaml"), ("a", "y.onnx"), ("a", "y.onnx")])
    ['a (x.onnx)', 'b', 'a (y.onnx)', 'a (y.onnx) #2']
    """
    times = Counter(label for label, _ in named)
    return numbered([f"{label} ({file})" if times[label] > 1 else label for label, file in named])


def by_name(found: Sequence[Model], name: str) -> Model | None:
    """Return the model with this label, or one whose graph is that of a variant of this name."""
    for one in found:
        count = one.count
        is_variant = one.label == count.variant
        others = count.also if is_variant else tuple(f"{count.name}:{variant}" for variant in one.names)
        if name in (one.label, *others):
            return one
    return None


def require(found: Sequence[Model], ability: str, task: str) -> None:
    """Raise UsageError where models lack an ability; it says which, and why the task needs it."""
    lacking = dict.fromkeys(
        f"{model.word.name}: {source_of(model.word).lacks.get(ability, f'it has no {ability}')}: {task}"
        for model in found
        if getattr(model, ability) is None
    )
    if lacking:
        raise UsageError("\n".join(lacking))


def require_one_variant(asked: Asked, task: str) -> None:
    """Raise UsageError where a task that works on one variant is asked for several."""
    names = asked.wanted((AS_WRITTEN,))
    if ALL not in names and len(names) == 1:
        return
    received = f"received --variant {', '.join(asked.variants)}"
    if asked.kinds:
        raise UsageError(f"{task} one variant, {received} and --kind, which makes one more; leave one of them out")
    raise UsageError(
        f"{task} one variant, {received}; name one of {', '.join((AS_WRITTEN, *kind_names()))}, or its own"
    )


def one_file(words: Sequence[str | Word], task: str) -> str | Word:
    """Return the one word of a task that works on one network; UsageError where words lead to several files."""
    found = [one for one in files(words) if isinstance(one, Word)]
    if len(found) > 1:
        first, second = found[0].text, found[1].text
        raise UsageError(f"{task} takes one network, received {len(found)}: {first}, {second}…; name one of them")
    return found[0] if found else words[0]
