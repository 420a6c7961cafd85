"""A diff as JUnit's XML: a test a spec, by its path whatever becomes of it, which fails where the job does."""

from __future__ import annotations

from costlens.errors import CostlensError, InconclusiveError, RegressionError
from costlens.formats._junit import Case, Outcome, document
from costlens.formats.diff import _said
from costlens.results.diff import Diff, SpecDiff

_GROUP = "costlens.diff"
_FAILURES = (RegressionError, InconclusiveError)
"""What was found out; any other error kept it from being found out."""


def render(diff: Diff) -> str:
    """Write a diff; specs that are the same on both sides are not in it."""
    cases = [_case(spec, lenient=diff.lenient) for spec in diff.specs]
    cases += [Case(_GROUP, path, path, outcome="skipped", message=_said.UNREADABLE) for path in diff.unreadable]
    return document("costlens diff", cases)


def _case(spec: SpecDiff, *, lenient: bool) -> Case:
    failure = spec.failure(lenient=lenient)
    unsure = spec.failure(lenient=False) if failure is None else None
    line = spec.problems[0].line if spec.problems else 0
    if failure is None and unsure is None:
        return Case(_GROUP, spec.path, spec.path)
    outcome: Outcome = "skipped" if failure is None else "failure" if isinstance(failure, _FAILURES) else "error"
    return Case(_GROUP, spec.path, spec.path, line, outcome, _kind(failure), str(failure or unsure))


def _kind(failure: CostlensError | None) -> str:
    return type(failure).__name__ if failure else ""
