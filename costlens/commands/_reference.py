"""The page of all commands with their options, as ``docs/options.md`` holds it."""

from importlib import import_module

from costlens import commands
from costlens.commands._cli import Given, default, parameters
from costlens.commands._overview import by_group, paragraphs
from costlens.results.columns import Column
from costlens.results.page import Block, Code, Heading, Mark, Page, Say, Table

_SAID = "An option may be given more than once where its meaning says so. Every command also takes --help and --debug."


def _written(given: Given) -> str:
    if not given.names:
        return given.metavar
    value = "" if given.type is bool else f" {'WORD' if '|' in given.metavar else given.metavar}"
    return f"{', '.join([*given.names, *given.opposites])}{value}"


def _meaning(given: Given) -> str:
    words = f" One of {given.metavar.replace('|', ', ')}." if "|" in given.metavar else ""
    return f"{given.how.help}{words}"


_COLUMNS: tuple[Column[Given], ...] = (
    Column("name", "option", value=lambda given: Mark(_written(given), "code")),
    Column("help", "meaning", value=_meaning),
    Column("default", "default", value=default),
)


def page() -> Page:
    """Return every command, what it does, and what it takes."""
    blocks: list[Block] = [Say(_SAID)]
    for title, names in by_group().items():
        blocks.append(Heading(title))
        for name in names:
            does, *more = paragraphs(name)
            example = "".join(each.removeprefix("Example: ") for each in more if each.startswith("Example: "))
            said = [each for each in more if not each.startswith("Example: ")]
            taken = parameters(import_module(f"{commands.__name__}.{name}").command)
            blocks += [Heading(f"costlens {name}", 3), Say(does, *said), Code(example, "sh"), Table(_COLUMNS, taken)]
    return Page("Options", blocks, level=1)
