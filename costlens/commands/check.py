"""``costlens check``: published figures and budgets against the count; imports no framework unless it times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from costlens.analysis.budgets import TIME, Limit
from costlens.commands._cli import Argument, Group, Option
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import MODEL, WORDS, Execute, Settings, asked, tools
from costlens.commands._output import (
    TERMINAL,
    AllowInconclusive,
    Columns,
    Comment,
    JudgingFormat,
    choose,
    end,
    require_comment,
    write,
)
from costlens.errors import UsageError
from costlens.sources._word import Word
from costlens.spec import project
from costlens.spec.model import LIMITED, limit, other_figure
from costlens.tasks import check as checking

if TYPE_CHECKING:
    from costlens.spec.project import Project

_SPECS = Path("specs")


def command(
    words: Annotated[
        list[str] | None,
        Argument(metavar="MODEL", help=f"{WORDS} Default: the specs of pyproject.toml, else specs/.", **MODEL),
    ] = None,
    *,
    measuring: Annotated[Measuring, Group("threshold")],
    budget: Annotated[
        list[str] | None,
        Option(
            metavar="NAME=FIGURE", help=f"What every spec may cost at most: {', '.join(LIMITED)}. May be given again."
        ),
    ] = None,
    set_: Settings = None,
    base: Annotated[
        str | None,
        Option(metavar="REVISION", help="What relative budgets, such as macs=+5%, are relative to (its merge base)."),
    ] = None,
    execute: Execute = False,
    bench: Annotated[bool, Option("--bench", help="Time the specs whose latency is limited.")] = False,
    allow_inconclusive: AllowInconclusive = False,
    format: JudgingFormat = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
    comment: Comment = None,
) -> None:
    """Compare specs with their published figures and budgets; exit 3 on a miss, 2 where a spec has errors.

    Budgets are the specs' own, those of the pyproject.toml nearest to each, and flags.

    Published figures hold within one unit of their last digit; with --set only budgets are compared.

    Example: costlens check specs/ --budget macs=600M
    """
    from costlens.formats.pages.check import CHOICES, page

    picked = choose(columns, CHOICES, format)
    plan = measuring.protocol_if(bench)
    flags = _limits(budget or [])
    if not bench and (times := [limit for limit in flags if limit.figure == TIME]):
        raise UsageError(f"--budget {TIME}={times[0].amount.text}: no time is measured; add --bench, or leave it out")
    if base is None and (grows := [one for one in flags if one.amount.relative]):
        flag = f"--budget {grows[0].figure}={grows[0].amount.text}"
        raise UsageError(f"{flag}: relative to what? name a revision with --base, for example --base main")
    file = None if words else project.find(Path.cwd())
    projects = {file: project.read(file)} if file else {}
    checks = checking.Checks(
        flags=flags,
        plan=plan,
        allow_inconclusive=allow_inconclusive or measuring.quick,  # a quick look settles nothing, and fails nothing
        projects=projects,
        base=base,
    )
    if plan:
        require_comment(comment)
    with tools() as given:
        checked = checking.check(
            words or _named(*projects.values()), asked(None, set_, execute=execute), checks, tools=given
        )
    write(page(checked), format, columns=picked, section="check", comment=comment)
    end(checked.failures)


def _limits(pairs: list[str]) -> list[Limit]:
    """Read ``NAME=FIGURE`` pairs."""
    found: dict[str, Limit] = {}
    for pair in pairs:
        name, equals, written = (part.strip() for part in pair.partition("="))
        if not equals:
            raise UsageError(f"--budget {pair}: expected NAME=FIGURE, for example --budget macs=600M")
        if name not in LIMITED:
            raise UsageError(f"--budget {pair}: {name}: unknown figure{other_figure(name)}")
        if name in found:
            raise UsageError(f"--budget {pair}: {name} is limited already, to {found[name].amount.text}; keep one")
        try:
            found[name] = Limit("flag", name, limit(name, written))
        except ValueError as error:
            raise UsageError(f"--budget {pair}: {error}") from None
    return list(found.values())


def _named(settled: Project | None = None) -> list[str | Word]:
    """Return what is meant where nothing is named."""
    if settled and (settled.specs or settled.problems):
        return [Word(str(path), path, named=False) for path in settled.specs]
    if _SPECS.is_dir():
        return [Word(str(_SPECS), _SPECS, named=False)]
    raise UsageError(
        "no spec is named and there is no folder specs/ here; name specs or folders of them, "
        'or list them in pyproject.toml: [tool.costlens] specs = ["networks/"]'
    )
