"""Command lines: a command is a function whose parameters say how they are given; ``argparse`` reads the words.

A parameter is annotated ``Annotated[TYPE, Option(…)]`` or ``Annotated[TYPE, Argument(…)]``. TYPE is str, int, float,
bool, Path, a StrEnum or a Literal, a list of one of them where it may be given several times, and ``| None`` where it
may be left out. ``Annotated[CLASS, Group(…)]`` is a dataclass whose fields are such parameters.
"""

import sys
from argparse import ArgumentParser, BooleanOptionalAction, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache, partial
from inspect import Parameter, cleandoc, signature
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NoReturn, Union, get_args, get_origin, get_type_hints

from costlens.errors import UsageError, did_you_mean

HELP = ("-h", "--help")
_METAVARS = {str: "TEXT", int: "N", float: "NUMBER", Path: "PATH"}


class Argument:
    """A parameter that is given by its place.

    ``metavar`` is what help calls its value, ``words`` are what a shell offers for it, with ``files`` beside names of
    files. A number is from ``min`` to ``max``; ``parser`` reads a text that is neither of these nor one of a few words.
    """

    def __init__(
        self,
        *names: str,
        metavar: str = "",
        help: str = "",  # noqa: A002
        words: Sequence[str] = (),
        files: bool = False,
        show_default: bool | str = True,
        min: int | None = None,  # noqa: A002
        max: int | None = None,  # noqa: A002
        parser: Callable[[str], object] | None = None,
    ) -> None:
        self.names, self.metavar, self.help, self.words, self.files = names, metavar, help, words, files
        self.show_default, self.min, self.max, self.parser = show_default, min, max, parser


class Option(Argument):
    """A parameter that is given by name: ``--its-name`` unless others are listed; ``--a/--no-a`` has an opposite."""


class Group:
    """The fields of a dataclass as parameters, but those left out; ``defaults`` take the place of its own."""

    def __init__(self, *left_out: str, **defaults: Any) -> None:
        self.left_out, self.defaults = left_out, defaults


@dataclass(frozen=True, slots=True)
class Given:
    """One parameter: how it is given, the type of one value, whether it may be given again; its group and its class."""

    field: str
    how: Argument
    type: Any
    several: bool
    default: Any
    group: tuple[str, Any] | None = None

    @property
    def names(self) -> list[str]:
        """How an option is called, without its opposite; nothing for what is given by its place."""
        if not isinstance(self.how, Option):
            return []
        return [name.partition("/")[0] for name in self.how.names] or [f"--{self.field.replace('_', '-')}"]

    @property
    def opposites(self) -> list[str]:
        """How what an option turns on is turned off."""
        return [name.partition("/")[2] for name in self.how.names if "/" in name]

    @property
    def words(self) -> tuple[str, ...]:
        """The words that are meant, where they are a few."""
        return get_args(self.type) or (tuple(self.type) if _is_enum(self.type) else tuple(self.how.words))

    @property
    def metavar(self) -> str:
        """What help calls its value."""
        if self.how.metavar:
            return self.how.metavar
        if not self.names:
            return self.field.upper()
        return _METAVARS.get(self.type) or "|".join(self.words)


@cache
def parameters(command: Callable[..., object]) -> tuple[Given, ...]:
    """Return what the words after a command's name may give, in the order of its function."""
    return tuple(_parameters(command))


def _parameters(command: Callable[..., object]) -> Iterator[Given]:
    hints = get_type_hints(command, include_extras=True)
    for field, signed in signature(command).parameters.items():
        type_, how = get_args(hints[field])
        if isinstance(how, Group):
            for each in parameters(type_):
                if each.field not in how.left_out:
                    default = how.defaults.get(each.field, each.default)
                    yield Given(each.field, each.how, each.type, each.several, default, (field, type_))
            continue
        if get_origin(type_) in (UnionType, Union):
            (type_,) = (part for part in get_args(type_) if part is not NoneType)
        several = get_origin(type_) is list
        yield Given(field, how, get_args(type_)[0] if several else type_, several, signed.default)


