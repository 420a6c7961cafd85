"""Arithmetic on knobs and parameters: ``filters * alpha``, ``round8(32 * alpha)``, ``2 if last else 1``.

Numbers, names, ``+ - * / // % **``, comparisons, ``and or not``, ``a if c else b``, elements of lists as ``widths[i]``,
``i in [0, 2]``, words in quotes and a few functions; everything is bounded, so no expression takes long or grows large.
"""

from __future__ import annotations

import ast
import operator
import re
import threading
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from math import ceil, floor, isfinite
from typing import TYPE_CHECKING, Any, TypeGuard

from costlens.spec.elsewhere import guess
from costlens.spec.items import Element, Items, closed, opened

if TYPE_CHECKING:
    from simpleeval import SimpleEval

Number = int | float

MAX_LENGTH = 200
MAX_EXPONENT = 64
MAX_SIZE = 2**63

_ALPHABET = re.compile(r"[A-Za-z0-9_.,+\-*/%()<>=!\[\]'\" ]+")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NODES = (
    ast.Expression, ast.Load, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.And, ast.Or,
    ast.Subscript, ast.List, ast.Tuple,
)  # fmt: skip
_EMPTY = "empty; expected a number"
_ARITHMETIC_EXPECTED = "not an expression; expected arithmetic such as 2 * filters"
_ELSEWHERE = {
    "^": "a power as 2 ** i",
    "&": "and",
    "|": "or",
    "~": "not",
    "?": "a choice as 16 if depth > 1 else 32",
    "$": "the name alone",
    "{": "the name alone",
    "\u00d7": "a product as 2 * i",
}
"""The signs of other languages, with what to write."""
_SLIPS = (
    (re.compile(r"![^=]|!$"), "'!' has no meaning alone; write not"),
    (re.compile(r"[^=!<>]=[^=]"), "two values are compared by =="),
    (re.compile(r"[A-Za-z_]\.[0-9]"), "an element of a list is written widths[0]"),
)
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
_ORDERS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_EQUALS: dict[type[ast.AST], Callable[..., Any]] = {ast.Eq: operator.eq, ast.NotEq: operator.ne}
_MEMBERS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.In: lambda value, several: operator.contains(several, value),
    ast.NotIn: lambda value, several: not operator.contains(several, value),
}
_OPERATORS = (*_ARITHMETIC, *_ORDERS, *_EQUALS, *_MEMBERS, ast.Not)


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
    "abs": abs, "ceil": ceil, "floor": floor, "int": int, "len": len, "max": max, "min": min, "round": round,
    "round8": round8,
}  # fmt: skip
"""What an expression may call."""
_SEVERAL = ("max", "min")
_OF_LIST = "len"
_THREAD = threading.local()


def evaluate(text: str, names: Mapping[str, object], words: Collection[str] = ()) -> Element:
    """Return the value of an expression of the given names; ExpressionError with the reason otherwise.

    That is a number, or what an element of a list or a word in quotes is. ``words`` stand for themselves, as do those
    of a field: ``same if stride == 1 else valid``.

    >>> evaluate("32 * alpha", {"alpha": 0.75}), evaluate("2 if last else 1", {"last": 0})
    (24.0, 1)
    """
    body, read, counted = _parsed(text)
    seen = {name: opened(names[name]) if name in names else _word(name, text, names, words) for name in read}
    for name in counted:
        if not isinstance(seen[name], int | float):
            raise ExpressionError(f'"{name}" is {_shown(seen[name])} here, not a number')
    if all(isinstance(value, str | int | float) for value in seen.values()):
        return _known(text, *seen.values())
    return _worked_out(body, text, seen)


@lru_cache(maxsize=16384, typed=True)
def _known(text: str, *values: str | float) -> Element:
    """Return the value of an expression whose names, in order, have these values."""
    body, read, _ = _parsed(text)
    return _worked_out(body, text, dict(zip(read, values, strict=True)))


def _worked_out(body: ast.expr, text: str, seen: Mapping[str, object]) -> Element:
    try:
        evaluator = _evaluator()
        evaluator.names = seen
        value = evaluator.eval(text, previously_parsed=body)
    except ExpressionError:
        raise
    except ZeroDivisionError:
        raise ExpressionError("a division by zero") from None
    except RecursionError:
        raise ExpressionError("nested too deeply") from None
    except (OverflowError, ValueError, TypeError, ArithmeticError):
        raise ExpressionError("no finite value") from None
    if type(value) is tuple:
        raise ExpressionError("a list is not written in an expression; write it as YAML does: [1, 2]")
    return _bounded(value) if isinstance(value, int | float) else closed(value)


