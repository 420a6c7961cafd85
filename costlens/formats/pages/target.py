"""Boards: those that are found by name, and whether networks fit them."""

from collections.abc import Sequence

from costlens.results.columns import BYTES, Column
from costlens.results.page import Items, Line, Mark, Page, Say, Style, Table
from costlens.results.target import Fit, Fits, Target

_STYLES: dict[Fits, Style] = {"fits": "good", "tight": "warn", "does not fit": "alarm", "not known": "warn"}

CHOICES: tuple[Column[Target], ...] = (
    Column("name", "name", value=lambda target: Mark(target.name)),
    Column("title", "board"),
    Column("runtime", "runtime"),
    Column("flash", "flash", BYTES),
    Column("usable_flash", "usable", BYTES, priority=1),
    Column("ram", "RAM", BYTES),
    Column("usable_ram", "usable", BYTES, priority=1),
    Column("memory_source", "from", priority=9),
    Column("usable_source", "usable from", priority=9),
)
"""The columns, from which a reader can choose."""


def page(targets: Sequence[Target]) -> Page:
    """Return the page of some targets."""
    use = (
        f"A name stands for its board after --target: costlens check ds_cnn_s --target {targets[0].name}. A file of "
        "yours can say the same of another one; usable is what our targets assume that a program leaves to a model."
    )
    return Page("Targets by name", [Table(CHOICES, targets), Say(use, tone="dim")], [*targets])


def fitting(found: Sequence[tuple[str, Sequence[Fit]]]) -> Items:
    """Return a line for each network, by its label, and each board."""
    return Items([line(label, fit) for label, fits in found for fit in fits])


def line(label: str, fit: Fit) -> Line:
    """Say in one line whether a network fits a board, and what stands in the way."""
    before, verdict, after = str(fit).partition(fit.verdict)
    return (f"{label}: " if label else "", before, Mark(verdict, _STYLES[fit.verdict]), after)
