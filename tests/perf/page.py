"""A page of figures under reports/perf/, with the machine that they are of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from costlens.bench.machine import machine_facts

FOLDER = Path("reports/perf")


def machine() -> str:
    """Say in one line what this machine is."""
    facts = machine_facts()
    memory = "" if facts.memory_bytes is None else f", {facts.memory_bytes / 2**30:.0f} GiB"
    kind = {True: ", virtual", False: ", not virtual", None: ""}[facts.virtualised]
    return (
        f"{facts.cpu}, {', '.join(facts.cpu_isa) or 'no vector sets known'}, {facts.cores_usable} of {facts.cores} "
        f"cores{kind}{memory}, power {facts.power or 'not told'}, {facts.os}, Python {facts.python}"
    )


def write(name: str, title: str, lines: Sequence[str], *, record: bool) -> None:
    """Print a page and, where it is for the record, write it as ``reports/perf/<name>.md``."""
    text = "\n".join([f"# {title}", "", *lines, "", f"Machine: {machine()}."]) + "\n"
    print(text, end="")
    if record:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}.md").write_text(text, encoding="utf-8")


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table's lines, all columns but the first to the right."""
    rule = [":--", *("--:" for _ in headers[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (headers, rule, *rows)]
