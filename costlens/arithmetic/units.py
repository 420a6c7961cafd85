"""Numbers as people write and read them: 4.2M, 14.3 MB, 1,228,800."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

_SUFFIXES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
_WHOLE_FROM = 99.95
_MILLISECONDS_FROM = 0.1
_WHOLE = r"(\d{1,3}(?:,\d{3})+|\d{1,3}(?:_\d{3})+|\d+)"
_FIGURE = re.compile(rf"{_WHOLE}(?:\.(\d+))?\s*([kKMGBT]?)", re.ASCII)
_SIZE = re.compile(rf"{_WHOLE}(?:\.(\d+))?\s*((?:[kKMGT]i?)?)B?", re.ASCII)
_SIZES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_CHANGE = re.compile(r"([+\-−])\s*(\d{1,6})(?:\.(\d{1,6}))?\s*%", re.ASCII)
_SIZES |= {"ki": 2**10, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


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

        A comma stands between thousands only; where it may be a decimal one (``6,8k``, ``6,800k``) it is refused.
        """
        shown = str(text).strip()
        return cls._read(shown, _FIGURE.fullmatch(shown), _SUFFIXES, "a figure such as 4.2M, 569M or 3751369")

    @classmethod
    def parse_bytes(cls, text: str | int | float) -> Figure:
        """Read a size in bytes: ``14MB``, ``14MiB``, ``512 KiB``, ``14M`` or a plain number; ValueError otherwise.

        >>> [Figure.parse_bytes(text).value for text in ("14MB", "14 MiB", "1.5kB", "300B", 7)]
        [14000000, 14680064, 1500, 300, 7]
        """
        shown = str(text).strip()
        return cls._read(shown, _SIZE.fullmatch(shown), _SIZES, "a size such as 14MB, 2MiB or 14680064")

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
    def _read(cls, shown: str, match: re.Match[str] | None, scales: Mapping[str, int], expected: str) -> Figure:
        if match is None or ("," in match[1] and match[3] and not match[2]):
            comma = " (a decimal point, no comma; thousands as in 3,751,369)" if "," in shown else ""
            raise FigureError(f"expected {expected}{comma}", shown)
        whole, decimals, suffix = match.groups()
        scale = scales[suffix]
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
        suffix = self.text[-1] if self.text[-1].isalpha() else ""
        gap = ours - self.value
        shown = Decimal(gap) if isinstance(gap, int) and not suffix else Decimal(f"{gap / _SUFFIXES[suffix]:.3g}")
        return f"{shown:+,f}{suffix}".replace("-", "−") if gap else "0"


def _quotient(number: int, divisor: int) -> int | float:
    """Divide; exactly, as an integer, where that is possible."""
    return number // divisor if number % divisor == 0 else number / divisor


def count(value: int | None) -> str:
    """Write an integer with thousands separators; what is not known is blank, as in all writers of this file.

    >>> count(1228800), count(None)
    ('1,228,800', '')
    """
    return "" if value is None else f"{value:,}"


def grouped(written: str) -> str:
    """Write a figure as somebody wrote it; a plain number as ours are written.

    >>> grouped("3751369"), grouped("3.7M")
    ('3,751,369', '3.7M')
    """
    return f"{int(written):,}" if written.isascii() and written.isdigit() else written


def exact(value: float) -> str:
    """Write a count whole, however large, and a time with ten significant digits.

    >>> exact(15_470_264_320), exact(2.5), exact(39.999999)
    ('15,470,264,320', '2.5', '39.999999')
    """
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,.10g}"


def plural(number: int, noun: str, ending: str = "s") -> str:
    """Write how many there are of something.

    >>> plural(1, "spec"), plural(2, "spec"), plural(3, "process", "es")
    ('1 spec', '2 specs', '3 processes')
    """
    return f"{number} {noun}{'' if number == 1 else ending}"


def short(value: float | None) -> str:
    """Write a number with three significant digits and a suffix.

    >>> short(568_740_352), short(3_751_369), short(521), short(0)
    ('569M', '3.75M', '521', '0')
    """
    if value is None:
        return ""
    for suffix, scale in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= scale * 0.9995:
            return f"{_three_digits(value / scale)}{suffix}"
    return _three_digits(value)


def bytes_(value: float | None) -> str:
    """Write bytes in binary units.

    >>> bytes_(14_916_424), bytes_(100), bytes_(1536)
    ('14.2 MiB', '100 B', '1.5 KiB')
    """
    if value is None:
        return ""
    for suffix, scale in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if abs(value) >= scale:
            return f"{value / scale:.1f} {suffix}"
    return f"{value:.0f} B"


def ratio(value: float) -> str:
    """Write a ratio with three significant digits and a multiplication sign.

    >>> ratio(0.116849), ratio(1.0), ratio(8.558), ratio(22.78)
    ('0.117×', '1.00×', '8.56×', '22.8×')
    """
    return f"{_three_digits(value, pad=True)}×"


def milliseconds(value: float) -> str:
    """Write a time given in milliseconds with three significant digits, one below 0.1 ms in microseconds.

    >>> milliseconds(0.008973), milliseconds(0.7291), milliseconds(42.49), milliseconds(1234.5)
    ('8.97 µs', '0.729 ms', '42.5 ms', '1,234 ms')
    """
    return f"{_rounded(value)} ms" if value >= _MILLISECONDS_FROM else f"{_rounded(1e3 * value)} µs"


def interval_ms(low: float, high: float) -> str:
    """Write an interval of times given in milliseconds, with its unit where that is not the millisecond.

    >>> interval_ms(0.7291, 0.7344), interval_ms(1210.6, 1263.5), interval_ms(0.0116, 0.0118)
    ('[0.729, 0.734]', '[1,211, 1,264]', '[11.6, 11.8] µs')
    """
    if high >= _MILLISECONDS_FROM:
        return f"[{_rounded(low)}, {_rounded(high)}]"
    return f"[{_rounded(1e3 * low)}, {_rounded(1e3 * high)}] µs"


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:.3g}"


def percent(share: float | None) -> str:
    """Write a share of one as a percentage with one decimal.

    >>> percent(0.1234), percent(0)
    ('12.3%', '0.0%')
    """
    return "" if share is None else f"{100 * share:,.1f}%"


def _three_digits(value: float, *, pad: bool = False) -> str:
    size = abs(value)
    decimals = sum(size < step for step in (_WHOLE_FROM, 9.995, 0.9995))
    text = f"{value:.{decimals}f}"
    return text if pad or "." not in text else text.rstrip("0").rstrip(".")
