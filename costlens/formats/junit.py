"""Findings as JUnit's XML, which GitLab, Jenkins and others show as tests."""

from itertools import groupby
from xml.etree import ElementTree

from costlens.formats.escape import NAME, plain, shorten
from costlens.results.page import WORST_FIRST, Finding, Outcome, Page

suffix = ".xml"
needs_findings = True
_COUNTED: dict[Outcome, str] = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def render(page: Page) -> str:
    """Write one suite; the findings of one name are one test, which ends as the worst of them does."""
    found = page.findings or ()
    cases = [[*each] for _, each in groupby(found, key=lambda one: (one.group, one.name))]
    ends = [min((one.outcome for one in case), key=WORST_FIRST.index) for case in cases]
    suites = ElementTree.Element("testsuites", name=page.name)
    suite = ElementTree.SubElement(suites, "testsuite", name=page.name)
    for element in (suites, suite):
        element.set("tests", str(len(cases)))
        for outcome, word in _COUNTED.items():
            element.set(word, str(ends.count(outcome)))
    for case, end in zip(cases, ends, strict=True):
        _case(suite, [one for one in case if one.outcome == end])
    ElementTree.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n'


def _case(suite: ElementTree.Element, worst: list[Finding]) -> None:
    first = worst[0]
    given = {"classname": first.group, "name": first.name, "file": first.file, "line": str(first.line or "")}
    known = {name: shorten(plain(value), NAME) for name, value in given.items() if value}
    element = ElementTree.SubElement(suite, "testcase", known)
    message = "\n".join(plain(_placed(one), lines=True) for one in worst if one.message)
    if first.outcome == "passed":
        if message:
            ElementTree.SubElement(element, "system-out").text = message
        return
    made = ElementTree.SubElement(element, first.outcome, message=message)
    if first.outcome != "skipped":
        made.set("type", first.kind)
        made.text = message


def _placed(one: Finding) -> str:
    """Write a message after its place, where it has one."""
    return f"{one.file}:{one.line}:{one.column}: {one.message}" if one.column else one.message
