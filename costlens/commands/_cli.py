"""Command lines: a command is a function whose parameters say how they are given and what they mean.

A parameter is annotated ``Annotated[TYPE, Option(…)]`` or ``Annotated[TYPE, Argument(…)]``. TYPE is str, int, float,
bool, Path or a StrEnum, a list of one of them where it may be given several times, and ``| None`` where it may be left
out. The words of a command line are read against the signature, and ``--help`` is written from it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import Enum
from inspect import Parameter, cleandoc, signature
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from costlens.errors import UsageError, did_you_mean

HELP = ("-h", "--help")
_WORDS = {str: "TEXT", int: "N", float: "NUMBER"}


class Argument:
    """A parameter that is given by its place; ``metavar`` is what help calls its value."""

    def __init__(self, *, metavar: str = "", help: str = "", show_default: bool | str = True) -> None:  # noqa: A002
        self.metavar, self.help, self.show_default = metavar, help, show_default


class Option(Argument):
    """A parameter that is given by name: ``--its-name`` unless others are listed; ``--a/--no-a`` has an opposite.

    A number is from ``min`` to ``max``; ``parser`` reads a text that is neither of these nor one of a few words.
    """

    def __init__(
        self,
        *names: str,
        min: int | None = None,  # noqa: A002
        max: int | None = None,  # noqa: A002
        parser: Callable[[str], object] | None = None,
        **shared: Any,
    ) -> None:
        super().__init__(**shared)
        self.names, self.min, self.max, self.parser = names, min, max, parser


class _Given(NamedTuple):
    """One parameter of a command: ``type`` is that of one value, ``on`` and ``off`` are the names of an option."""

    name: str
    declared: Argument
    type: Any
    several: bool
    default: Any
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether the parameter has no default."""
        return self.default is Parameter.empty

    @property
    def metavar(self) -> str:
        """What help calls the value; nothing for a flag."""
        if self.type is bool:
            return ""
        if isinstance(self.type, type) and issubclass(self.type, Enum):
            return self.declared.metavar or "|".join(self.type)
        return self.declared.metavar or (_WORDS.get(self.type, "PATH") if self.on else self.name.upper())

    @property
    def title(self) -> str:
        """How help shows the parameter."""
        if not self.on:
            return f"{self.metavar}{'…' if self.several and '…' not in self.metavar else ''}"
        names = ", ".join((*sorted(self.on, key=len), *self.off))
        return f"{names} {self.metavar}".rstrip()

    def read(self, text: str) -> Any:
        """Return the value that a text stands for; UsageError where it cannot be one."""
        declared = self.declared
        if isinstance(declared, Option) and declared.parser:
            return declared.parser(text)
        if self.type is Path and not text:
            raise UsageError(f"{self.shown}: an empty text is not a path; is a variable of the shell unset?")
        if self.type is int:
            return _whole(text, declared, self.shown)
        if isinstance(self.type, type) and issubclass(self.type, Enum):
            words = list(map(str, self.type))
            if text not in words:
                raise UsageError(f"{self.shown} {text}: expected {', '.join(words)}{did_you_mean(text, words)}")
        return self.type(text)

    @property
    def shown(self) -> str:
        """How messages name the parameter."""
        return self.on[0] if self.on else self.metavar


def _whole(text: str, declared: Argument, shown: str) -> int:
    least, most = (declared.min, declared.max) if isinstance(declared, Option) else (None, None)
    try:
        value = int(text)
    except ValueError:
        value = None
    if value is None or (least is not None and value < least) or (most is not None and value > most):
        limits = f"{'' if least is None else f' from {least}'}{'' if most is None else f' to {most}'}"
        raise UsageError(f"{shown} {text}: expected a whole number{limits}")
    return value


def _parameters(command: Callable[..., None]) -> list[_Given]:
    hints = get_type_hints(command, include_extras=True)
    found = []
    for name, signed in signature(command).parameters.items():
        type_, declared = get_args(hints[name])
        if get_origin(type_) is UnionType:
            (type_,) = (part for part in get_args(type_) if part is not NoneType)
        several = get_origin(type_) is list
        type_ = get_args(type_)[0] if several else type_
        on, off = _names(declared, name) if isinstance(declared, Option) else ((), ())
        found.append(_Given(name, declared, type_, several, signed.default, on, off))
    return found


