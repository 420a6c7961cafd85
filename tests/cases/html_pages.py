"""What an independent reader finds in a page of HTML."""

import re
from xml.etree.ElementTree import Element

from html5lib import HTMLParser

from costlens.results.charts import Bars
from costlens.results.columns import BYTES, COUNT, RATIO, Column, of_items
from costlens.results.page import Chart, Fold, Gap, Heading, Items, Mark, Page, Picture, Say, Table

NAMESPACES = re.compile(r"\{[^}]*\}")
LOADS = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "style"}
"""Attributes that make a browser load something, and the one that a policy forbids."""

_COLUMNS = of_items(
    Column("layer", "layer"),
    Column("macs", "MACs", COUNT),
    Column("weight_bytes", "weights", BYTES),
    Column("ratio", "÷ standard", RATIO, priority=9),
    Column("verdict", ""),
)
_ROWS = [("stem", 1_228_800, 1536, 0.1168493, Mark("ok", "good")), ("head", None, 20, None, "")]
SMALL = Page(
    ("A page of ", Mark("every", "emphasis"), " block"),
    [
        Say("One sentence.", ("See ", Mark("the paper, https://a.b/c_(d)?e=1&f.", "links"))),
        Say("It failed.", tone="alarm"),
        Items([Mark("a < b", "code"), ("to ", Mark("a file", "", "a (b)/c.md"))], "dim"),
        Gap(),
        Heading("Numbers"),
        Table(_COLUMNS, _ROWS, address=("row", "net"), sums=[{"layer": "Σ", "macs": "1,228,800"}]),
        Heading("Inside", 3),
        Fold("folded", (Table(of_items(Column("fact", ""), Column("text", "")), [("CPU", "x")]), Items(["1", "2"],
             numbered=True))),
        Heading("Numbers"),
        Fold("empty", (Items([]),)),
        Picture("sweep.svg", "a plot"),
        Chart("bars", Bars(Table(_COLUMNS, _ROWS, address=("row", "net")), ("macs", "weight_bytes"), {})),
    ],
)  # fmt: skip
"""A page with all that a page can have."""


def read(text: str) -> Element:
    """Parse a page as browsers do; an error where it is not valid."""
    parser = HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(text)


def tag(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return NAMESPACES.sub("", str(element.tag))


DRAWN: dict[str, set[str]] = {
    "svg": {"width", "height", "viewBox", "aria-hidden", "focusable"},
    "path": {"d", "class", "stroke-width", "stroke-dasharray"},
    "circle": {"cx", "cy", "r", "class"},
    "text": {"x", "y", "transform", "class", "text-anchor"},
    "a": {"href", "tabindex", "class"},
    "g": {"class"},
    "title": set(),
}
"""What a drawing may hold: nothing that a policy forbids, no id that another drawing has."""


def _is_drawn(each: Element) -> bool:
    return tag(each) in DRAWN and set(map(str, each.attrib)) <= DRAWN[tag(each)]


def structure(page: Element) -> list[tuple[str, ...]]:
    """Return the elements of a page and their attributes' names in order; links that a source's text holds are text.

    Where names stand in a drawing depends on how long they are: of its elements only those are listed that have no
    business there.
    """
    inside = {each for drawing in page.iter() if tag(drawing) == "svg" for each in drawing.iter()}
    return [
        (tag(each), *sorted(map(str, each.attrib)))
        for each in page.iter()
        if not (each.get("rel") and str(each.get("href")).startswith(("http://", "https://")))
        and not (each in inside and tag(each) != "svg" and _is_drawn(each))
    ]


def without_assets(text: str) -> str:
    """Return a page without the style sheet, the script and their hashes, which are the same in every page."""
    text = re.sub(r"(<(style|script)>).*?(</\2>)", r"\1\3", text, flags=re.DOTALL)
    return re.sub(r"sha256-[\w+/]+=*", "sha256-…", text)
