"""A kind of layer as ``costlens kinds`` lists it."""

from dataclasses import dataclass

SORTS = (
    "convolutions", "pools", "products", "recurrent", "attention and tokens", "joins", "norms",
    "activations and functions", "shapes", "sound", "others", "structures",
)  # fmt: skip
"""What kinds are listed under, in this order."""


@dataclass(frozen=True, slots=True)
class KindField:
    """One field: its type in words, its default as a spec would write it (``required`` where there is none)."""

    name: str
    type: str
    default: str
    description: str


@dataclass(frozen=True, slots=True)
class Example:
    """A short spec of one layer, and what that layer costs for one example of its input."""

    spec: str
    output: tuple[int, ...]
    params: int
    macs: int
    flops: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A layer, a kind of convolution or a statement that holds layers; ``shorthand`` is the field ``kind: value`` sets.

    ``sort`` is one of ``SORTS``. ``added`` names the fields its statement has besides, ``formula`` is a convolution's
    MACs ÷ the standard one's.
    ``help`` is one line, ``about`` what else its class says of shapes and formulas, a paragraph each.
    """

    name: str
    sort: str
    help: str
    shorthand: str | None
    fields: tuple[KindField, ...]
    added: tuple[str, ...]
    formula: str = ""
    about: tuple[str, ...] = ()
    example: Example | None = None
