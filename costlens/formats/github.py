"""Findings as GitHub's workflow commands: lines of output that a pull request shows at lines of files."""

from costlens.formats.escape import annotation, annotation_property, plain
from costlens.results.page import WORST_FIRST, Finding, Page

suffix = ".txt"
needs_findings = True


def render(page: Page) -> str:
    """Write an annotation for each finding that has a level, the worst first, and the page's summary at the end."""
    found = sorted(page.findings or (), key=lambda one: WORST_FIRST.index(one.outcome))
    lines = [*(annotated(one) for one in found if one.level), *filter(None, [plain(page.summary)])]
    return "".join(f"{line}\n" for line in lines)


def annotated(one: Finding) -> str:
    """Write one annotation; what is empty or 0 is left out, and without a file it belongs to the whole run.

    >>> annotated(Finding("failure", "a", "b", "over 6.8k", "error", "macs", file="specs/a.yaml", line=4, column=10))
    '::error file=specs/a.yaml,line=4,col=10,title=macs::over 6.8k'
    """
    places = {"file": one.file, "line": str(one.line or ""), "col": str(one.column or "")} if one.file else {}
    given = {name: annotation_property(value) for name, value in {**places, "title": one.title}.items() if value}
    return f"::{one.level} {','.join(f'{name}={value}' for name, value in given.items())}::{annotation(one.message)}"