def _word(name: str, text: str, names: Mapping[str, object], words: Collection[str]) -> str:
    """Return a name that stands for itself; ExpressionError for one that has no value here."""
    if name in words:
        return name
    if name in FUNCTIONS:
        raise ExpressionError(f"{name} is a function; call it: {name}(…)")
    if re.search(rf"[!=]= *{name}\b|\b{name} *[!=]=", text):
        raise UnknownNameError(name, guess(name, names, f"; a word stands in quotes: '{name}'"))
    listed = ", ".join(list(names)[:8])
    known = f"; knobs and parameters here: {listed}" if listed else "; there are no knobs here"
    raise UnknownNameError(name, guess(name, (*words, *names, *FUNCTIONS), known))


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[ast.expr, tuple[str, ...], tuple[str, ...]]:
    """Return an expression's tree, the names it reads, and those of them that it calculates with."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters")
    if _WORD.fullmatch(text) and "-" not in text:
        return ast.Name(text, ast.Load()), (text,), ()
    if not _ALPHABET.fullmatch(text):
        odd = next((c for c in text if not _ALPHABET.fullmatch(c)), "")
        raise ExpressionError(f"{odd!r} has no meaning in an expression{_instead(odd)}" if odd else _EMPTY)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(_no_expression(text)) from None
    return tree.body, _names(tree), tuple(dict.fromkeys(_operands(tree)))


def _instead(odd: str) -> str:
    return f"; write {_ELSEWHERE[odd]}" if odd in _ELSEWHERE else ""


def _no_expression(text: str) -> str:
    """Say what is wrong with a text that Python cannot read."""
    if text.count("(") > text.count(")"):
        return "a bracket is not closed; within braces a text with a comma needs quotes"
    return next((says for form, says in _SLIPS if form.search(text)), _ARITHMETIC_EXPECTED)


def _operands(tree: ast.Expression) -> Iterator[str]:
    """Yield the names that are operands of arithmetic, or arguments of functions of numbers."""
    for node in ast.walk(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.BinOp):
            parts = [node.left, node.right]
        elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
            parts = [node.operand]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id != _OF_LIST:
            parts = node.args
        yield from (part.id for part in parts if isinstance(part, ast.Name))


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
            if not isinstance(node.value, int | float | str):
                raise ExpressionError(f"{ast.unparse(node)} is not a number")
        elif not isinstance(node, _NODES) and type(node) not in _OPERATORS:
            raise ExpressionError(f"{type(node).__name__.lower()} has no meaning in an expression")
    return tuple(names)


def _check_call(node: ast.Call) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    known = ", ".join(f"{function}()" for function in FUNCTIONS)
    if name == "range":
        raise ExpressionError("range() is no list here; times: 4 and index: i count from 0 to 3")
    if name not in FUNCTIONS:
        raise ExpressionError(f"unknown function {name}(){guess(name, FUNCTIONS)}; known: {known}")
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise ExpressionError(f"{name}() takes plain numbers")
    if name in _SEVERAL and len(node.args) < 2:  # noqa: PLR2004  # the smaller of one number says nothing
        raise ExpressionError(f"{name}() takes two or more numbers")
    if name not in _SEVERAL and len(node.args) != 1:
        raise ExpressionError(f"{name}() takes one {'list' if name == _OF_LIST else 'number'}")


def _evaluator() -> SimpleEval:
    """Return the evaluator of this thread: it holds the names of the expression under evaluation."""
    if not hasattr(_THREAD, "evaluator"):
        from simpleeval import SimpleEval

        guards = ((_ARITHMETIC, _guarded), (_ORDERS, _guarded), (_EQUALS, _compared), (_MEMBERS, _looked_up))
        operators = {node: guard(how) for several, guard in guards for node, how in several.items()}
        functions = {name: _measured if name == _OF_LIST else _guarded(how) for name, how in FUNCTIONS.items()}
        evaluator = SimpleEval(operators={**operators, ast.Not: operator.not_}, functions=functions)
        parts: Callable[[ast.AST], Any] = evaluator._eval  # as its own nodes read theirs
        evaluator.nodes |= dict.fromkeys((ast.List, ast.Tuple), lambda node: tuple(map(parts, node.elts)))
        evaluator.nodes[ast.Subscript] = lambda node: _element(parts(node.value), parts(node.slice))
        _THREAD.evaluator = evaluator
    found: SimpleEval = _THREAD.evaluator
    return found


def _guarded(function: Callable[..., Any]) -> Callable[..., Number]:
    def apply(*values: object) -> Number:
        for value in values:
            if not isinstance(value, int | float):
                raise ExpressionError(f"{_shown(value)} is not a number")
        if function is operator.pow and abs(values[1]) > MAX_EXPONENT:  # type: ignore[arg-type]  # numbers, as seen
            raise ExpressionError(f"a power above {MAX_EXPONENT}")
        return _bounded(function(*values))

    return apply


def _compared(function: Callable[..., Any]) -> Callable[..., bool]:
    def apply(*values: object) -> bool:
        for value in values:
            if not isinstance(value, int | float | str):
                raise ExpressionError(f"{_shown(value)} is not compared as a whole; compare its elements")
        return bool(function(*values))

    return apply


def _looked_up(function: Callable[..., Any]) -> Callable[..., bool]:
    def apply(value: object, several: object) -> bool:
        if not _is_list(several):
            raise ExpressionError(f"in {_shown(several)}: not a list")
        return bool(function(value, several))

    return apply


def _is_list(value: object) -> TypeGuard[Items | tuple[object, ...]]:
    return isinstance(value, Items) or type(value) is tuple  # one that is written in the expression


def _element(several: object, position: object) -> object:
    if not _is_list(several):
        raise ExpressionError(f"{_shown(several)} is not a list")
    if isinstance(position, bool) or not isinstance(position, int):
        raise ExpressionError(f"the position {_shown(position)} in a list is not a whole number")
    count = len(several)
    if not -count <= position < count:
        there = f"its positions are 0 to {count - 1}" if count else "it is empty"
        raise ExpressionError(f"the list has no position {position}; {there}")
    return several[position] if isinstance(several, tuple) else several.at(position)


def _measured(value: object) -> int:
    if not _is_list(value):
        raise ExpressionError(f"{_OF_LIST}() takes a list, received {_shown(value)}")
    return len(value)


def _shown(value: object) -> str:
    if _is_list(value):
        return "a list"
    return repr(value) if isinstance(value, str | int | float) else "a mapping"


def _bounded(value: Any) -> Number:
    if isinstance(value, complex):
        raise ExpressionError("no real value")
    if not isfinite(value):
        raise ExpressionError("no finite value")
    if abs(value) > MAX_SIZE:
        raise ExpressionError("larger than 2**63")
    number: Number = value
    return number
