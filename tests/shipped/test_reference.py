"""The pages of the documentation that are written from the code: layer kinds and options.

Renew them after a wanted change with: COSTLENS_RENEW_GOLDEN=1 python -m pytest tests/shipped/test_reference.py
"""

import os
import re

import pytest

from costlens.commands import _reference
from costlens.formats import markdown
from costlens.formats.pages import kinds as kinds_page
from costlens.network.count import count
from costlens.results.kinds import SORTS
from costlens.results.page import Page, Table
from costlens.spec.kinds import described, with_examples
from costlens.spec.loading import loads
from tests.fakes.command_line import Run
from tests.places import ROOT

DOCS = ROOT / "docs"


def layers() -> Page:
    return kinds_page.page(with_examples(described()))


@pytest.mark.parametrize(("name", "page"), [("layers", layers), ("options", _reference.page)])
def test_a_page_says_what_the_code_says(name: str, page: object) -> None:
    file = DOCS / f"{name}.md"
    title, rest = markdown.render(page()).split("\n", 1)  # type: ignore[operator]
    text = f"{title}\n\n[Documentation](../README.md#documentation)\n{rest}"
    if os.environ.get("COSTLENS_RENEW_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


SECTION = r"\n## (\w+)\n.*?```yaml\n(.*?)```\n\nwrites (\S+): (.*?)\n"
EXAMPLES = re.findall(SECTION, (DOCS / "layers.md").read_text(encoding="utf-8"), re.DOTALL)


def test_a_list_of_kinds_shows_each_under_its_sort() -> None:
    found = described()
    assert {kind.sort for kind in found} == {*SORTS} - {"others"}
    tables = [block for block in kinds_page.page(found).screen or () if isinstance(block, Table)]
    assert sorted(kind.name for table in tables for kind in table.rows) == sorted(kind.name for kind in found)


def test_every_kind_has_an_example() -> None:
    assert [name for name, *_ in EXAMPLES] == [kind.name for kind in described()]


@pytest.mark.parametrize(("name", "spec", "shape", "costs"), EXAMPLES, ids=[name for name, *_ in EXAMPLES])
def test_an_example_costs_what_its_page_says(name: str, spec: str, shape: str, costs: str) -> None:
    model = count(loads(spec).graph)
    params, macs, flops = (int(figure.replace(",", "")) for figure in re.findall(r"\d[\d,]*(?= )", costs))
    assert [params, macs, flops] == [model.totals.params, model.totals.macs, model.totals.flops]
    assert model.rows[-1].output == tuple(map(int, shape.split("×")))
    assert name in spec


def test_docs_prints_a_page(run: Run) -> None:
    listed = run("docs").stdout.splitlines()
    assert {line.split()[0] for line in listed} == {page.stem for page in DOCS.glob("*.md")}
    assert "multiply-accumulate" in run("docs", "counting").stdout
    mistaken = run("docs", "countin")
    assert (mistaken.returncode, "did you mean" in mistaken.stderr) == (2, True)
