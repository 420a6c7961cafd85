"""What commands share that run in a pull request's checks: options, the comment, GitHub's step summary."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Option
from costlens.errors import UsageError

Comment = Annotated[
    Path | None,
    Option("--comment", metavar="FILE", help="Also write Markdown for one pull-request comment to this file."),
]
AllowInconclusive = Annotated[
    bool, Option("--allow-inconclusive", help="Exit 0 where a measurement gives no answer, instead of 7.")
]


def refuse_idle(options: Mapping[str, object], unset: Mapping[str, object]) -> None:
    """Refuse options of a measurement where nothing is measured."""
    if idle := [name for name, value in options.items() if value != unset[name]]:
        option = idle[0].removesuffix("_s").replace("_", "-")
        raise UsageError(f"--{option} says how to time, and nothing is timed; add --bench, or leave it out")


def step_summary(markdown: str) -> None:
    """Append Markdown to GitHub's summary of the step; nothing where there is none, UsageError where that fails."""
    target = os.environ.get("GITHUB_STEP_SUMMARY")
    if not target:
        return
    try:
        with Path(target).open("a", encoding="utf-8") as stream:
            stream.write(f"{markdown.rstrip()}\n\n")
    except OSError as error:
        raise UsageError(f"GITHUB_STEP_SUMMARY={target}: cannot be written: {error.strerror}; unset it") from error


def in_repository(file: str) -> str:
    """Return a path relative to GITHUB_WORKSPACE, as annotations need it; unchanged where it is not below."""
    root = os.environ.get("GITHUB_WORKSPACE")
    if not root or not file:
        return file
    try:
        return Path(file).resolve().relative_to(Path(root).resolve()).as_posix()
    except (OSError, ValueError):
        return file
