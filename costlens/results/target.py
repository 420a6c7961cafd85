"""A device that a network is to run on, and whether one fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from costlens.arithmetic import units

Fits = Literal["fits", "tight", "does not fit", "not known"]
_ORDER: tuple[Fits, ...] = ("fits", "tight", "not known", "does not fit")


@dataclass(frozen=True, slots=True)
class Target:
    """A board: sizes of its memories in bytes, and the share of each that a model may take.

    flash: None where files are on a disk, so nothing limits a model's size. runtime: what runs the model.
    memory_source, usable_source: where the figures are from, in words. file: where a user's own target is written.
    """

    name: str
    title: str
    runtime: str
    ram: int
    usable_ram: int
    flash: int | None
    usable_flash: int | None
    memory_source: str
    usable_source: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What a network takes of one memory of a board, all in bytes.

    what: ``RAM`` or ``flash``. needed: None where that is not known.
    """

    what: str
    needed: int | None
    usable: int
    whole: int

    @property
    def verdict(self) -> Fits:
        """Within the usable share it fits; beyond it, but within the memory, it is tight."""
        if self.needed is None:
            return "not known"
        return "fits" if self.needed <= self.usable else "tight" if self.needed <= self.whole else "does not fit"

    @property
    def fits(self) -> bool:
        """Whether the memory is large enough; False where nobody knows."""
        return self.verdict in ("fits", "tight")

    def __str__(self) -> str:
        needed = "not known" if self.needed is None else units.bytes_(self.needed)
        if self.verdict == "does not fit":
            return f"{self.what} {needed} of {units.bytes_(self.whole)}"
        return f"{self.what} {needed} of {units.bytes_(self.usable)} usable"


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a network fits the board ``target``, called ``title``: its memories, and the operators that are missing.

    precision: what the network is counted in. lacking: the operators that ``runtime`` lacks. largest: the row at which
    RAM is fullest, empty where nobody knows.
    """

    target: str
    title: str
    precision: str
    needs: tuple[Need, ...]
    runtime: str
    lacking: tuple[str, ...] = ()
    largest: str = ""

    @property
    def verdict(self) -> Fits:
        """The worst of all: an operator that the runtime lacks fits nowhere."""
        if self.lacking:
            return "does not fit"
        return max((need.verdict for need in self.needs), key=_ORDER.index, default="not known")

    def __str__(self) -> str:
        """Say in one line whether it fits, and what stands in the way."""
        said = [str(need) for need in self.needs]
        if self.lacking:
            said.insert(0, f"{self.runtime} has no {', '.join(self.lacking)}")
        ram = next((need for need in self.needs if need.what == "RAM"), None)
        if ram is not None and ram.verdict in ("tight", "does not fit") and self.largest:
            said.append(f"RAM is fullest at {self.largest}")
        return f"{self.target}: {self.verdict} in {self.precision}: {'; '.join(said)}"
