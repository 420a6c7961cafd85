"""The ledger of a variant, and what ``costlens verify`` found over many specs. ``verification.json`` is this."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from costlens.errors import CostlensError, ExportError, UsageError, VerificationError
from costlens.results.latency import MachineFacts
from costlens.results.shown import Shown
from costlens.results.stored import Document

Number = str | int | float
ProofVerdict = Literal["agrees", "DISAGREES", "too large", "failed"]


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """One check: what each count found, as (source, number), whether they agree, and what the numbers do not say."""

    name: str
    roads: tuple[tuple[str, Number], ...]
    agrees: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ledger(Shown):
    """All checks of one variant of one model."""

    model: str
    variant: str
    entries: tuple[CrossCheck, ...]

    @property
    def ok(self) -> bool:
        """Whether every check agrees; a ledger without checks proves nothing."""
        return bool(self.entries) and all(entry.agrees for entry in self.entries)

    @property
    def failures(self) -> tuple[CrossCheck, ...]:
        """The checks that do not agree."""
        return tuple(entry for entry in self.entries if not entry.agrees)

    @property
    def disagreement(self) -> str:
        """What does not agree, in one sentence; nothing where all does."""
        if self.ok:
            return ""
        wrong = "; ".join(f"{entry.name}: {entry.note}" if entry.note else entry.name for entry in self.failures)
        return f"its verification FAILED: {wrong or 'nothing was checked'}"


@dataclass(frozen=True, slots=True)
class VerifiedVariant:
    """One variant: what its spec counts, and how far Keras and the ONNX file are from it and from each other.

    The differences are the largest of all outputs and all rows, relative to the largest value of the output and the
    largest weight of the row; a word where there is no number. ``also`` names the variants whose graph is the same.
    ``seconds`` is how long building, exporting and comparing took, ``made`` the day (UTC). ``problem`` is what
    disagrees, or why there is nothing to compare.
    """

    variant: str
    also: tuple[str, ...]
    params: int | None
    macs: int | None
    deployed_params: int | None
    verdict: ProofVerdict
    output_difference: Number | None = None
    weight_difference: Number | None = None
    seconds: float = 0.0
    made: str = ""
    problem: str = ""

    @property
    def names(self) -> str:
        """All its names."""
        return " = ".join((self.variant, *self.also))


@dataclass(frozen=True, slots=True)
class VerifiedSpec:
    """One spec at its own knobs, with the tools and the machine it was verified on; or why it cannot be read."""

    file: str
    name: str
    variants: tuple[VerifiedVariant, ...]
    versions: dict[str, str]
    machine: MachineFacts | None
    problem: str = ""

    @property
    def failures(self) -> list[CostlensError]:
        """What is wrong, an error each. A variant too large for a file is not, where another one was compared."""
        wrong: list[CostlensError] = [UsageError(self.problem)] if self.problem else []
        compared = any(found.verdict in ("agrees", "DISAGREES") for found in self.variants)
        for found in self.variants:
            if found.problem and not (found.verdict == "too large" and compared):
                kind = VerificationError if found.verdict == "DISAGREES" else ExportError
                wrong.append(kind(": ".join(filter(None, (self.file, found.names, found.problem)))))
        return wrong


@dataclass(frozen=True, slots=True)
class Verification(Document):
    """All specs that were verified, in the order of their files' names."""

    SCHEMA = "costlens.verification/1"
    REMEDY = "verify the specs again"

    specs: tuple[VerifiedSpec, ...]

    @property
    def variants(self) -> tuple[VerifiedVariant, ...]:
        """The variants of all specs."""
        return tuple(found for spec in self.specs for found in spec.variants)

    @property
    def failures(self) -> list[CostlensError]:
        """What is wrong, an error each."""
        return [failure for spec in self.specs for failure in spec.failures]

    def including(self, spec: VerifiedSpec) -> Verification:
        """Return this with a spec in the place of what stood there for its file; variants not looked at keep theirs."""
        others = [other for other in self.specs if other.file != spec.file]
        before = next((other.variants for other in self.specs if other.file == spec.file), ())
        whole = replace(spec, variants=() if spec.problem else _merged(before, spec.variants))
        return replace(self, specs=tuple(sorted((*others, whole), key=lambda each: each.file)))


def _merged(before: tuple[VerifiedVariant, ...], found: tuple[VerifiedVariant, ...]) -> tuple[VerifiedVariant, ...]:
    """Put the variants found in the places of those of the same names; new ones come last."""
    now = {each.variant: each for each in found}
    names = {name for each in found for name in (each.variant, *each.also)}
    kept = {each.variant: each for each in before if each.variant in now or not names & {each.variant, *each.also}}
    return tuple((kept | now).values())


@dataclass(frozen=True, slots=True)
class Verified:
    """A spec just verified, with the ledgers of those of its variants that could be exported."""

    spec: VerifiedSpec
    ledgers: tuple[Ledger, ...] = ()
