"""What passes between a parent and its measuring process, which imports as little as it can: lines of JSON."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from costlens.errors import CostlensError, not_installed

T = TypeVar("T")
Send = Callable[[Mapping[str, Any]], None]
_FAILED = 3  # exit status after an error has been sent


def write(message: Any) -> str:
    """Write a dataclass, or a mapping that may hold one, as one line."""
    return json.dumps(message, default=_plain)


def read(kind: Any, plain: Any) -> Any:
    """Return the value of a type whose JSON was read: dataclasses, tuples, mappings, paths, and what JSON holds itself.

    >>> read(tuple[int | None, ...], [1, None]), read(Mapping[str, tuple[str, float]], {"a": ["b", 0.5]})
    ((1, None), {'a': ('b', 0.5)})
    """
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**{name: read(_hints(kind)[name], value) for name, value in plain.items()})
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return None if plain is None else read(next(each for each in inside if each is not NoneType), plain)
    if origin is tuple:
        kinds = repeat(inside[0]) if inside[-1] is ... else inside
        return tuple(read(each, one) for each, one in zip(kinds, plain, strict=False))
    if origin is Mapping:
        return {key: read(inside[1], one) for key, one in plain.items()}
    return Path(plain) if kind is Path else plain


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else asdict(value)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def answer(kind: type[T], work: Callable[[T, Send], Any]) -> NoReturn:
    """Do the job of the line on stdin, send what was found, and end this process; it ends when its parent does, too.

    What libraries print from here on goes to stderr.
    """
    # An interrupt is for the parent to answer, which then ends this process and the rest of its group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def send(message: Mapping[str, Any]) -> None:
        pipe.write(write(message) + "\n")
        pipe.flush()

    job = read(kind, json.loads(sys.stdin.readline()))
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    status = 0
    try:
        send({"found": work(job, send)})
    except (CostlensError, ModuleNotFoundError) as problem:
        told = not_installed(problem) or problem
        if not isinstance(told, CostlensError):
            raise
        send({"error": type(told).__name__, "message": str(told)})
        status = _FAILED
    # All is sent: freeing gigabytes of weights in order would only cost time.
    os._exit(status)


def _leave_with_parent() -> None:
    """Wait for the end of stdin: the parent holds it open as long as it lives."""
    while os.read(0, 1):
        pass
    os._exit(1)
