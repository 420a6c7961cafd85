"""Figures as people write them: 4.2M, 300 k, 14 MB, 512KiB, +5%."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

_WHOLE = r"(\d{1,3}(?:,\d{3})+|\d{1,3}(?:_\d{3})+|\d+)"
_FIGURE = re.compile(rf"{_WHOLE}(?:\.(\d+))?\s*([kKMGBT]?)", re.ASCII)
_POWER = re.compile(rf"{_WHOLE}(?:\.(\d+))?[eE]\+?(\d{{1,2}})", re.ASCII)
_SIZE = re.compile(rf"{_WHOLE}(?:\.(\d+))?\s*((?:[kMGT]|[kKMGT]i)?)B?", re.ASCII)
_CHANGE = re.compile(r"([+\-−])\s*(\d{1,6})(?:\.(\d{1,6}))?\s*%", re.ASCII)
_UNIT = re.compile(r"(\d[\d,_]*(?:\.\d+)?)\s*([A-Za-z][A-Za-z ]*)", re.ASCII)
_NUMBERS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
_BYTES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BYTES |= {"ki": 2**10, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_NAMED = {"m": "M", "mm": "M", "mil": "M", "million": "M", "g": "G", "b": "G", "bn": "G", "billion": "G", "t": "T"}
_NOUN = re.compile(r"([kKMGTB]?) ?(params?|parameters|macs?|flops?|madds?|multadds?|ops|b)", re.IGNORECASE | re.ASCII)


class FigureError(ValueError):
    """A text that is not a figure; ``expected`` says what is."""

    def __init__(self, expected: str, received: str) -> None:
        self.expected = expected
        super().__init__(f"{expected}, received {received!r}")


@dataclass(frozen=True, slots=True)
class Figure:
    """A published figure and the size of one unit of its last digit: 4.2M is 4,200,000 with unit 100,000.

    relative: it is a change in percent of another figure: +5% has the value 5.

    >>> Figure.parse("569M").holds(568_740_352)
    True
    >>> Figure.parse("4.2M").holds(4_253_864), Figure.parse("4.2M").holds(4_300_000)
    (True, False)
    >>> Figure.parse(3751369).holds(3_751_369), Figure.parse(3751369).holds(3_751_370)
    (True, False)
    """

    text: str
    value: int | float
    unit: int | float
    relative: bool = False

    @classmethod
    def parse(cls, text: str | int | float) -> Figure:
        """Read ``4.2M``, ``569M``, ``330k``, ``3,751,369`` or a plain number; ValueError otherwise.

        A comma stands between thousands only; where it may be a decimal one (``6,8k``, ``6,800k``) it is refused, as
        is a letter that may mean two things (``4.2m``, ``300 MFLOPs``).

        >>> [Figure.parse(text).value for text in ("30k", "1.5M", "2.1G", "5.69e8")]
        [30000, 1500000, 2100000000, 569000000]
        """
        return cls._read(text, _FIGURE, _NUMBERS, "a figure such as 4.2M, 569M or 3751369", _which_number)

    @classmethod
    def parse_bytes(cls, text: str | int | float) -> Figure:
        """Read a size in bytes: ``14MB``, ``14MiB``, ``512 KiB``, ``14M`` or a plain number; ValueError otherwise.

        ``KB`` is 1,000 bytes to some and 1,024 to others, ``Mb`` may be bits: both are refused.

        >>> [Figure.parse_bytes(text).value for text in ("14MB", "14 MiB", "1.5kB", "300B", 7)]
        [14000000, 14680064, 1500, 300, 7]
        """
        return cls._read(text, _SIZE, _BYTES, "a size such as 14MB, 2MiB or 14680064", _which_size)

    @classmethod
    def parse_change(cls, text: str) -> Figure:
        """Read a change in percent, which has a sign: ``+5%``, ``+0.5 %``, ``-10%``; ValueError otherwise.

        >>> [Figure.parse_change(text).value for text in ("+5%", "+0.5 %", "-10%")]
        [5, 0.5, -10]
        """
        match = _CHANGE.fullmatch(text.strip())
        if match is None:
            raise FigureError("expected a change with its sign, such as +5% or -10%", text)
        sign, whole, decimals = match.groups()
        shift = 10 ** len(decimals or "")
        value = _quotient(int(whole + (decimals or "")), shift)
        return cls(text.strip(), value if sign == "+" else -value, _quotient(1, shift), relative=True)

    def of(self, base: int) -> int:
        """Return what a change makes of a count at most, rounded down.

        >>> Figure.parse_change("+5%").of(107), Figure.parse_change("+0.5%").of(10**12 + 1)
        (112, 1005000000001)
        """
        return base + floor(base * Fraction(str(self.value)) / 100)

    @classmethod
    def _read(
        cls,
        text: str | int | float,
        form: re.Pattern[str],
        scales: Mapping[str, int],
        expected: str,
        instead: Callable[[str], str],
    ) -> Figure:
        shown = str(text).strip()
        if power := _POWER.fullmatch(shown):
            return cls._of(shown, power[1], power[2], 10 ** int(power[3]))
        match = form.fullmatch(shown)
        if match is None or ("," in match[1] and match[3] and not match[2]):
            comma = " (a decimal point, no comma; thousands as in 3,751,369)" if "," in shown else ""
            raise FigureError(f"expected {expected}{instead(shown)}{comma}", shown)
        return cls._of(shown, match[1], match[2], scales[match[3]])

    @classmethod
    def _of(cls, shown: str, whole: str, decimals: str | None, scale: int) -> Figure:
        digits = decimals or ""
        shift = 10 ** len(digits)
        return cls(shown, _quotient(int(re.sub(r"[_,]", "", whole) + digits) * scale, shift), _quotient(scale, shift))

    def holds(self, ours: float) -> bool:
        """Say whether |ours - published| is under one unit of the published last digit."""
        return abs(ours - self.value) < self.unit

    def difference(self, ours: float) -> str:
        """Write ours − published under the published suffix: whole numbers exactly, others with three digits.

        >>> Figure.parse("569M").difference(568_740_352), Figure.parse("3,800").difference(4_812)
        ('−0.26M', '+1,012')
        """
        found = _UNIT.fullmatch(self.text)
        suffix = found[2] if found else ""
        gap = ours - self.value
        if isinstance(gap, int) and not suffix:
            shown = Decimal(gap)
        else:
            decimals = len(self.text.rpartition(".")[2].rstrip(f" {suffix}")) if "." in self.text else 0
            shown = Decimal(f"{gap / (self.unit * 10**decimals):.3g}" if suffix else f"{gap:.3g}")
        return f"{shown:+,f}{suffix}".replace("-", "−") if gap else "0"


def _which_number(written: str) -> str:
    """Say what to write instead of a letter that may mean two things.

    >>> _which_number("4.2m"), _which_number("300 MFLOPs"), _which_number("4 x")
    ('; write 4.2M for millions', '; write 300M, without FLOPs', '')
    """
    found = _UNIT.fullmatch(written)
    if not found or found[2] in _NUMBERS:
        return ""
    if letter := _NAMED.get(found[2].lower()):
        sort = {"M": "millions", "G": "billions", "T": "trillions"}[letter]
        return f"; write {found[1]}{letter} for {sort}"
    noun = _NOUN.fullmatch(found[2])
    return f"; write {found[1]}{noun[1]}, without {noun[2]}" if noun else ""


def _which_size(written: str) -> str:
    """Say what to write instead of a unit that may mean two things.

    >>> _which_size("512KB"), _which_size("4 mb")
    ('; KB may be 1,000 or 1,024 bytes: write 512kB or 512KiB', '; mb may be bits: write 4MB or 4MiB')
    """
    found = _UNIT.fullmatch(written)
    if not found:
        return ""
    number, unit = found.groups()
    if unit in ("K", "KB"):
        return f"; {unit} may be 1,000 or 1,024 bytes: write {number}kB or {number}KiB"
    if unit[-1] == "b" or unit in ("m", "g", "t", "mB", "gB", "tB"):
        letter = unit[0].lower() if unit[0] in "kK" else unit[0].upper()
        if letter in ("k", "M", "G", "T"):
            return f"; {unit} may be bits: write {number}{letter}B or {number}{letter.upper()}iB"
    return ""


def _quotient(number: int, divisor: int) -> int | float:
    """Divide; exactly, as an integer, where that is possible."""
    return number // divisor if number % divisor == 0 else number / divisor
