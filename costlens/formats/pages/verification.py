"""Verified specs: what was proven, on what, how long it took, and a line each variant."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from costlens.arithmetic import units
from costlens.formats.pages import ledger
from costlens.results.columns import COUNT, NAMES, ONE_DECIMAL, WORD, Column, Unit
from costlens.results.names import noun
from costlens.results.page import Block, Finding, Heading, Items, Level, Line, Mark, Outcome, Page, Say, Style, Table
from costlens.results.verification import ProofVerdict, Verification, Verified, VerifiedSpec, VerifiedVariant

_INTRO: Line = (
    "Every variant of every spec is built in Keras with random weights and exported to ONNX. Parameters and MACs are "
    "counted from the spec, from the Keras layers' shapes and from the file's graph, row by row; each weight of the "
    "file is compared with Keras's own, and so are the outputs of both on random inputs. A line ",
    Mark("agrees", "emphasis"),
    " where all of that does. costlens docs counting says what each check is.",
)
_OF_FILES: Line = (
    "A model file is run once on random inputs, and its MACs by its graph are compared with those by the sizes of the "
    "run. A Keras model is exported to ONNX, and MACs and outputs of both are compared."
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
_STYLES: dict[ProofVerdict, Style] = {"DISAGREES": "alarm", "failed": "alarm", "too large": "dim", "agrees": "good"}
_NAMES = 50
_MINUTE_S = 60


def page(verification: Verification) -> Page:
    """Return the page of all specs."""
    said, wrong = summary(verification), [*map(str, verification.failures)]
    blocks: list[Block] = [
        Say(said, tone="strong"),
        *map(Say, _intro(verification)),
        Items(_made(verification)),
        *((Heading("What is wrong"), Items(wrong)) if wrong else ()),
        Heading("Line by line"),
        Table(_COLUMNS, [*_lines(verification)]),
        Say(_EXPLAINED),
        Items([found.problem for found in verification.variants if found.verdict == "too large"]),
    ]
    findings = [*_findings(verification)]
    return Page("Verification", blocks, verification, 1, findings=findings, summary=said, name="costlens verify")


def _intro(verification: Verification) -> list[Line]:
    """Say what was compared: of specs, which have variants, and of models, which have none."""
    kinds = {bool(variant.variant) for variant in verification.variants} or {True}
    return [said for said, has_variants in ((_INTRO, True), (_OF_FILES, False)) if has_variants in kinds]


def of_spec(verified: Verified, *, whole: bool) -> Page:
    """Return what a terminal shows of one spec: every ledger where ``whole``, else those that disagree."""
    spec = verified.spec
    blocks: list[Block] = [Say(f"{spec.file}: cannot be read", tone="alarm")] if spec.problem else []
    blocks += [ledger.table(each) for each in verified.ledgers if whole or not each.ok]
    return Page(spec.name, blocks if whole else [*blocks, Items(_line(_called(spec), each) for each in spec.variants)])


def _called(spec: VerifiedSpec) -> str:
    """Name a spec by its name, and a model by its file: files of one network have one name."""
    return spec.name if any(variant.variant for variant in spec.variants) else spec.file.rpartition("/")[2]


def _line(name: str, found: VerifiedVariant) -> Line:
    took = f"  {duration(found.seconds)}" if found.made else ""
    verdict = Mark(found.verdict, _STYLES[found.verdict])
    return (" · ".join(filter(None, (name, found.names))).ljust(_NAMES) + " ", verdict, Mark(took, "dim"))


def summary(verification: Verification) -> str:
    """Say in one sentence what was found.

    >>> summary(Verification("costlens.verification/1", ()))
    '0 specs, 0 variants: nothing was verified.'
    """
    found = Counter(variant.verdict for variant in verification.variants)
    unread = [spec.file for spec in verification.specs if spec.problem]
    said = [f"{count} {verdict.lower()}" for verdict, count in found.items() if verdict != "agrees"]
    said += [f"{units.plural(len(unread), noun(unread))} cannot be read"] if unread else []
    whole = found["agrees"] and not (found["DISAGREES"] or found["failed"] or unread)
    said = ["every check agrees", *said] if whole else said or ["nothing was verified"]
    counted = [units.plural(len(verification.specs), noun(spec.file for spec in verification.specs))]
    if not verification.variants or any(variant.variant for variant in verification.variants):
        counted.append(units.plural(len(verification.variants), "variant"))
    return f"{', '.join(counted)}: {', '.join(said)}."


def _made(verification: Verification) -> list[str]:
    """Say when, for how long and with what; specs verified on the same machine with the same tools share a line."""
    days = sorted({variant.made for variant in verification.variants if variant.made})
    seconds = sum(variant.seconds for variant in verification.variants)
    on = Counter(_place(spec) for spec in verification.specs if spec.machine)
    when = "" if not days else f", {days[0]}" if len(days) == 1 else f", {days[0]} to {days[-1]}"
    called = noun(spec.file for spec in verification.specs)
    took = f"{duration(seconds)} to build, export and compare, one after the other{when}"
    return [took, *(f"{units.plural(number, called)} on {place}" for place, number in sorted(on.items()))]


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
            yield _Row(_called(spec) if index == 0 else "", found)


def _verdict(row: _Row) -> Any:
    if row.found is None:
        return Mark("cannot be read", "alarm")
    return "agrees" if row.found.verdict == "agrees" else Mark(row.found.verdict, "alarm")


def _difference(name: str, header: str) -> Column[_Row]:
    def value(row: _Row) -> Any:
        found = getattr(row.found, name, None)
        return "0" if found == 0 else found

    return Column(name, header, Unit("{:.1e}".format), value, priority=2)


_COLUMNS: tuple[Column[_Row], ...] = (
    Column("network", "network"),
    Column("variant", "variant", NAMES, "found.names"),
    Column("params", "parameters", COUNT, "found.params"),
    Column("macs", "MACs", COUNT, "found.macs", priority=1),
    Column("deployed_params", "deployed", COUNT, "found.deployed_params", priority=3),
    _difference("output_difference", "outputs"),
    _difference("weight_difference", "weights"),
    Column("verdict", "", WORD, _verdict),
    Column("seconds", "s", ONE_DECIMAL, lambda row: row.found.seconds if row.found and row.found.made else None, 4),
)
CHOICES = _COLUMNS
"""The columns that a reader can choose."""


def _findings(verification: Verification) -> Iterator[Finding]:
    """Yield a finding for each variant, and for each spec that cannot be read."""
    outcomes: dict[ProofVerdict, Outcome] = {
        "agrees": "passed",
        "DISAGREES": "failure",
        "too large": "skipped",
        "failed": "error",
    }
    for spec in verification.specs:
        file = spec.file
        if spec.problem:
            yield Finding("error", file, file, spec.problem, "error", "costlens verify", "unreadable", file)
        for found in spec.variants:
            level: Level = "error" if found.problem and found.verdict != "too large" else ""
            title = f"{spec.name}: {found.names} {found.verdict}"
            yield Finding(outcomes[found.verdict], file, found.names, found.problem, level, title, found.verdict, file)