class _Parser(ArgumentParser):
    """Raises UsageError with one sentence instead of printing the usage and leaving."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong, with the option that was probably meant."""
        known = (*self._option_string_actions, "--debug")
        words = [word.rstrip(":").partition("=")[0] for word in message.split() if word.startswith("-")]
        guess = next((guess for word in words if word not in known and (guess := did_you_mean(word, known))), "")
        raise UsageError(f"{self.prog}: {message}{guess or f'; {self.prog} --help shows what it takes'}")


def arguments(name: str, command: Callable[..., None], words: Sequence[str]) -> dict[str, Any]:
    """Read the words after a command's name as arguments of its function; UsageError where they cannot be."""
    parser = _parser(name, command, 0)
    read = parser.parse_args if "--" in words else parser.parse_intermixed_args  # which loses what comes after --
    found = vars(read(list(words)))
    made: dict[str, Any] = {}
    for each in parameters(command):
        value = None if found[each.field] == [] else found[each.field]
        if each.group is None:
            made[each.field] = value
        else:
            field, kind = each.group
            made[field] = replace(made.get(field) or kind(), **{each.field: value})
    return made


def help_text(name: str, command: Callable[..., None], width: int) -> str:
    """Write what a command does, what it takes and an example."""
    return _parser(name, command, width).format_help().rstrip()


@cache
def _parser(name: str, command: Callable[..., None], width: int) -> ArgumentParser:
    made = _Parser(
        f"costlens {name}",
        description=_described(command, width) if width else None,
        formatter_class=partial(RawDescriptionHelpFormatter, width=width, max_help_position=max(12, width // 3)),
        allow_abbrev=False,
    )
    given = parameters(command)
    for each in given:
        _add(made, each)
    places = " ".join(each.metavar for each in given if not each.names)
    made.usage = f"costlens {name} [OPTIONS] {places}".rstrip()
    return made


def _add(made: ArgumentParser, given: Given) -> None:
    """Add one parameter of a function to a parser."""
    required = given.default is Parameter.empty
    shared: dict[str, Any] = {"help": f"{given.how.help}{_default(given)}".strip().replace("%", "%%")}
    shared["default"] = None if required else given.default
    if given.type is bool:
        action = BooleanOptionalAction if given.opposites else "store_true"
        made.add_argument(*given.names, dest=given.field, action=action, **shared)
        return
    shared |= {"metavar": given.metavar, "type": partial(_read, given)}
    if given.names:
        shared |= {"required": required, "action": "append" if given.several else "store"}
        made.add_argument(*given.names, dest=given.field, **shared)
    else:
        nargs = ("+" if required else "*") if given.several else None if required else "?"
        made.add_argument(given.field, nargs=nargs, **shared)


def _is_enum(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, Enum)


def _read(given: Given, text: str) -> Any:
    """Return the value that a text stands for; UsageError where it cannot be one."""
    how, name = given.how, (given.names or [given.metavar])[0]
    if how.parser:
        return how.parser(text)
    if given.type is Path and not text:
        raise UsageError(f"{name}: an empty text is not a path; is a variable of the shell unset?")
    if given.type is not str and given.words and text not in given.words:
        raise UsageError(f"{name} {text}: expected {', '.join(given.words)}{did_you_mean(text, given.words)}")
    if given.type is int:
        return _whole(text, name, how.min, how.max)
    return text if get_args(given.type) else given.type(text)


def _whole(text: str, shown: str, least: int | None, most: int | None) -> int:
    value = int(text) if text.lstrip("+-").isdecimal() and len(text) < 20 else None  # noqa: PLR2004  # no such number
    if value is None or (least is not None and value < least) or (most is not None and value > most):
        limits = f"{'' if least is None else f' from {least}'}{'' if most is None else f' to {most}'}"
        raise UsageError(f"{shown} {text}: expected a whole number{limits}")
    return value


def default(given: Given) -> str:
    """Return what holds where a parameter is not given, in words; nothing where that goes without saying."""
    shown = given.how.show_default if isinstance(given.how.show_default, str) else given.default
    if not given.how.show_default or shown in (None, False, "", Parameter.empty):
        return ""
    return str(shown)


def _default(given: Given) -> str:
    shown = default(given)
    return f" Default: {shown}." if shown else ""


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
