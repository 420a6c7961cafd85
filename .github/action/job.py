"""What the steps of the action share: their inputs, their outputs, and their lines in the log.

Inputs come in the environment. No shell ever reads them as part of a command line.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout that the action runs from."""

ARTIFACT = "costlens-comment"
"""The name of the artifact that holds a comment; ``-`` and the comment's name follow where it has a name."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""Which names a comment may have."""

UNCHANGED = "<!-- costlens:unchanged -->"
"""Ends a comment that is not worth posting where there is none yet: no spec changed and nothing is wrong."""

sys.path.insert(0, str(ROOT))

from costlens.errors import RuntimeUnavailable, UsageError  # noqa: E402  # found by the line above, and free of dependencies
from costlens.formats.escape import annotation  # noqa: E402


class Stopped(UsageError):  # noqa: N818  # what it says, without a second noun
    """A step cannot do its work. It ends with the exit code that ``costlens`` has for wrong usage."""


def given(name: str) -> str:
    """Return an input without surrounding blanks; empty where it was not given."""
    return os.environ.get(f"INPUT_{name}", "").strip()


def lines_of(name: str) -> list[str]:
    """Return the lines of an input that are not blank."""
    return [line.strip() for line in given(name).splitlines() if line.strip()]


def asked_for(name: str) -> bool:
    """Say whether an input is on."""
    word = given(name).lower() or "false"
    if word not in {"true", "false"}:
        raise Stopped(f"{name.lower().replace('_', '-')}: expected true or false, received {word!r}")
    return word == "true"


def hand_on(name: str, value: object) -> None:
    """Set an output of the step. No text in the value can end the output early or begin another one."""
    end = secrets.token_hex(16)
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
        outputs.write(f"{name}<<{end}\n{value}\n{end}\n")


def say(message: str, level: str = "notice") -> None:
    """Write a line that GitHub shows with the job: a notice, a warning or an error."""
    print(f"::{level} title=costlens::{annotation(message)}", flush=True)


def ended(step: Callable[[], int | None]) -> int:
    """Run a step and return its exit code. Where it was stopped, the job shows why."""
    try:
        return step() or 0
    except (UsageError, OSError) as error:
        return stopped(error)


def stopped(error: UsageError | OSError) -> int:
    """Show with the job why a step ends early; return its exit code."""
    say(str(error), "error")
    return error.exit_code if isinstance(error, UsageError) else RuntimeUnavailable.exit_code
