"""Command lines: a command is a function whose parameters say how they are given; ``argparse`` reads the words.

A parameter is annotated ``Annotated[TYPE, Option(…)]`` or ``Annotated[TYPE, Argument(…)]``. TYPE is str, int, float,
bool, Path or a StrEnum, a list of one of them where it may be given several times, and ``| None`` where it may be left
out.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, BooleanOptionalAction, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from inspect import Parameter, cleandoc, signature
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NoReturn, get_args, get_origin, get_type_hints

from costlens.errors import UsageError, did_you_mean

HELP = ("-h", "--help")
_NO_OPTION = "\0"
"""Marks the words after ``--``, which no command line can hold: ``parse_intermixed_args`` forgets where that was."""
_WORDS = {str: "TEXT", int: "N", float: "NUMBER", Path: "PATH"}


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


class _Parser(ArgumentParser):
    """Raises UsageError with one sentence instead of printing the usage and leaving."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong, with the option that was probably meant."""
        known = (*self._option_string_actions, "--debug")
        words = [word.rstrip(":").partition("=")[0] for word in message.split() if word.startswith("-")]
        guess = next((guess for word in words if word not in known and (guess := did_you_mean(word, known))), "")
        message = message.replace(_NO_OPTION, "")
        raise UsageError(f"{self.prog}: {message}{guess or f'; {self.prog} --help shows what it takes'}")


def arguments(name: str, command: Callable[..., None], words: Sequence[str]) -> dict[str, Any]:
    """Read the words after a command's name as arguments of its function; UsageError where they cannot be."""
    given = list(words)
    if "--" in given:
        end = given.index("--")
        given[end:] = [f"{_NO_OPTION}{word}" for word in given[end + 1 :]]
    found = vars(_parser(name, command, 0).parse_intermixed_args(given))
    return {field: None if value == [] else value for field, value in found.items()}


def help_text(name: str, command: Callable[..., None], width: int) -> str:
    """Write what a command does, what it takes and an example."""
    return _parser(name, command, width).format_help().rstrip()


def _parser(name: str, command: Callable[..., None], width: int) -> ArgumentParser:
    formatter = partial(RawDescriptionHelpFormatter, width=width, max_help_position=max(12, width // 3))
    made = _Parser(
        f"costlens {name}",
        description=_described(command, width) if width else None,
        formatter_class=formatter,
        allow_abbrev=False,
    )
    hints = get_type_hints(command, include_extras=True)
    for field, signed in signature(command).parameters.items():
        type_, declared = get_args(hints[field])
        if get_origin(type_) is UnionType:
            (type_,) = (part for part in get_args(type_) if part is not NoneType)
        _add(made, field, type_, declared, signed.default)
    places = " ".join(str(action.metavar) for action in made._actions if not action.option_strings)
    made.usage = f"costlens {name} [OPTIONS] {places}".rstrip()
    return made


def _add(made: ArgumentParser, field: str, type_: Any, declared: Argument, default: Any) -> None:
    """Add one parameter of a function to a parser."""
    several = get_origin(type_) is list
    type_ = get_args(type_)[0] if several else type_
    required = default is Parameter.empty
    given: dict[str, Any] = {"help": f"{declared.help}{_default(declared, default)}".strip().replace("%", "%%")}
    given["default"] = None if required else default
    if type_ is not bool:
        given["metavar"] = declared.metavar or _metavar(type_, field, option=isinstance(declared, Option))
    if not isinstance(declared, Option):
        nargs = ("+" if required else "*") if several else None if required else "?"
        made.add_argument(field, nargs=nargs, type=partial(_read, type_, given["metavar"], None), **given)
        return
    names = [each.partition("/")[0] for each in declared.names] or [f"--{field.replace('_', '-')}"]
    if type_ is bool:
        opposite = any("/" in each for each in declared.names)
        made.add_argument(*names, dest=field, action=BooleanOptionalAction if opposite else "store_true", **given)
        return
    read = partial(_read, type_, names[0], declared)
    action = "append" if several else "store"
    made.add_argument(*names, dest=field, action=action, required=required, type=read, **given)


def _metavar(type_: Any, field: str, *, option: bool) -> str:
    if isinstance(type_, type) and issubclass(type_, Enum):
        return "|".join(type_)
    return _WORDS[type_] if option else field.upper()


def _read(type_: Any, shown: str, option: Option | None, text: str) -> Any:
    """Return the value that a text stands for; UsageError where it cannot be one."""
    text = text.removeprefix(_NO_OPTION)
    if option and option.parser:
        return option.parser(text)
    if type_ is Path and not text:
        raise UsageError(f"{shown}: an empty text is not a path; is a variable of the shell unset?")
    if isinstance(type_, type) and issubclass(type_, Enum):
        words = list(map(str, type_))
        if text not in words:
            raise UsageError(f"{shown} {text}: expected {', '.join(words)}{did_you_mean(text, words)}")
    if type_ is int:
        return _whole(text, shown, option.min if option else None, option.max if option else None)
    return type_(text)


def _whole(text: str, shown: str, least: int | None, most: int | None) -> int:
    value = int(text) if text.lstrip("+-").isdecimal() and len(text) < 20 else None  # noqa: PLR2004  # no such number
    if value is None or (least is not None and value < least) or (most is not None and value > most):
        limits = f"{'' if least is None else f' from {least}'}{'' if most is None else f' to {most}'}"
        raise UsageError(f"{shown} {text}: expected a whole number{limits}")
    return value


def _default(declared: Argument, default: Any) -> str:
    shown = declared.show_default if isinstance(declared.show_default, str) else default
    if not declared.show_default or shown in (None, False, "", Parameter.empty):
        return ""
    return f" Default: {shown}."


def _described(command: Callable[..., None], width: int) -> str:
    """Return the paragraphs of a command's docstring, wrapped; an example stays on its line."""
    from textwrap import fill

    lines = [" ".join(each.split()) for each in cleandoc(command.__doc__ or "").split("\n\n")]
    return "\n\n".join(each if each.startswith("Example:") else fill(each, width) for each in lines)


def table(rows: Sequence[tuple[str, str]], width: int) -> str:
    """Write titles and what they mean in two columns."""
    from textwrap import wrap

    column = max(len(title) for title, _ in rows)
    lines = []
    for title, text in rows:
        first, *rest = wrap(text, max(width - column - 4, 20)) or [""]
        lines += [f"  {title:{column}}  {first}".rstrip(), *(f"{'':{column + 4}}{line}" for line in rest)]
    return "\n".join(lines)


def echo(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print a text on standard output, or on standard error."""
    print(text, end="\n" if nl else "", file=sys.stderr if err else sys.stdout)
