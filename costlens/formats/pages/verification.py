"""Verified specs: what was proven, on what, how long it took, and a line each variant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from costlens.arithmetic import units
from costlens.formats.pages import ledger
from costlens.results.columns import COUNT, NAMES, ONE_DECIMAL, WORD, Column, Unit
from costlens.results.page import Block, Finding, Heading, Items, Line, Mark, Page, Say, Style, Table
from costlens.results.verification import Verdict, Verification, Verified, VerifiedSpec, VerifiedVariant

_INTRO: Line = (
    "Every variant of every spec is built in Keras with random weights and exported to ONNX. Parameters and MACs are "
    "counted from the spec, from the Keras layers' shapes and from the file's graph, row by row; each weight of the "
    "file is compared with Keras's own, and so are the outputs of both on random inputs. A line ",
    Mark("agrees", "emphasis"),
    " where all of that does. The README says what each check is.",
)
_EXPLAINED: Line = (
    Mark("deployed", "emphasis"),
    ": parameters of the file, BatchNorm folded. ",
    Mark("outputs", "emphasis"),
    ": largest difference between Keras and the file, relative to the largest output, 1e-4 allowed. ",
    Mark("weights", "emphasis"),
    ": the same of weights, 1e-5 allowed. ",
    Mark("s", "emphasis"),
    ": seconds to build, export and compare. Variants with the same graph share a line.",
)
_STYLES: dict[str, Style] = {"DISAGREES": "alarm", "failed": "alarm", "agrees": "good"}
_NAMES = 50
_MINUTE_S = 60


def page(verification: Verification) -> Page:
    """Return the page of all specs."""
    wrong: list[Block] = [Heading("What is wrong"), Items(verification.problems)] if verification.problems else []
    blocks = [
        Say(summary(verification), tone="strong"),
        Say(_INTRO),
        Items(_made(verification)),
        *wrong,
        Heading("Line by line"),
        Table(_COLUMNS, [*_lines(verification)]),
        Say(_EXPLAINED),
    ]
    return Page(
        "Verification",
        blocks,
        verification,
        level=1,
        findings=[*_findings(verification)],
        summary=summary(verification),
        name="costlens verify",
    )


def of_spec(verified: Verified, *, whole: bool) -> Page:
    """Return what a terminal shows of one spec: every ledger where ``whole``, else those that disagree."""
    spec = verified.spec
    blocks: list[Block] = [Say(f"{spec.file}: cannot be read", tone="alarm")] if spec.problem else []
    blocks += [ledger.table(each) for each in verified.ledgers if whole or not each.ok]
    if not whole:
        blocks.append(Items(_line(spec.name, found) for found in spec.variants))
    return Page(spec.name, blocks)


def _line(name: str, found: VerifiedVariant) -> Line:
    took = f"  {duration(found.seconds)}" if found.made else ""
    verdict = Mark(found.verdict, _STYLES[found.verdict])
    return (f"{name} · {found.names}".ljust(_NAMES) + " ", verdict, Mark(took, "dim"))


def summary(verification: Verification) -> str:
    """Say in one sentence what was found.

    >>> summary(Verification("costlens.verification/1", ()))
    '0 specs, 0 variants: nothing was verified.'
    """
    found = Counter(variant.verdict for variant in verification.variants)
    unread = sum(bool(spec.problem) for spec in verification.specs)
    said = [f"{count} {verdict.lower()}" for verdict, count in found.items() if verdict != "agrees"]
    said += [f"{units.plural(unread, 'spec')} cannot be read"] if unread else []
    whole = "every check agrees" if verification.variants else "nothing was verified"
    specs, variants = len(verification.specs), len(verification.variants)
    return f"{units.plural(specs, 'spec')}, {units.plural(variants, 'variant')}: {', '.join(said) or whole}."


def _made(verification: Verification) -> list[str]:
    """Say when, for how long and with what; specs verified on the same machine with the same tools share a line."""
    days = sorted({variant.made for variant in verification.variants if variant.made})
    seconds = sum(variant.seconds for variant in verification.variants)
    on = Counter(_place(spec) for spec in verification.specs if spec.machine)
    when = "" if not days else f", {days[0]}" if len(days) == 1 else f", {days[0]} to {days[-1]}"
    took = f"{duration(seconds)} to build, export and compare, one after the other{when}"
    return [took, *(f"{units.plural(number, 'spec')} on {place}" for place, number in sorted(on.items()))]


def _place(spec: VerifiedSpec) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in spec.versions.items())
    machine = spec.machine
    if machine is None:
        return versions
    memory = f", {units.bytes_(machine.memory_bytes)}" if machine.memory_bytes else ""
    cores = units.plural(machine.cores_usable, "core")
    return f"{machine.cpu}, {cores}{memory}, {machine.os}, Python {machine.python}; {versions}"


def duration(seconds: float) -> str:
    """Write how long something took.

    >>> duration(7.26), duration(3723)
    ('7.3 s', '62 min 3 s')
    """
    if seconds < _MINUTE_S:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE_S)
    return f"{minutes} min {rest} s"


@dataclass(frozen=True, slots=True)
class _Row:
    """A variant, with the network's name on its first line; or a spec that cannot be read."""

    network: str
    found: VerifiedVariant | None = None


def _lines(verification: Verification) -> Iterator[_Row]:
    for spec in verification.specs:
        if spec.problem:
            yield _Row(spec.file)
        for index, found in enumerate(spec.variants):
            yield _Row(spec.name if index == 0 else "", found)


def _figure(name: str) -> Callable[[_Row], Any]:
    return lambda row: row.found and getattr(row.found, name)


def _difference(name: str) -> Callable[[_Row], Any]:
    def written(row: _Row) -> Any:
        value = row.found and getattr(row.found, name)
        return value or ("0" if value == 0 else None)

    return written


def _verdict(row: _Row) -> Any:
    if row.found is None:
        return Mark("cannot be read", "alarm")
    return "agrees" if row.found.verdict == "agrees" else Mark(row.found.verdict, "alarm")


_SCIENTIFIC = Unit("{:.1e}".format)
_COLUMNS: tuple[Column[_Row], ...] = (
    Column("network", "network"),
    Column("variant", "variant", NAMES, _figure("names")),
    Column("params", "parameters", COUNT, _figure("params")),
    Column("macs", "MACs", COUNT, _figure("macs"), priority=1),
    Column("deployed_params", "deployed", COUNT, _figure("deployed_params"), priority=3),
    Column("output_difference", "outputs", _SCIENTIFIC, _difference("output_difference"), priority=2),
    Column("weight_difference", "weights", _SCIENTIFIC, _difference("weight_difference"), priority=2),
    Column("verdict", "", WORD, _verdict),
    Column("seconds", "s", ONE_DECIMAL, lambda row: row.found.seconds if row.found and row.found.made else None, 4),
)


def _findings(verification: Verification) -> Iterator[Finding]:
    """Yield a finding for each variant, and for each spec that cannot be read."""
    outcomes: dict[Verdict, Any] = {"agrees": "passed", "DISAGREES": "failure", "failed": "error"}
    for spec in verification.specs:
        if spec.problem:
            yield Finding(
                "error", spec.file, spec.file, spec.problem, "error", "costlens verify", "unreadable", spec.file
            )
        for found in spec.variants:
            level: Any = "error" if found.problem else ""
            title = f"{spec.name}: {found.names} {found.verdict}"
            outcome = outcomes[found.verdict]
            yield Finding(outcome, spec.file, found.names, found.problem, level, title, found.verdict, spec.file)
