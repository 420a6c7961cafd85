"""What cuts a sequence into pieces of one length shares."""

from __future__ import annotations

from costlens.errors import ShapeError


def pieces(steps: int, length: int, hop: int, what: str) -> int:
    """Return how many pieces fit whole, one every ``hop`` steps; ShapeError when none does.

    >>> pieces(15_600, 400, 160, "stft: window")
    96
    """
    if length > steps:
        raise ShapeError(f"{what} (={length}) is longer than its input (={steps}); shorten it, or give a longer input")
    return (steps - length) // hop + 1
