"""Constraints: ``macs < 300M and peak_activation_bytes < 512KiB``, an expression of specs over figures and knobs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from costlens.arithmetic.figures import Figure, FigureError
from costlens.errors import UsageError
from costlens.results.counts import FIGURES, Totals
from costlens.results.exploration import PREDICTED
from costlens.spec.expressions import ExpressionError, evaluate
from costlens.spec.tree import plain

_FIGURE = re.compile(r"(?<![\w.'\"])(\d[\d_]*(?:\.\d+)?\s?[A-Za-z]+)(?![\w.(])")
_WORD = re.compile(r"[A-Za-z_]\w*")
_WORDS = ("and", "or", "if", "else", "in", "not")
_POWER = re.compile(r"\d[\d_]*(\.\d+)?[eE]\d+")
_SAMPLE = 1_000_003
"""Stands for every figure where a constraint is tried out before there are any."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """An expression as it was written, and with plain numbers in the place of ``300M`` and ``512KiB``.

    words: those in it, among which are the names that it reads.
    """

    written: str
    expression: str
    words: frozenset[str]

    @property
    def is_of_time(self) -> bool:
        """Whether it reads a predicted time."""
        return PREDICTED in self.words

    def holds(self, totals: Totals, settings: Mapping[str, object], predicted_ms: float | None = None) -> bool:
        """Say whether a point keeps it; UsageError where it has no value there."""
        figures: dict[str, object] = {
            name: getattr(totals, field) for name, field in FIGURES.items() if name in self.words
        }
        if self.is_of_time:
            figures[PREDICTED] = predicted_ms
        return bool(self._value({name: settings[name] for name in settings.keys() & self.words}, figures))

    def _value(self, settings: Mapping[str, object], figures: Mapping[str, object]) -> object:
        values = {name: plain(value) if isinstance(value, str) else value for name, value in settings.items()}
        try:
            return evaluate(self.expression, {**values, **figures})
        except ExpressionError as error:
            said = str(error).replace("knobs and parameters here", "figures and knobs")
            raise UsageError(f"--where '{self.written}': {said}") from None


def constraint(written: str, knobs: Mapping[str, object]) -> Constraint:
    """Read a constraint over the figures of a count and these knobs; UsageError where it is none.

    >>> constraint("macs < 300M and weight_bytes_int8 <= 1.5MiB", {}).expression
    'macs < 300000000 and weight_bytes_int8 <= 1572864'
    """

    def number(found: re.Match[str]) -> str:
        text = found[1]
        if _POWER.fullmatch(text) or text.split()[-1] in _WORDS:
            return text
        if text[-1] == "B" and not text[-2:-1].isalpha():
            either = "B may be bytes or billions; write the number alone for bytes, G for billions"
            raise UsageError(f"--where '{written}': {text}: {either}")
        read = Figure.parse_bytes if text[-1] in "Bbi" and text[-2:-1].isalpha() else Figure.parse
        try:
            return str(read(text).value)
        except FigureError as error:
            raise UsageError(f"--where '{written}': {text}: {error.expected}") from None

    expression = _FIGURE.sub(number, written)
    made = Constraint(written, expression, frozenset(_WORD.findall(expression)))
    value = made._value(knobs, dict.fromkeys((*FIGURES, PREDICTED), _SAMPLE))
    if not isinstance(value, bool):
        raise UsageError(f"--where '{written}': says neither yes nor no; compare figures, such as macs < 300M")
    return made
