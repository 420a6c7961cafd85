"""Published figures beside ours: as printed, under which convention, and whether both agree."""

from dataclasses import dataclass
from typing import Literal

from costlens.arithmetic import units
from costlens.arithmetic.figures import Figure
from costlens.errors import CostlensError, ExpectationError

COUNTED = {
    "params": "all parameters",
    "trainable": "trainable parameters",
    "kernels": "kernels",
    "deployed": "parameters, BatchNorm folded",
    "macs": "MACs",
}
"""What a figure can count, and its words."""
UNSCALED = "unscaled"
"""The word of weights and biases without the scales of int8, which some runtimes count with the code."""
HELD = {
    "weights": ("weight_bytes", "weights"),
    UNSCALED: ("", "weights and biases, no scales"),
    "flash": ("flash_bytes", "numbers of the file"),
    "arena": ("arena_bytes", "arena, planned"),
    "peak": ("peak_activation_bytes", "peak of activations"),
}
"""What a device holds of a whole network: the total that is ours, in bytes, and its words."""
MANNERS = {
    "": "{}",
    "share": "share of all {}",
    "ratio": "{} ÷ the standard form's",
    "saving": "the standard form's {} ÷ these",
}
"""How it can count it: ``macs``, ``macs_share`` (of the whole network), ``macs_ratio``, ``macs_saving``."""
LAYER = "layer"
"""The word of a layer as tables of architectures print it: type, stride, filter and input."""
UNPRINTED = "none"
"""Stands for a figure that the source does not print: ours is shown alone."""
WORDS = (*(f"{count}_{manner}".rstrip("_") for count in COUNTED for manner in MANNERS), *HELD, LAYER)


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One printed figure and ours.

    ``ours`` is a count, a percentage (``share``), a ratio, or a layer in words; ``complete`` is False where it is a
    lower bound. ``figure`` is the printed number, None for a layer. Where nothing is printed it is None, and so is
    ``agrees``. ``known`` says that it does not agree: ``wrong`` in the source, or ``differs`` since the source counts
    something else; ``remark`` says what. ``spec`` is a path relative to the document, ``counted`` what of it is counted
    and how it is set; ``line`` is the document's.
    """

    label: str
    word: str
    published: str
    figure: Figure | None
    ours: int | float | str
    complete: bool
    agrees: bool | None
    known: Literal["", "wrong", "differs"]
    remark: str
    conventions: tuple[str, ...]
    spec: str
    counted: tuple[str, ...]
    line: int

    @property
    def unexpected(self) -> str:
        """What to say where it should agree and does not, or the other way round; else nothing."""
        if self.agrees is None or self.agrees is not bool(self.known):
            return ""
        if self.agrees:
            return f"{self.label}: {self.word} agrees with {self.published}; remove {self.known}: true"
        ours = self.ours if isinstance(self.ours, str) else units.exact(self.ours)
        remedy = "correct the figure or what is counted, or mark it wrong: or differs: and say why in a remark:"
        return f"{self.label}: {self.word} is {ours}, published as {self.published}; {remedy}"


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One table of a paper; ``remarks`` are of the table, those of a figure are its own."""

    title: str
    note: str
    figures: tuple[PublishedFigure, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishedDocument:
    """The tables of one source; ``name`` is the file's, without its suffix."""

    file: str
    name: str
    title: str
    source: str
    url: str
    note: str
    tables: tuple[PublishedTable, ...]

    @property
    def figures(self) -> tuple[PublishedFigure, ...]:
        """All figures of all tables."""
        return tuple(figure for table in self.tables for figure in table.figures)

    @property
    def tally(self) -> tuple[int, int, int, int]:
        """How many figures the source prints, and how many agree, are ``wrong``, or ``differ`` as it counts."""
        printed = [figure for figure in self.figures if figure.agrees is not None]
        missing = [figure.known for figure in printed if not figure.agrees]
        return len(printed), len(printed) - len(missing), missing.count("wrong"), missing.count("differs")

    @property
    def failures(self) -> list[CostlensError]:
        """What should agree and does not, or the other way round."""
        return [ExpectationError(line) for line in self.unexpected]

    @property
    def unexpected(self) -> tuple[str, ...]:
        """The same as lines, each after the document's file and line."""
        return tuple(f"{self.file}:{f.line}: {f.unexpected}" for f in self.figures if f.unexpected)
