"""Every error a user can meet, with its exit code; a subclass has that of its base.

Messages say where, what, received and remedy. Of several errors ``most_severe`` returns the most severe.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from costlens.errors.packages import install_of, package_of


class CostlensError(Exception):
    """Base of all errors shown to users without a traceback."""

    exit_code = 1


class UsageError(CostlensError):
    """The arguments ask for something that does not exist or cannot be."""

    exit_code = 2


class ShapeError(UsageError):
    """A layer cannot take the shape it is given."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a spec: where (file, 1-based line and column, path in the document) and what.

    Line 0 is nowhere in particular.
    """

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class SpecError(UsageError):
    """A spec is not valid; ``problems`` lists all that was found, in document order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class ExpectationError(CostlensError):
    """A published figure or a budget is not met."""

    exit_code = 3


class VerificationError(CostlensError):
    """Two independent counts disagree."""

    exit_code = 4


class RuntimeUnavailable(CostlensError):  # noqa: N818  # what it says, without a second noun
    """A runtime, an execution provider or an optional extra is missing."""

    exit_code = 5


class ExportError(CostlensError):
    """A graph could not be exported."""

    exit_code = 5


class TooLarge(ExportError):  # noqa: N818  # what it says, without a second noun
    """A graph whose weights no file can hold: nothing is wrong with it, and nothing can be compared."""


class BenchError(CostlensError):
    """A measurement could not be taken."""

    exit_code = 5


class RegressionError(CostlensError):
    """A measured regression."""

    exit_code = 6


class InconclusiveError(CostlensError):
    """A comparison that gave no answer."""

    exit_code = 7


class MachineTooNoisy(InconclusiveError):  # noqa: N818  # what it says, without a second noun
    """The same was measured as different things, so nothing measured beside it can be believed."""


class MachineSlow(MachineTooNoisy):
    """The machine is slower than it once was, so times of now cannot stand beside those of then."""


MEANINGS = {
    2: "usage or a spec is wrong",
    5: "something could not be run",
    4: "a verification failed",
    3: "a budget or an expectation is missed",
    6: "slower than the base",
    7: "inconclusive, or the machine is too noisy",
}
"""Exit codes in words, the most severe first: broken > disagrees > missed > slower > inconclusive."""
MOST_SEVERE_FIRST = tuple(MEANINGS)


def most_severe_code(codes: Iterable[int]) -> int:
    """Return the exit code that counts among several; 0 where there is none.

    >>> most_severe_code([0, 7, 3, 4]), most_severe_code([])
    (4, 0)
    """
    return min(set(codes) & set(MEANINGS), key=MOST_SEVERE_FIRST.index, default=0)


def most_severe(errors: Sequence[CostlensError]) -> CostlensError:
    r"""Return one error for several: as severe as the most severe, with the messages of all, the most severe first.

    >>> error = most_severe([InconclusiveError("noisy"), ExpectationError("over"), InconclusiveError("noisy")])
    >>> error.exit_code, str(error)
    (3, 'over\nnoisy')
    """
    ordered = sorted(errors, key=lambda error: MOST_SEVERE_FIRST.index(error.exit_code))
    if len(ordered) == 1:
        return ordered[0]
    kind = UsageError if isinstance(ordered[0], UsageError) else type(ordered[0])
    return kind("\n".join(dict.fromkeys(map(str, ordered))))


def not_installed(error: BaseException) -> RuntimeUnavailable | None:
    """Return the error for a package that costlens uses and that is not installed; None for any other error.

    >>> str(not_installed(ModuleNotFoundError("No module named 'onnx'", name="onnx.helper")))
    'onnx is not installed; install it with: pip install "costlens-nn[onnx]"'
    """
    package = package_of(error.name or "") if isinstance(error, ModuleNotFoundError) else None
    if package is None:
        return None
    return RuntimeUnavailable(f"{package} is not installed; install it with: {install_of(package)}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean "x"?)`` for the nearest known word, or an empty string.

    >>> did_you_mean("kernal", ["kernel", "stride"])
    ' (did you mean "kernel"?)'
    >>> did_you_mean("zzz", ["kernel"])
    ''
    """
    close = nearest(word, known)
    return f' (did you mean "{close}"?)' if close else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant; None where none is like it."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.65)), None)


def first_line(problem: BaseException) -> str:
    r"""Return the first line of what a library's error says, or its kind where it says nothing.

    >>> first_line(ValueError("no such node\n  at line 3")), first_line(MemoryError())
    ('no such node', 'MemoryError')
    """
    return (str(problem).strip() or type(problem).__name__).splitlines()[0]
