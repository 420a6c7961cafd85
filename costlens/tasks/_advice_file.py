"""The file of advice: a spec's text with the kinds that were chosen, or a model file with these convolutions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import UsageError
from costlens.results.counts import AS_WRITTEN
from costlens.sources._source import Asked
from costlens.storage.files import require_new, write_new
from costlens.tasks.export import write_variant
from costlens.tasks.new import variant_as_spec

if TYPE_CHECKING:
    from costlens.sources._source import Model
    from costlens.tasks._changeable import Changeable
    from costlens.tasks._tools import Tools
    from costlens.tasks.new import Written

_SPEC, _FILE = (".yaml", ".yml"), (".onnx",)


def require_target(target: Path, network: Changeable) -> None:
    """Raise UsageError where something has this name, or where its ending is not that of what results."""
    require_new(target)
    is_spec = network.model.graph is not None
    if target.suffix.lower() not in (_SPEC if is_spec else _FILE):
        what, ending = ("a spec", _SPEC[0]) if is_spec else ("an ONNX file", _FILE[0])
        raise UsageError(f"{target}: {what} results; name it {target.with_suffix(ending).name} with -o")


def write(network: Changeable, kinds: Mapping[str, str], target: Path, tools: Tools) -> None:
    """Write what results: the spec of a spec, and of a model file a file that a run of it proves.

    Raises UsageError, ExportError or VerificationError.
    """
    if network.model.graph is None:
        write_variant(network.made(kinds), target, tools)
        return
    made = _as_spec(network.model, kinds, target)
    write_new(target, made.text, made.files)


def _as_spec(model: Model, kinds: Mapping[str, str], file: Path) -> Written:
    """Return the spec of what results: a spec's text with ``kinds``, named as the file that it is for.

    UsageError where the network is not that of a spec on disk.
    """
    variant = model.count.variant
    before = model.count.mixes.get(variant) or ({} if variant == AS_WRITTEN else {"*": variant})
    plain = replace(model.word, variant="", kinds=())
    rules = tuple({**before, **kinds}.items())
    name = re.sub(r"[^A-Za-z0-9_-]", "_", file.stem)[:100]
    asked = Asked(kinds=rules) if rules else Asked()
    return variant_as_spec(plain, asked, name=name if name[:1].isalpha() else "", folder=file.parent)
