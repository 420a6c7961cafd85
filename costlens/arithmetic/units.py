"""Numbers as people read them: 1,228,800, 4.25M, 14.3 MiB, 0.729 ms."""

_WHOLE_FROM = 99.95
_MILLISECONDS_FROM = 0.1


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
