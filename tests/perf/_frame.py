"""What every script here does: measure as it is asked, print a page of figures, write it, and say how it went."""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from costlens.bench.machine import machine_facts
from costlens.bench.protocol import Protocol
from costlens.results.latency import LatencyRatio

FOLDER = Path("reports/perf")
COSTLENS = (sys.executable, "-m", "costlens")
PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"


def run(
    name: str, title: str, measure: Callable[[Any], tuple[list[str], bool]], *, runs: int = 0, machine: bool = True
) -> None:
    """Print what is measured as a page; exit with 1 where something is missed.

    Scripts of ``runs`` are told how many, and always write ``reports/perf/<name>.md``. Others are told whether all is
    measured, ``--full``, or only so much as shows that the script works; then nothing is written. ``--page`` writes
    another page than that of the script, as for another machine.
    """
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    if runs:
        parser.add_argument("asked", metavar="runs", nargs="?", type=int, default=runs)
    else:
        parser.add_argument("--full", dest="asked", action="store_true")
    parser.add_argument("--page", default=name)
    given = parser.parse_args()
    asked = given.asked
    lines, missed = measure(asked)
    text = "\n".join([f"# {title}", "", *lines, *(["", f"Machine: {_machine()}."] if machine else []), ""])
    print(text, end="")
    if asked:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{given.page}.md").write_text(text, encoding="utf-8")
    sys.exit(missed)


def _machine() -> str:
    """Say in one line what this machine is."""
    facts = machine_facts()
    memory = "" if facts.memory_bytes is None else f", {facts.memory_bytes / 2**30:.0f} GiB"
    kind = {True: ", virtual", False: ", not virtual", None: ""}[facts.virtualised]
    return (
        f"{facts.cpu}, {', '.join(facts.cpu_isa) or 'no vector sets known'}, {facts.cores_usable} of {facts.cores} "
        f"cores{kind}{memory}, power {facts.power or 'not told'}, {facts.os}, Python {facts.python}"
    )


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table's lines, all columns but the first to the right."""
    rule = [":--", *("--:" for _ in headers[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (headers, rule, *rows)]


def progress(row: Sequence[str]) -> None:
    """Show a row as soon as it is measured."""
    print(" | ".join(row), file=sys.stderr)


def plan(full: bool) -> Protocol:
    """Return how a comparison is timed: as the command does it by itself, or as briefly as it can be."""
    return Protocol(device="cpu") if full else Protocol(device="cpu", processes=7, looks=1, blocks=4)


def interval(ratio: LatencyRatio) -> str:
    """Write a ratio with its interval."""
    return f"{ratio.ratio:.4f} [{ratio.low:.4f}, {ratio.high:.4f}]"


def printed(*command: str, **options: Any) -> str:
    """Return what a command prints; it has to end well."""
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def seconds(*command: str, environment: Mapping[str, str] | None = None) -> float:
    """Return the seconds of a whole process."""
    start = time.perf_counter()
    printed(*command, env=environment)
    return time.perf_counter() - start


def spread(figures: Sequence[float]) -> tuple[float, float, float]:
    """Return median, lowest and highest."""
    return statistics.median(figures), min(figures), max(figures)
