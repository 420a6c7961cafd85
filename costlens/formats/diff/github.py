"""A diff as GitHub's workflow commands: what is broken on its very line, what each spec's cost became on its first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from costlens.formats._annotations import Level, at_line
from costlens.formats.diff import _said
from costlens.results.diff import Diff, SpecDiff


def render(diff: Diff, file_at: Callable[[str], str] = str) -> str:
    """Write a diff; ``file_at`` makes a spec's path one that GitHub knows."""
    lines = [line for spec in diff.specs for line in _spec(spec, file_at, lenient=diff.lenient)]
    lines += [
        at_line("warning", f"{path}: {_said.UNREADABLE}", title="costlens diff", file=file_at(path), line=1)
        for path in diff.unreadable
    ]
    return "".join(f"{line}\n" for line in lines)


def _spec(spec: SpecDiff, file_at: Callable[[str], str], *, lenient: bool) -> Iterator[str]:
    for problem in spec.problems:
        message = f"{problem.path}: {problem.message}" if problem.path else problem.message
        yield at_line(
            "error", message, title="costlens", file=file_at(problem.file), line=problem.line, column=problem.column
        )
    if spec.standing == "broken":
        return
    file = "" if spec.standing == "deleted" else file_at(spec.path)
    about = {"deleted": f"{spec.path}: deleted; it had ", "added": "added; "}.get(spec.standing, "")
    if spec.standing == "base_broken":
        yield at_line("warning", f"base cannot be read: {spec.base_problem}", title="costlens diff", file=file, line=1)
    yield at_line("notice", about + _said.cost(spec), title=f"costlens diff: {spec.name}", file=file, line=1)
    if failure := spec.failure(lenient=False):
        passes = spec.failure(lenient=lenient) is None
        level: Level = "warning" if passes else "error"
        yield at_line(level, str(failure), title=f"costlens diff: {spec.name}", file=file, line=1)
