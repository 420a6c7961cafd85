"""Arithmetic on knobs and parameters: ``filters * alpha``, ``round8(32 * alpha)``, ``2 if last else 1``.

Numbers, names, ``+ - * / // % **``, comparisons, ``and or not``, ``a if c else b`` and a few functions; everything
is bounded, so no expression takes long or grows large.
"""

from __future__ import annotations

import ast
import operator
import re
import threading
import warnings
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from math import ceil, floor, isfinite
from typing import TYPE_CHECKING, Any

from costlens.spec.elsewhere import guess

if TYPE_CHECKING:
    from simpleeval import SimpleEval

Number = int | float

MAX_LENGTH = 200
MAX_EXPONENT = 64
MAX_SIZE = 2**63

_ALPHABET = re.compile(r"[A-Za-z0-9_.,+\-*/%()<>=! ]+")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NODES = (
    ast.Expression, ast.Load, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.And, ast.Or,
)  # fmt: skip
_ARITHMETIC: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_COMPARISONS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Not: operator.not_,
}


class ExpressionError(ValueError):
    """An expression that cannot be evaluated; the message says why."""


class UnknownNameError(ExpressionError):
    """A name without a value here; ``guess`` is what a message adds to it."""

    def __init__(self, name: str, guess: str) -> None:
        self.guess = guess
        super().__init__(f'unknown name "{name}"{guess}')


def round8(value: Number) -> int:
    """Round to a multiple of 8, at least 8, never below 90 % of the value (MobileNet's ``make_divisible``).

    >>> round8(32 * 0.75), round8(11), round8(3), round8(43)
    (24, 16, 8, 40)
    """
    nearest = max(8, int(value + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * value else nearest  # MobileNet's own tenth


FUNCTIONS: dict[str, Callable[..., Number]] = {
    "abs": abs, "ceil": ceil, "floor": floor, "int": int, "max": max, "min": min, "round": round,
    "round8": round8,
}  # fmt: skip
"""What an expression may call."""
_SEVERAL = ("max", "min")
_THREAD = threading.local()


def evaluate(text: str, names: Mapping[str, object], words: Collection[str] = ()) -> Number | bool:
    """Return the value of an expression of the given names; ExpressionError with the reason otherwise.

    ``words`` are further ones that a misspelt name may have meant.

    >>> evaluate("32 * alpha", {"alpha": 0.75}), evaluate("2 if last else 1", {"last": 0})
    (24.0, 1)
    """
    body, read = _parsed(text)
    for name in read:
        if name not in names:
            if name in FUNCTIONS:
                raise ExpressionError(f"{name} is a function; call it: {name}(…)")
            listed = ", ".join(list(names)[:8])
            known = f"; knobs and parameters here: {listed}" if listed else "; there are no knobs here"
            raise UnknownNameError(name, guess(name, (*words, *names, *FUNCTIONS), known))
        if not isinstance(names[name], int | float):
            raise ExpressionError(f'"{name}" is {names[name]!r} here, not a number')
    try:
        evaluator = _evaluator()
        evaluator.names = names
        value = evaluator.eval(text, previously_parsed=body)
    except ExpressionError:
        raise
    except ZeroDivisionError:
        raise ExpressionError("a division by zero") from None
    except RecursionError:
        raise ExpressionError("nested too deeply") from None
    except (OverflowError, ValueError, TypeError, ArithmeticError):
        raise ExpressionError("no finite value") from None
    if not isinstance(value, int | float):
        raise ExpressionError(f"not a number but {type(value).__name__}")
    return _bounded(value)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[ast.expr, tuple[str, ...]]:
    """Return an expression's tree, and the names it reads."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters")
    if _WORD.fullmatch(text) and "-" not in text:
        return ast.Name(text, ast.Load()), (text,)
    if not _ALPHABET.fullmatch(text):
        odd = next((c for c in text if not _ALPHABET.fullmatch(c)), "")
        raise ExpressionError(f"{odd!r} has no meaning in an expression" if odd else "empty; expected a number")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError("not an expression; expected arithmetic such as 2 * filters") from None
    return tree.body, _names(tree)


def _names(tree: ast.Expression) -> tuple[str, ...]:
    """Return the names that an expression reads; ExpressionError for what has no meaning in it."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            _check_call(node)
        elif isinstance(node, ast.Name):
            if id(node) not in called:
                names[node.id] = None
        elif isinstance(node, ast.Constant):
            if not isinstance(node.value, int | float):
                raise ExpressionError(f"{ast.unparse(node)} is not a number")
        elif not isinstance(node, _NODES) and type(node) not in _ARITHMETIC and type(node) not in _COMPARISONS:
            raise ExpressionError(f"{type(node).__name__.lower()} has no meaning in an expression")
    return tuple(names)


def _check_call(node: ast.Call) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    known = ", ".join(f"{function}()" for function in FUNCTIONS)
    if name not in FUNCTIONS:
        raise ExpressionError(f"unknown function {name}(){guess(name, FUNCTIONS)}; known: {known}")
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise ExpressionError(f"{name}() takes plain numbers")
    if name in _SEVERAL and len(node.args) < 2:  # noqa: PLR2004  # the smaller of one number says nothing
        raise ExpressionError(f"{name}() takes two or more numbers")
    if name not in _SEVERAL and len(node.args) != 1:
        raise ExpressionError(f"{name}() takes one number")


def _evaluator() -> SimpleEval:
    """Return the evaluator of this thread: it holds the names of the expression under evaluation."""
    if not hasattr(_THREAD, "evaluator"):
        from simpleeval import SimpleEval

        operators = {**_COMPARISONS, **{node: _guarded(function) for node, function in _ARITHMETIC.items()}}
        functions = {name: _guarded(function) for name, function in FUNCTIONS.items()}
        _THREAD.evaluator = SimpleEval(operators=operators, functions=functions)
    evaluator: SimpleEval = _THREAD.evaluator
    return evaluator


def _guarded(function: Callable[..., Any]) -> Callable[..., Number]:
    def apply(*values: Number) -> Number:
        if function is operator.pow and abs(values[1]) > MAX_EXPONENT:
            raise ExpressionError(f"a power above {MAX_EXPONENT}")
        return _bounded(function(*values))

    return apply


def _bounded(value: Any) -> Number:
    if isinstance(value, complex):
        raise ExpressionError("no real value")
    if not isfinite(value):
        raise ExpressionError("no finite value")
    if abs(value) > MAX_SIZE:
        raise ExpressionError("larger than 2**63")
    number: Number = value
    return number
