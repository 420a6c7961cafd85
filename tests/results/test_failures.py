"""The most severe of several errors decides the exit code; the messages of all are kept."""

import pytest

from costlens.errors import (
    BenchError,
    CostlensError,
    ExpectationError,
    InconclusiveError,
    Problem,
    RegressionError,
    SpecError,
    UsageError,
    VerificationError,
    most_severe,
)

SPEC = SpecError([Problem("a.yaml", 1, 2, "", "bad")])
GRAVITY = [
    ([InconclusiveError("e"), RegressionError("d")], 6, "d\ne"),
    ([RegressionError("d"), ExpectationError("c")], 3, "c\nd"),
    ([ExpectationError("c"), VerificationError("b")], 4, "b\nc"),
    ([VerificationError("b"), BenchError("a")], 5, "a\nb"),
    ([BenchError("a"), SPEC, UsageError("wrong")], 2, "a.yaml:1:2: bad\nwrong\na"),
    ([ExpectationError("same"), ExpectationError("same")], 3, "same"),
]


@pytest.mark.parametrize(("errors", "code", "message"), GRAVITY)
def test_the_most_severe_error_counts(errors: list[CostlensError], code: int, message: str) -> None:
    error = most_severe(errors)
    assert (error.exit_code, str(error)) == (code, message)


def test_one_error_stays_itself() -> None:
    assert most_severe([SPEC]) is SPEC
