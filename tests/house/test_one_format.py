"""A format, a chart and a command are one file each: toys of them, written into their rooms in fresh processes."""

import csv
import json
import sys
from xml.etree import ElementTree

import pytest

from costlens import formats
from costlens.commands import command_names
from tests.cases.results import RESULTS
from tests.fakes.toy_rooms import Toys, toys

FORMAT = '''
"""A page as the names of its blocks."""

suffix = ".toy"


def render(page):
    return "".join(f"{type(block).__name__}\\n" for block in page.blocks) + f"toy of {page.title}\\n"
'''
COMMAND = '''
"""Count the letters of words."""

from typing import Annotated

from costlens.commands._cli import Argument
from costlens.commands._output import JudgingFormat, end, write
from costlens.errors import ExpectationError
from costlens.formats import TERMINAL
from costlens.results.columns import COUNT, Column
from costlens.results.page import Finding, Page, Say, Table

COLUMNS = (Column("word", "word", value=lambda word: word), Column("letters", "letters", COUNT, len))


def command(
    words: Annotated[list[str], Argument(help="Words.")],
    format: JudgingFormat = TERMINAL,
) -> None:
    """Count the letters of words; exit 3 where one has more than five."""
    long = [word for word in words if len(word) > 5]
    findings = [Finding("failure" if word in long else "passed", "letters", word, f"{word} is long" if word in long
                        else "", "error" if word in long else "") for word in words]
    said = f"{len(words)} words"
    blocks = [Table(COLUMNS, words), Say(said)]
    write(Page("Letters", blocks, {"words": words}, findings=findings, summary=said), format)
    end(ExpectationError(f"{word} is long") for word in long)
'''
CHART = '''
"""A number as a dot."""

from costlens.formats.charts import Panel
from costlens.formats.charts._shapes import Dot, Drawing, Mark
from costlens.results.columns import COUNT, Column
from costlens.results.page import Table

title = "A dot"
beside = False


def says(data):
    return (f"It is {data}.",)


def panels(data):
    return [Panel("dot", lambda: Drawing(20, 20, [Mark(str(data), [Dot(10, 10, data, "c0")])]))]


def table(data):
    return Table([Column("value", "value", COUNT, lambda row: row)], [data])
'''
DRAWN = """
from costlens.formats import html, markdown
from costlens.results.page import Chart, Page

page = Page("x", [Chart("dot", 7)])
text = html.render(page)
print('r="7"' in text, "It is 7." in text, "<td>7" in text, markdown.render(page))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Toys:
    files = {
        "costlens.formats/toy.py": FORMAT,
        "costlens.formats.charts/dot.py": CHART,
        "costlens.commands/letters.py": COMMAND,
    }
    return toys(tmp_path_factory.mktemp("toys"), files)


PRINTED = {
    "count": ("specs/yamnet.yaml",),
    "compare": ("specs/yamnet.yaml", "specs/vgg_d.yaml"),
    "check": ("specs/yamnet.yaml",),
    "diff": ("specs/yamnet.yaml", "specs/mobilenet_v1.yaml"),
    "explain": ("conv", "--input", "8x8x3", "--kernel", "5", "--filters", "4"),
    "cache": (),
    "doctor": (),
    "kinds": (),
    "list": ("yamnet", "--counts"),
    "machine": ("--show",),
    "tables": ("reports/published/separable_example.yaml",),
}
"""Commands that measure and export nothing, with what to give them."""
WITHOUT = {"completion", "docs", "new", "plot", "schema", "watch"}
"""Commands that print a file as it is, one that draws one, and one that prints until it is interrupted."""


@pytest.mark.parametrize("name", PRINTED)
def test_a_format_prints_the_result_of_a_command(house: Toys, name: str) -> None:
    assert "toy of " in house.costlens(name, *PRINTED[name], "--format", "toy")


def test_a_chart_is_drawn_where_there_are_drawings(house: Toys) -> None:
    assert house.python("-c", DRAWN).split() == ["True", "True", "True", "##", "x"]


@pytest.mark.parametrize("name", sorted(set(command_names()) - WITHOUT))
def test_every_command_that_prints_a_result_offers_it(house: Toys, name: str) -> None:
    assert "|toy" in "".join(house.costlens(name, "--help").split())


@pytest.mark.parametrize("name", RESULTS)
def test_a_format_writes_every_page(house: Toys, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(house.folder / "costlens.formats")])
    formats.format_names.cache_clear()
    made, page = RESULTS[name]
    try:
        assert "Table\n" in formats.format_named("toy").render(page(made()))
    finally:
        sys.modules.pop("costlens.formats.toy", None)
        formats.format_names.cache_clear()


def test_a_command_with_a_result_of_its_own_has_every_format(house: Toys) -> None:
    words = ("letters", "one", "eleven")
    shown = {
        name: house.costlens(*words, "--format", name, code=3) for name in (*formats.format_names(), "toy")
    }
    assert shown["terminal"].split()[-2:] == ["2", "words"]
    assert list(csv.reader(shown["csv"].splitlines())) == [["word", "letters"], ["one", "3"], ["eleven", "6"]]
    assert json.loads(shown["json"]) == {"words": ["one", "eleven"]}
    assert "| eleven |       6 |" in shown["markdown"]
    assert shown["github"] == "::error ::eleven is long\n2 words\n"
    assert ElementTree.fromstring(shown["junit"]).get("failures") == "1"
    assert shown["toy"] == "Table\nSay\ntoy of Letters\n"