def _names(option: Option, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = option.names or (f"--{name.replace('_', '-')}",)
    pairs = [each.partition("/") for each in names]
    return tuple(on for on, _, _ in pairs), tuple(off for _, _, off in pairs if off)


def arguments(name: str, command: Callable[..., None], words: Sequence[str]) -> dict[str, Any]:
    """Read the words after a command's name as arguments of its function; UsageError where they cannot be."""
    known = _parameters(command)
    named = {option: given for given in known for option in (*given.on, *given.off)}
    texts: dict[str, list[Any]] = {}
    placed: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            placed += rest
        elif not word.startswith("-") or word == "-":
            placed.append(word)
        else:
            option, value = _option(word)
            given = named.get(option)
            if given is None:
                guess = did_you_mean(option, (*named, *HELP, "--debug"))
                where = guess or f"; costlens {name} --help lists the options"
                raise UsageError(f"{option}: costlens {name} has no such option{where}")
            if given.type is bool:
                if value is not None:
                    raise UsageError(f"{word}: {option} takes no value")
                texts[given.name] = [option in given.on]
            else:
                value = next(rest, None) if value is None else value
                if value is None:
                    raise UsageError(f"{option}: needs a value; costlens {name} --help says which")
                texts.setdefault(given.name, []).append(value)
    places = [given for given in known if not given.on]
    for given in places:
        taken = placed if given.several else placed[:1]
        placed = placed[len(taken) :]
        texts |= {given.name: taken} if taken else {}
    if placed:
        raise UsageError(f"{placed[0]}: one argument too many; costlens {name} --help shows what it takes")
    return {given.name: _value(name, given, texts.get(given.name)) for given in known}


def _option(word: str) -> tuple[str, str | None]:
    """Split ``--name=value`` and ``-ovalue``."""
    if word.startswith("--"):
        option, equals, value = word.partition("=")
        return option, value if equals else None
    return word[:2], word[2:].removeprefix("=") or None


def _value(name: str, given: _Given, texts: Sequence[Any] | None) -> Any:
    if texts is None:
        if given.required:
            raise UsageError(f"costlens {name}: {given.title}: missing; costlens {name} --help says what it is")
        return given.default
    if given.type is bool:
        return texts[-1]
    return [given.read(text) for text in texts] if given.several else given.read(texts[-1])


def help_text(name: str, command: Callable[..., None], width: int) -> str:
    """Write what a command does, what it takes and an example."""
    known = _parameters(command)
    places = [given for given in known if not given.on]
    usage = " ".join(["Usage: costlens", name, "[OPTIONS]", *(_optional(given) for given in places)])
    blocks = [usage, *_paragraphs(command, width)]
    for title, listed in (("Arguments", places), ("Options", [given for given in known if given.on])):
        rows = [(given.title, f"{given.declared.help}{_default(given)}".strip()) for given in listed]
        rows += [("-h, --help", "Show this text.")] if title == "Options" else []
        blocks += [f"{title}:\n{table(rows, width)}"] if rows else []
    return "\n\n".join(blocks)


def _optional(given: _Given) -> str:
    return given.title if given.required or "[" in given.title else f"[{given.title}]"


def _default(given: _Given) -> str:
    default = given.declared.show_default if isinstance(given.declared.show_default, str) else given.default
    if given.required and given.on:
        return " Required."
    if not given.declared.show_default or given.required or default in (None, False, "") or given.off:
        return ""
    return f" Default: {default}."


def _paragraphs(command: Callable[..., None], width: int) -> list[str]:
    """Return the paragraphs of a command's docstring, wrapped; an example stays on its line."""
    from textwrap import fill

    paragraphs = cleandoc(command.__doc__ or "").split("\n\n")
    lines = [" ".join(each.split()) for each in paragraphs]
    return [each if each.startswith("Example:") else fill(each, width) for each in lines]


def table(rows: Sequence[tuple[str, str]], width: int) -> str:
    """Write titles and what they mean in two columns; a long title has a line of its own."""
    from textwrap import wrap

    column = min(max(len(title) for title, _ in rows), width // 3)
    lines = []
    for title, text in rows:
        wrapped = wrap(text, max(width - column - 4, 20)) or [""]
        first = f"  {title:{column}}  {wrapped.pop(0)}" if len(title) <= column else f"  {title}"
        lines += [first.rstrip(), *(f"{'':{column + 4}}{line}" for line in wrapped)]
    return "\n".join(lines)


def echo(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print a text on standard output, or on standard error."""
    print(text, end="\n" if nl else "", file=sys.stderr if err else sys.stdout)
