"""What ``costlens --help`` shows: every command with the first sentences of its docstring, by what it is for."""

from importlib.machinery import PathFinder
from inspect import cleandoc
from types import CodeType

from costlens import __version__, commands
from costlens.commands._cli import table

_GROUPS = {
    "Everyday": ("count", "compare", "diff", "check", "advise", "explore", "watch", "report", "plot", "history"),
    "Measure": ("bench", "profile", "predict", "sweep", "machine"),
    "Prove": ("verify", "export", "explain"),
    "Write": ("new", "kinds", "schema", "tables"),
    "Find and set up": ("list", "docs", "doctor", "cache", "completion"),
}
"""The order of the list; a command that is not named here comes last."""
_OPTIONS = [
    ("-h, --help", "Show this text; costlens COMMAND --help shows that of a command."),
    ("-V, --version", "Print the version."),
    ("--debug", "Show the traceback of an error; it may stand before or after the command."),
]


def overview(width: int) -> str:
    """Write the commands by group, each group with an example."""
    blocks = [f"costlens {__version__}: what a network costs, what other convolutions would cost, and proof of it."]
    blocks.append("Usage: costlens COMMAND [OPTIONS] …")
    for title, names in by_group().items():
        texts = {name: paragraphs(name) for name in names}
        rows = [(name, paragraphs[0]) for name, paragraphs in texts.items()]
        examples = [each for paragraphs in texts.values() for each in paragraphs if each.startswith("Example:")]
        blocks.append("\n".join([f"{title}:", table(rows, width), *(f"  {example}" for example in examples[:1])]))
    return "\n\n".join([*blocks, f"Options:\n{table(_OPTIONS, width)}"])


def by_group() -> dict[str, list[str]]:
    """Return the names of all commands by what they are for."""
    known = commands.command_names()
    groups = {title: [name for name in names if name in known] for title, names in _GROUPS.items()}
    others = [name for name in known if not any(name in names for names in groups.values())]
    return groups | ({"Other": others} if others else {})


def paragraphs(name: str) -> list[str]:
    """Return the docstring of a command from its compiled file: to import sixteen commands would take seconds."""
    full = f"{commands.__name__}.{name}"
    found = PathFinder.find_spec(full, commands.__path__)
    code = found.loader.get_code(full) if found and found.loader else None  # type: ignore[attr-defined]  # a file's
    functions = (item for item in (code.co_consts if code else ()) if isinstance(item, CodeType))
    texts = next((item.co_consts for item in functions if item.co_name == "command"), ())
    text = cleandoc(texts[0]) if texts and isinstance(texts[0], str) else ""
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
