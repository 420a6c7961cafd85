"""``costlens check``: published figures and budgets against the count; imports no framework."""

from __future__ import annotations

from costlens import pipeline
from costlens.commands._options import Settings, Specs, console, settings_from, spec_files
from costlens.errors import ExpectationError, UsageError


def command(specs: Specs, set_: Settings = None) -> None:
    """Compare specs with their expect: and budget:; exit 3 on a miss, 2 where a spec has errors.

    Published figures hold within one unit of their last digit. With --set only budgets are compared.
    """
    from costlens.formats.checks import terminal

    settings = settings_from(set_)
    checked = [pipeline.check(path, settings) for path in spec_files(specs)]
    console().print(terminal.render(checked, own_knobs=not settings))
    problems = [spec.problem for spec in checked if spec.problem]
    missed = [line for spec in checked for line in spec.missed]
    if problems:
        raise UsageError("\n".join((*problems, *missed)))
    if missed:
        raise ExpectationError("\n".join(missed))
