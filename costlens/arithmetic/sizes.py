"""Sizes that are not known: polynomials in the free axes of a model, exact where a size is divided and rounded.

A size is an ``int`` or a :class:`Size`. ``+``, ``-``, ``*`` and ``//`` work on both, and what is constant again is an
``int`` again. A quotient that does not come out whole is a variable of its own, ``⌊(time − 1)/2⌋``, so that equal sizes
have equal forms and a total is a formula that holds for every value. Free axes are at least 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Term = tuple["Variable", ...]
"""A product of variables, sorted; ``()`` is the constant term."""
AnySize = Any
"""An ``int`` or a :class:`Size`. They mix freely, and no type checker follows sums and products over both."""


_MOST_TERMS = 200
"""A formula of more terms than this tells nobody anything, and could grow without end."""
_MOST_FACTORS = 64
_LONGEST_NAME = 4000


class UndecidedError(Exception):
    """An answer depends on the value of a free axis; the message says on which and how."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A free axis, or a rounded quotient of a size: ``⌊of / by⌋``. ``data``: only a run of the model can tell it."""

    name: str
    of: "Size | None" = None
    by: int = 1
    data: bool = False

    def __lt__(self, other: "Variable") -> bool:
        return self.name < other.name


@dataclass(frozen=True, slots=True, eq=False)
class Size:
    """A sum of products of variables; equal sizes have equal ``terms``."""

    terms: tuple[tuple[Term, int], ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self.terms)

    def __add__(self, other: AnySize) -> AnySize:
        terms = dict(self.terms)
        for term, factor in _terms(other):
            terms[term] = terms.get(term, 0) + factor
        return _made(terms)

    __radd__ = __add__

    def __neg__(self) -> AnySize:
        return self * -1

    def __sub__(self, other: AnySize) -> AnySize:
        return self + other * -1

    def __rsub__(self, other: AnySize) -> AnySize:
        return -self + other

    def __mul__(self, other: AnySize) -> AnySize:
        terms: dict[Term, int] = {}
        for left, ours in self.terms:
            for right, theirs in _terms(other):
                if len(left) + len(right) > _MOST_FACTORS:
                    raise UndecidedError(f"a product of more than {_MOST_FACTORS} free axes")
                term = tuple(sorted(left + right))
                terms[term] = terms.get(term, 0) + ours * theirs
        return _made(terms)

    __rmul__ = __mul__

    def __floordiv__(self, by: AnySize) -> AnySize:
        """Return the quotient, rounded down; UndecidedError for a divisor that is not known and leaves a rest."""
        if isinstance(by, Size):
            return _exact(self, by)
        if by <= 0:
            raise UndecidedError(f"({self}) / {by}")
        whole = _made({term: factor // by for term, factor in self.terms})
        rest = _made({term: factor % by for term, factor in self.terms})
        if isinstance(rest, int):
            return whole + rest // by
        if inner := _only_quotient(rest):  # ⌊(⌊x/a⌋ + c)/b⌋ = ⌊(x + a·c)/(a·b)⌋
            of, apart, constant = inner
            return whole + _quotient(of + constant * apart, by * apart)
        return whole + _quotient(rest, by)

    def __rfloordiv__(self, other: int) -> AnySize:
        if other == 0:
            return 0
        raise UndecidedError(f"{other} / ({self})")

    def __mod__(self, by: int) -> AnySize:
        return self - self // by * by

    @property
    def variables(self) -> frozenset[Variable]:
        """The variables that a size is made of, quotients as they are."""
        return frozenset(variable for term, _ in self.terms for variable in term)

    @property
    def axes(self) -> frozenset[str]:
        """The names of the free axes that a size depends on, quotients opened."""
        return frozenset(
            name for variable in self.variables for name in (variable.of.axes if variable.of else (variable.name,))
        )

    @property
    def of_data(self) -> tuple[str, ...]:
        """The names of what a size depends on and only a run of the model can tell, quotients opened."""
        found = (one.of.of_data if one.of else (one.name,) if one.data else () for one in self.variables)
        return tuple(sorted({name for names in found for name in names}))

    def at(self, values: Mapping[str, AnySize]) -> AnySize:
        """Return the size with values, or sizes, for free axes."""
        found: AnySize = 0
        for term, factor in self.terms:
            product: AnySize = factor
            for variable in term:
                if variable.of is not None:
                    product = product * (variable.of.at(values) // variable.by)
                else:
                    product = product * values.get(variable.name, Size((((variable,), 1),)))
            found = found + product
        return found

    def __format__(self, how: str) -> str:
        return str(self)

    def __str__(self) -> str:
        """Write the size, the largest products first: ``1,228,800·time + 64``."""
        ordered = sorted(self.terms, key=lambda each: (-len(each[0]), each[0]))
        written = [_term(term, abs(factor)) for term, factor in ordered]
        signs = ["−" if factor < 0 else "+" for _, factor in ordered]
        first = ("−" if signs[0] == "−" else "") + written[0]
        return " ".join((first, *(f"{sign} {text}" for sign, text in zip(signs[1:], written[1:], strict=True))))


def axis(name: str, *, data: bool = False) -> Size:
    """Return the size of a free axis; ``data``: only a run of the model can tell it.

    >>> time = axis("time")
    >>> str((time * 64 + 3) * 2), (time * 64) // time, str(((time - 1) // 2 + 1 - 1) // 2 + 1)
    ('128·time + 6', 64, '⌊(time + 3)/4⌋')
    """
    return Size((((Variable(name, data=data),), 1),))


def difference(left: AnySize, right: AnySize) -> int | None:
    """Return by how much ``left`` is larger where that is the same for all values; None where it is not."""
    found = left - right
    return found if isinstance(found, int) else None


def smallest(size: AnySize) -> int | None:
    """Return a bound from below for free axes that are at least 1; None where a term is subtracted.

    >>> smallest(axis("time") * 2 + 3), smallest(axis("time") * -1), smallest((axis("time") - 1) // 2)
    (5, None, 0)
    """
    if isinstance(size, int):
        return size
    found = 0
    for term, factor in size.terms:
        least = factor
        for variable in term:
            low = 1 if variable.of is None and not variable.data else 0
            if variable.of is not None:
                inner = smallest(variable.of)
                low = 0 if inner is None else inner // variable.by
            least *= low
        if factor < 0 and term:
            return None
        found += least
    return found


def _terms(size: AnySize) -> tuple[tuple[Term, int], ...]:
    return size.terms if isinstance(size, Size) else (((), size),)


def _made(terms: Mapping[Term, int]) -> AnySize:
    kept = tuple(sorted((term, factor) for term, factor in terms.items() if factor))
    if len(kept) > _MOST_TERMS:
        raise UndecidedError(f"a formula of more than {_MOST_TERMS} terms")
    if not kept:
        return 0
    if len(kept) == 1 and not kept[0][0]:
        return kept[0][1]
    return Size(kept)


def _quotient(of: AnySize, by: int) -> AnySize:
    """Return ``⌊of / by⌋`` with all multiples of ``by`` taken out of it."""
    whole = _made({term: factor // by for term, factor in _terms(of)})
    rest = _made({term: factor % by for term, factor in _terms(of)})
    if isinstance(rest, int):
        return whole + rest // by
    inside = str(rest)
    if len(inside) > _LONGEST_NAME:
        raise UndecidedError(f"a formula of more than {_LONGEST_NAME:,} signs")
    name = f"⌊({inside})/{by}⌋" if len(rest.terms) > 1 else f"⌊{inside}/{by}⌋"
    return whole + Size((((Variable(name, rest, by, bool(rest.of_data)),), 1),))


def _only_quotient(size: Size) -> tuple[Size, int, int] | None:
    """Return what is divided, by what, and the constant, where a size is a quotient and a constant; else None."""
    terms = dict(size.terms)
    constant = terms.pop((), 0)
    ((term, factor), *more) = terms.items()
    if more or factor != 1 or len(term) != 1 or term[0].of is None:
        return None
    return term[0].of, term[0].by, constant


def _exact(size: Size, by: Size) -> AnySize:
    """Divide polynomials; UndecidedError where a rest is left."""
    rest, found = dict(size.terms), dict[Term, int]()
    lead, leading = max(by.terms, key=lambda each: (len(each[0]), each[0]))
    while rest:
        term, factor = max(rest.items(), key=lambda each: (len(each[0]), each[0]))
        left = list(term)
        try:
            for variable in lead:
                left.remove(variable)
        except ValueError:
            raise UndecidedError(f"({size}) / ({by})") from None
        if factor % leading:
            raise UndecidedError(f"({size}) / ({by})")
        step = tuple(left)
        found[step] = factor // leading
        for other, times in by.terms:
            product_ = tuple(sorted(step + other))
            rest[product_] = rest.get(product_, 0) - found[step] * times
            if not rest[product_]:
                del rest[product_]
    return _made(found)


def _term(term: Term, factor: int) -> str:
    names = [variable.name for variable in term]
    powers = [f"{name}{_power(names.count(name))}" for name in dict.fromkeys(names)]
    return "·".join(([f"{factor:,}"] if factor != 1 or not powers else []) + powers)


def _power(times: int) -> str:
    return "" if times == 1 else str(times).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
