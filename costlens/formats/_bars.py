"""Shares as bars of block characters, for a column of a terminal's table."""

from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉"
_ASCII = str.maketrans({"█": "#", **{part: "#" if place >= 4 else " " for place, part in enumerate(_EIGHTHS)}})  # noqa: PLR2004  # half


def bars(shares: Sequence[float | None], width: int) -> list[str]:
    """Draw each share in eighths of a letter; the largest is as wide as there is room.

    >>> bars([0.5, 0.25, 0.03, None, 0.0], 4)
    ['████', '██', '▎', '', '']
    """
    most = max((share for share in shares if share), default=0.0)
    return [_bar(share / most * width) if share and most > 0 else "" for share in shares]


def _bar(letters: float) -> str:
    eighths = max(1, round(8 * letters))
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def in_ascii(bar: str) -> str:
    """Return a bar for a terminal that has no block characters.

    >>> in_ascii("██▎"), in_ascii("█▊")
    ('##', '##')
    """
    return bar.translate(_ASCII).rstrip()
