"""Ledgers: each number that was counted independently more than once, and whether the counts agree."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from costlens.arithmetic import units
from costlens.results.columns import TEXT, Column, Unit
from costlens.results.page import Mark, Page, Records, Say, Table
from costlens.results.report import ExportedFile
from costlens.results.verification import CrossCheck, Ledger

_COLUMNS: tuple[Column[CrossCheck], ...] = (
    Column("name", "check"),
    Column("counts", "counts", value=lambda entry: counts(entry.roads)),
    Column("agrees", "agrees", value=lambda entry: "yes" if entry.agrees else Mark("NO", "alarm")),
    Column("note", "note"),
)


def table(ledger: Ledger) -> Table:
    """Return the table of one ledger: a line a check, with all counts of the number."""
    return Table(_COLUMNS, ledger.entries, f"{_named(ledger)}: {state(ledger)}")


def _named(ledger: Ledger) -> str:
    return " · ".join(filter(None, (ledger.model, ledger.variant)))


def state(ledger: Ledger) -> str:
    """Say whether all checks agree."""
    return "all agree" if ledger.ok else "DISAGREEMENT"


def counts(pairs: Iterable[tuple[str, object]]) -> str:
    """Write the counts of one number, equal ones together.

    >>> counts([("spec", 3751369), ("Keras", 3751369), ("ONNX", 7)])
    'spec = Keras: 3,751,369; ONNX: 7'
    """
    by_value: dict[str, list[str]] = {}
    for source, value in pairs:
        by_value.setdefault(_number(value), []).append(source)
    return "; ".join(f"{' = '.join(names)}: {value}" for value, names in by_value.items())


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def proof(ledgers: Sequence[Ledger]) -> Table:
    """Return all ledgers in one table: a line a check, a column a variant, the number that all counts share."""
    checks = dict.fromkeys(_check(entry.name) for ledger in ledgers for entry in ledger.entries)

    def of_variant(ledger: Ledger) -> Column[str]:
        def shared(check: str) -> str | Mark:
            entries = [entry for entry in ledger.entries if _check(entry.name) == check]
            if not all(entry.agrees for entry in entries):
                return Mark("DISAGREE", "alarm")
            return " ".join(_number(entry.roads[0][1]) for entry in entries)

        return Column(ledger.variant, ledger.variant, Unit(str), shared)

    roads = next((entry.roads for ledger in ledgers for entry in ledger.entries if entry.name == "MACs"), ())
    check: Column[str] = Column("check", " = ".join(road for road, _ in roads), TEXT, str)
    return Table([check, *map(of_variant, ledgers)], [*checks], "Proof")


def exported(path: Path, file: ExportedFile, ledger: Ledger, notes: Sequence[str] = ()) -> Page:
    """Return the page of a file that was exported and proven, with how it was made."""
    said = f"{path}: {file.bytes:,} bytes, {units.plural(len(ledger.entries), 'check')} agree"
    row = (str(path), file.variant, file.bytes, file.sha256, len(ledger.entries))
    records = Records(("file", "variant", "bytes", "sha256", "checks"), [row])
    name, blocks = _named(ledger), [Say(said), *map(Say, notes)]
    return Page(name, [*blocks, table(ledger)], file, screen=blocks, records=records)


def _check(name: str) -> str:
    """Name a check without the output it is of: variants call their last layer differently."""
    return "outputs, relative difference" if name.startswith("output ") and ", " in name else name
