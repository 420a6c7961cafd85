"""``costlens verify``: words → models → the proof of each, by the facts of its export alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import RuntimeUnavailable
from costlens.results.verification import Verified, VerifiedSpec
from costlens.sources.find import IDLE, Named, named, require
from costlens.storage.cache import tool_versions
from costlens.tasks import _device_proof, _keras_proof, _proof
from costlens.tasks._timing import called
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.results.verification import Ledger, VerifiedVariant
    from costlens.sources._source import Asked, Model
    from costlens.sources._word import Word

TASK = "verify compares a network with its export, or a model file with a run of it"


def verify(
    words: Sequence[str | Word], asked: Asked, precisions: Sequence[str] = (), *, tools: Tools
) -> Iterator[Verified]:
    """Prove the networks that words name, one after the other; what fails is part of the result.

    precisions: those in which specs are also converted to TensorFlow Lite, and what the files store and allocate is
    compared with what is counted and planned. UsageError for a variant that does not exist, RuntimeUnavailable where
    the frameworks are missing.
    """
    found = list(named(words, asked))
    others = [model for one in found for model in one.models if model.keras is None and model.file is None]
    require([model for model in others if model.graph is None], "file", TASK)
    for one in found:
        if one.models or one.problem:
            yield _network(one, precisions, tools)
        else:
            tools.note(IDLE.format(one.word.name))


def _network(one: Named, precisions: Sequence[str], tools: Tools) -> Verified:
    from costlens.bench.machine import machine_facts

    file = one.word.name if one.word.tree or one.word.is_shipped else _relative(one.word.path)
    if one.problem:  # a network that cannot be read says nothing about the next
        return Verified(VerifiedSpec(file, "", (), {}, None, str(one.problem)))
    found, ledgers = [], []
    for index, model in enumerate(one.models):
        tools.observe("verify", index, len(one.models), called(model))
        if model.graph is not None:
            line, ledger = _proof.check(model.graph, model.count)
            if precisions and ledger is not None:
                line, ledger = _on_devices(model, line, ledger, precisions)
        elif model.keras is not None:
            line, ledger = _keras_proof.check(model)
        else:
            line, ledger = tools.prove_file(model)
        found.append(line)
        ledgers += [ledger] if ledger else []
    name = one.models[0].count.name
    return Verified(VerifiedSpec(file, name, tuple(found), tool_versions(), machine_facts()), tuple(ledgers))


def _on_devices(
    model: Model, line: VerifiedVariant, ledger: Ledger, precisions: Sequence[str]
) -> tuple[VerifiedVariant, Ledger]:
    """Add to a proof what files for devices say; what fails is part of the result."""
    from costlens.analysis.ledger import with_checks

    if model.graph is None:
        return line, ledger
    try:
        checks = _device_proof.checks(model.graph, model.count, precisions)
    except RuntimeUnavailable:
        raise
    except Exception as error:  # what a converter raises on one network says nothing about the next
        return replace(line, verdict="failed", problem=_proof.why(error)), ledger
    return with_checks(line, ledger, checks)


def _relative(path: Path) -> str:
    """Return a path relative to the working directory where it is below it."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except (OSError, ValueError):
        return str(path)
