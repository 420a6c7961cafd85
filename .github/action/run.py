"""Third step: ``costlens check`` and, where there is a base, ``costlens diff``; the step ends as the graver of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from glob import glob
from pathlib import Path

import base
import job

from costlens.errors import GRAVEST_FIRST
from costlens.units import plural

WORDS = {
    0: "all kept",
    2: "usage or a spec is wrong",
    3: "a budget or an expectation is missed",
    4: "a verification failed",
    5: "something could not be run",
    6: "slower than the base",
    7: "inconclusive, or the machine is too noisy",
}
"""How costlens ends, in words."""


def main() -> int:
    """Run both, hand on what came of it, and return the exit code."""
    changed: int | None = None
    try:
        usual = Path(os.environ["RUNNER_TEMP"], "costlens", "comment.md")
        comment = Path(job.given("COMMENT_FILE") or usual).absolute()
        job.hand_on("comment-file", comment)
        commit = base.commit()
        specs = _specs(commit)
        code = _ended_both(commit, specs, comment)
        changed = _changed(commit, specs) if commit else None
        if code == 0 and changed == 0:
            with comment.open("a", encoding="utf-8") as file:
                file.write(f"{job.UNCHANGED}\n")
    except job.Stopped as stopped:
        job.say(str(stopped), "error")
        code = stopped.exit_code
    many = "" if changed is None else f"{plural(changed, 'spec')} changed; "
    job.hand_on("exit-code", code)
    job.hand_on("changed", "" if changed is None else changed)
    job.hand_on("summary", many + WORDS.get(code, f"ended with {code}"))
    return code


def _ended_both(commit: str, specs: list[str], comment: Path) -> int:
    form = "github" if job.asked_for("ANNOTATIONS") else "table"
    shown = [f"--format={form}", f"--comment={comment}", *_bench()]
    budgets = [f"--budget={line}" for line in job.lines_of("BUDGETS")]
    there = [spec for spec in specs if os.path.lexists(spec)]
    ends = [_ended("check", *shown, *budgets, "--", *there) if there or not specs else 0]
    if commit:
        ends.append(_ended("diff", *shown, *_option("threshold", "THRESHOLD"), f"--base={commit}", "--", *specs))
    else:
        job.say("no base to compare with: this is no pull request, and none was named; only budgets are checked")
    if form == "table" and comment.exists():  # the other form writes the summary itself
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as summary:
            summary.write(comment.read_text(encoding="utf-8"))
    return worst(ends)


def worst(ends: list[int]) -> int:
    """Return one exit code for several: one that no command ends with on purpose, else the gravest.

    >>> worst([0, 7]), worst([6, 3]), worst([1, 2]), worst([0, 0])
    (7, 3, 1, 0)
    """
    order = (*GRAVEST_FIRST, 0)
    return min(ends, key=lambda code: order.index(code) if code in order else -1)


def _bench() -> list[str]:
    if not job.asked_for("BENCH"):
        return []
    lenient = ["--allow-inconclusive"] if job.asked_for("ALLOW_INCONCLUSIVE") else []
    return ["--bench", *_option("time-budget", "TIME_BUDGET"), *lenient]


def _option(name: str, given: str) -> list[str]:
    return [f"--{name}={job.given(given)}"] if job.given(given) else []


def _specs(commit: str) -> list[str]:
    """Return the files and folders that the input names; a glob stands for what it matches here, or did in the base."""
    found: list[str] = []
    for pattern in job.lines_of("SPECS"):
        if os.path.lexists(pattern):
            found.append(pattern)
        elif matched := sorted({*glob(pattern, recursive=True), *_deleted(pattern, commit)}):
            found += matched
        else:
            raise job.Stopped(f"specs: nothing matches {pattern}; name specs, folders of them or globs, one a line")
    return list(dict.fromkeys(found))


def _deleted(pattern: str, commit: str) -> list[str]:
    """Return what matches a glob in the base and is gone."""
    if not commit:
        return []
    asked = ["git", "diff", "--name-only", "--no-renames", "--diff-filter=D", "-z", commit, "--", f":(glob){pattern}"]
    gone = subprocess.run(asked, capture_output=True, text=True, errors="surrogateescape", check=False)
    return [path for path in gone.stdout.split("\0") if path]


def _changed(commit: str, specs: list[str]) -> int | None:
    """Return how many specs differ from the base; None where costlens could not say."""
    asked = [os.environ["COSTLENS"], "diff", f"--base={commit}", "--format=json", "--", *specs]
    told = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    try:
        return len(json.loads(told.stdout)["specs"])
    except (ValueError, KeyError):
        return None


def _ended(*arguments: str) -> int:
    """Run costlens and return its exit code; a signal's is 128 and its number, as a shell has it."""
    code = subprocess.run([os.environ["COSTLENS"], *arguments], check=False).returncode
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
