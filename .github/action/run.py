"""Third step: ``costlens check`` and, where there is a base, ``costlens diff``; the graver exit code counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import base
import job

from costlens.arithmetic.units import plural
from costlens.errors import MEANINGS, UsageError, most_severe_code
from costlens.spec.paths import files_of

_MISTAKE = 1
_WORDS = {0: "all kept", **MEANINGS}


@dataclass
class _End:
    """The result of the action. Where nothing sets the code, the action has a bug: it ends with 1."""

    code: int = _MISTAKE
    changed: int | None = None


def main() -> int:
    """Run both commands, set the outputs, and return the exit code."""
    end = _End()
    try:
        _run(end)
    except (UsageError, OSError) as error:
        end.code = job.stopped(error)
    finally:
        many = "" if end.changed is None else f"{plural(end.changed, 'spec')} changed; "
        job.hand_on("exit-code", end.code)
        job.hand_on("changed", "" if end.changed is None else end.changed)
        job.hand_on("summary", many + _WORDS.get(end.code, f"ended with {end.code}"))
    return end.code


def _run(end: _End) -> None:
    name = job.given("NAME")
    if name and not job.NAME.fullmatch(name):
        raise job.Stopped(f"name: expected letters, digits, '.', '_', '-', at most 40, received {name!r}")
    artifact = f"{job.ARTIFACT}-{name}" if name else job.ARTIFACT
    usual = Path(os.environ["RUNNER_TEMP"], "costlens", f"{artifact}.md")
    comment = Path(job.given("COMMENT_FILE") or usual).absolute()
    _claim(artifact, str(comment))
    job.hand_on("artifact", artifact)
    job.hand_on("comment-file", comment)
    specs, commit = job.lines_of("SPECS"), base.commit()
    end.code = _ended_both(commit, specs, comment)
    end.changed = _changed(commit, specs) if commit else None
    if end.code == 0 and end.changed == 0:
        with comment.open("a", encoding="utf-8") as file:
            file.write(f"{job.UNCHANGED}\n")


def _claim(*wanted: str) -> None:
    """Stop where this job has used one of these names already: the second comment would replace the first."""
    claims = Path(os.environ["RUNNER_TEMP"], "costlens", "claims.txt")
    claims.parent.mkdir(parents=True, exist_ok=True)
    held = claims.read_text(encoding="utf-8").splitlines() if claims.exists() else []
    if taken := [each for each in wanted if each in held]:
        raise job.Stopped(f"{taken[0]}: this job has written that comment already; give each use a name: of its own")
    with claims.open("a", encoding="utf-8") as file:
        file.writelines(f"{each}\n" for each in wanted)


def _ended_both(commit: str, specs: list[str], comment: Path) -> int:
    form = "github" if job.asked_for("ANNOTATIONS") else "terminal"
    bench, threshold = _bench()
    shown = [f"--format={form}", f"--comment={comment}", *bench]
    budgets = [f"--budget={line}" for line in job.lines_of("BUDGETS")]
    base = [f"--base={commit}"] if commit else []
    there = [spec for spec in specs if not commit or os.path.lexists(spec) or files_of(spec)]
    ends = [_ended("check", *shown, *budgets, *base, "--", *there) if there or not specs else 0]
    if commit:
        ends.append(_ended("diff", *shown, *threshold, f"--base={commit}", "--", *specs))
    else:
        job.say("no base to compare with: this is no pull request, and none was named; only budgets are checked")
    if form == "terminal" and comment.exists():  # the other form writes the summary itself
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as summary:
            summary.write(comment.read_text(encoding="utf-8"))
    return worst(ends)


def worst(ends: list[int]) -> int:
    """Return one exit code for several: an unexpected one (a crash), else the most_severe.

    >>> worst([0, 7]), worst([6, 3]), worst([1, 2]), worst([0, 0])
    (7, 3, 1, 0)
    """
    return next((code for code in ends if code not in {0, *MEANINGS}), most_severe_code(ends))


def _bench() -> tuple[list[str], list[str]]:
    """Return the options of a measurement, and those that only diff has; none where nothing is measured."""
    lenient = ["--allow-inconclusive"] if job.asked_for("ALLOW_INCONCLUSIVE") else []
    if not job.asked_for("BENCH"):
        return [], []
    return ["--bench", *_option("time-budget", "TIME_BUDGET"), *lenient], _option("threshold", "THRESHOLD")


def _option(name: str, given: str) -> list[str]:
    return [f"--{name}={job.given(given)}"] if job.given(given) else []


def _changed(commit: str, specs: list[str]) -> int | None:
    """Return how many specs differ from the base; None where costlens could not say."""
    asked = [os.environ["COSTLENS"], "diff", f"--base={commit}", "--format=json", "--", *specs]
    told = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    try:
        return len(json.loads(told.stdout)["specs"])
    except (ValueError, KeyError):
        return None


def _ended(*arguments: str) -> int:
    """Run costlens and return its exit code; after a signal it is 128 plus the signal's number, as in a shell."""
    code = subprocess.run([os.environ["COSTLENS"], *arguments], check=False).returncode
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
