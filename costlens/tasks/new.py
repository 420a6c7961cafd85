"""``costlens new --from``: a spec of one variant of a spec, or of a model that is none, once it is read and equal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from os.path import relpath
from pathlib import Path

from costlens.errors import UsageError
from costlens.network.graph import Graph
from costlens.results.counts import AS_WRITTEN
from costlens.sources._source import Asked
from costlens.sources._word import Word, word
from costlens.sources.find import models, require_one_variant, source_of
from costlens.spec.include import outline
from costlens.spec.loading import loads
from costlens.spec.rewritten import rewritten
from costlens.spec.source import beside as reader
from costlens.spec.source import decoded, from_disk

_KINDS_SAY = "kinds says which convolutions have another kind than is written."


@dataclass(frozen=True, slots=True)
class Written:
    """A spec's text, its name, and the blocks files that it includes, by the names that they have beside it.

    proven: what was compared with the model that it was made from, where that is no spec.
    """

    name: str
    text: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    proven: str = ""


def model_as_spec(given: str, asked: Asked, *, name: str = "", folder: Path | None = None) -> Written:
    """Return the spec of what a word names: one variant of a spec, or a model whose layers all have a kind.

    See ``variant_as_spec``, ``proven_spec`` and ``proven_file``.
    """
    source = word(given)
    if source.tree or source_of(source).has_knobs or (not source.code and source.path.is_dir()):
        return variant_as_spec(given, asked, name=name, folder=folder)
    if asked.variants or asked.kinds:
        raise UsageError(f"--from {given}: --variant and --kind are of a spec; write it as one first, without them")
    (model,) = models([source], asked)
    called = name or _as_name(model.label)
    if model.keras is None and model.origin != "onnx":
        raise UsageError(f"--from {given}: {_LACKING.get(model.origin, _NO_LAYERS)}")
    from costlens.tasks._recognised import proven_file, proven_spec

    if model.keras is None:
        found = proven_file(model, called)
    else:
        found = proven_spec(model, model.keras.make(), model.keras.sizes, called)
    return Written(called, found.text, proven=found.said)


_LACKING = {"keras": "a SavedModel holds operations and no layers; save the model as .keras"}
_NO_LAYERS = "expected a spec, a Keras model (.keras, .h5), an ONNX file (.onnx) or python:package.module:function"


def _as_name(label: str) -> str:
    """Return a label as the name of a spec."""
    cleaned = re.sub(r"[^A-Za-z0-9_-]", "_", label)[:100]
    return cleaned if cleaned[:1].isalpha() else f"model_{cleaned}"[:100]


def variant_as_spec(given: str | Word, asked: Asked, *, name: str = "", folder: Path | None = None) -> Written:
    """Return the spec of one variant of the spec that a word names: it counts and exports the same, row by row.

    name: that of the network; else its own, with the variant's unless it is as written. folder: where it is to lie,
    with copies of the files that it includes where that is not the folder of the spec. UsageError for what is no spec
    on disk, or several.
    """
    require_one_variant(asked, "new --from writes")
    source = given if isinstance(given, Word) else word(given)
    given = source.text
    if source.tree or source.code or source.path.is_dir() or not source_of(source).has_knobs:
        raise UsageError(f"--from {given}: expected one spec on disk, or the name of one that costlens list shows")
    (model,) = models([source], asked)
    graph, variant, file = model.graph, model.count.variant, str(source.path)
    if graph is None:
        raise UsageError(f"--from {given}: it has no graph")
    text = decoded(from_disk(file), file)
    is_copy = variant == AS_WRITTEN
    own = model.count.name if is_copy else f"{model.count.name}_{variant}"
    called = name or re.sub(r"[^A-Za-z0-9_-]", "_", own)[:100]
    files, includes = _files(source.path, text, folder)
    where = str((folder or source.path.parent) / f"{called}.yaml")
    rules = model.count.mixes.get(variant) or ({} if is_copy else {"*": variant})
    for kinds in (rules, _exact(graph)):
        made = rewritten(
            text,
            kinds,
            name=called,
            title=model.count.title if is_copy else f"{model.count.title} ({variant})",
            note=f"{source.path.name} as {variant}: {_KINDS_SAY}" if kinds else f"{source.path.name} as written.",
            knobs=source.settings,
            includes=includes,
        )
        read = loads(made, file=where, read=lambda at: files.get(Path(at).name) or reader(file)(at)).graph
        if (read.nodes, read.outputs) == (graph.nodes, graph.outputs):
            return Written(called, made, files)
    raise UsageError(f"--from {given}: its {variant} cannot be written as a spec, please report")


def _files(spec: Path, text: str, folder: Path | None) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return copies of the files that a spec includes, and their new names by the old ones; none where they stay."""
    if folder is None or folder.resolve() == spec.parent.resolve():
        return {}, {}
    included = outline(text, spec.as_posix()).includes
    files = {Path(each).name: reader(str(spec))(each) for each in included}
    names = {relpath(each, spec.parent).replace("\\", "/"): Path(each).name for each in included}
    return files, names


def _exact(graph: Graph) -> dict[str, str]:
    """Return the kind of each convolution that may be rewritten, by its name."""
    sites = (node.convolution for node in graph.nodes if node.convolution)
    return {site.name: site.kind for site in sites if not site.fixed}
