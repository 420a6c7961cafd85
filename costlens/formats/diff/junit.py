"""A diff as JUnit's XML: a test a spec, which fails where the job does."""

from __future__ import annotations

from costlens.errors import CostlensError, ExpectationError, InconclusiveError, RegressionError
from costlens.formats._junit import Case, Outcome, document
from costlens.results.diff import Diff, SpecDiff

suffix = ".xml"
_FAILURES = (RegressionError, InconclusiveError, ExpectationError)
"""What was found out; any other error kept it from being found out."""


def render(diff: Diff) -> str:
    """Write a diff; specs that are the same on both sides are not in it."""
    return document("costlens diff", [_case(spec, lenient=diff.lenient) for spec in diff.specs])


def _case(spec: SpecDiff, *, lenient: bool) -> Case:
    failure = spec.failure(lenient=lenient)
    unsure = spec.failure(lenient=False) if failure is None else None
    line = spec.problems[0].line if spec.problems else 0
    name, group = spec.name or spec.path, f"costlens.diff.{spec.standing}"
    if failure is None and unsure is None:
        return Case(group, name, spec.path)
    outcome: Outcome = "skipped" if failure is None else "failure" if isinstance(failure, _FAILURES) else "error"
    return Case(group, name, spec.path, line, outcome, _kind(failure), str(failure or unsure))


def _kind(failure: CostlensError | None) -> str:
    return type(failure).__name__ if failure else ""
