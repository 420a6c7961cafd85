"""JUnit's XML, which GitLab, Jenkins and others show as tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from costlens.formats.escape import NAME, plain, shorten

Outcome = Literal["passed", "failure", "error", "skipped"]


@dataclass(frozen=True, slots=True)
class Case:
    """One test: what was looked at, of which file and line, and how it ended; ``kind`` is the sort of failure."""

    group: str
    name: str
    file: str
    line: int = 0
    outcome: Outcome = "passed"
    kind: str = ""
    message: str = ""


def document(name: str, cases: Sequence[Case]) -> str:
    """Write cases as one suite, in their order."""
    suites = ElementTree.Element("testsuites", name=name)
    suite = ElementTree.SubElement(suites, "testsuite", name=name)
    for element in (suites, suite):
        element.set("tests", str(len(cases)))
        for outcome, word in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            element.set(word, str(sum(case.outcome == outcome for case in cases)))
    for case in cases:
        _case(suite, case)
    ElementTree.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n'


def _case(suite: ElementTree.Element, case: Case) -> None:
    given = {"classname": case.group, "name": case.name, "file": case.file, "line": str(case.line or "")}
    known = {name: shorten(plain(value), NAME) for name, value in given.items() if value}
    element = ElementTree.SubElement(suite, "testcase", known)
    if case.outcome == "passed":
        return
    message = plain(case.message, lines=True)
    said = ElementTree.SubElement(element, case.outcome, message=message)
    if case.outcome != "skipped":
        said.set("type", case.kind)
        said.text = message
