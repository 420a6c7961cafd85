"""Charts as pictures that stand alone: the shapes of the page in colours of their own, the same bytes each time."""

import os
import re
import subprocess
import sys
from io import BytesIO
from xml.etree.ElementTree import Element, fromstring

import pytest

from costlens.errors import UsageError
from costlens.formats.charts import chart_named
from costlens.formats.charts._paint import colours, paint, standing
from costlens.formats.charts._shapes import SERIES, Arrows, Boxes, Dot, Drawing, Mark, Rule, Shape, Words
from costlens.formats.charts._svg import alone, svg
from costlens.formats.escape import plain
from costlens.formats.pages import check, comparison, diff, report
from costlens.formats.pages import sweep as sweep_page
from costlens.formats.pictures.chart import picture, render
from costlens.results.page import Chart
from costlens.results.report import Report
from costlens.results.sweep import Sweep
from tests.cases.hostile import HOSTILE, INVISIBLE
from tests.cases.results import a_check, a_comparison, a_diff, profiled_report
from tests.places import ROOT

NAMESPACE = "{http://www.w3.org/2000/svg}"
COLOUR = re.compile(r"#[0-9a-f]{6}|none")
ATTRIBUTES = {
    "svg": {"width", "height", "viewBox", "role"},
    "g": {"font-family", "font-size"},
    "rect": {"width", "height", "fill"},
    "path": {"d", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray"},
    "circle": {"cx", "cy", "r", "fill", "fill-opacity"},
    "text": {"x", "y", "transform", "fill", "font-size", "font-weight", "text-anchor"},
    "title": set(),
    "desc": set(),
}
"""What a picture holds: presentation attributes alone, no class, no style and no link."""


def all_charts() -> dict[str, Chart]:
    stored = Report.from_json((ROOT / "reports" / "yamnet" / "report.json").read_text(encoding="utf-8"))
    swept = Sweep.from_json((ROOT / "reports/sweeps/yamnet-batches/sweep.json").read_text(encoding="utf-8"))
    pages = [report.page(stored), sweep_page.page(swept), diff.page(a_diff()), check.page(a_check())]
    found = {block.kind: block for page in pages for block in page.blocks if isinstance(block, Chart)}
    front = [None] * len(a_comparison().models)
    return {**found, "scatter": comparison.scatter(a_comparison(), "macs", "latency", front)}


CHARTS = all_charts()


def read(data: bytes) -> Element:
    return fromstring(data)


def flat(shapes: list[Shape]) -> list[Shape]:
    """Return the shapes that are seen, those that a pointer finds without their marks; no boxes that hold nothing."""
    found = [each for shape in standing(shapes) for each in (shape.shapes if isinstance(shape, Mark) else [shape])]
    return [each for each in found if not isinstance(each, Boxes) or each.boxes]


@pytest.mark.parametrize("kind", CHARTS)
def test_a_picture_stands_alone(kind: str) -> None:
    drawing = picture(CHARTS[kind], "A title", None, "a note")
    root = read(render(drawing, ".svg", "A title", "what it shows"))
    for each in root.iter():
        name = each.tag.removeprefix(NAMESPACE)
        assert set(each.attrib) <= ATTRIBUTES[name]
        assert all(COLOUR.fullmatch(each.attrib[key]) for key in ("fill", "stroke") if key in each.attrib)
    texts = ["".join(each.itertext()) for each in root.iter(f"{NAMESPACE}text")]
    assert texts[0] == "A title"
    assert texts[-1] == "a note"
    assert [each.text for each in root if each.tag != f"{NAMESPACE}g"] == ["A title", "what it shows", None]
    panels = chart_named(kind).panels(CHARTS[kind].data)
    for panel in [each for each in panels if each.first] or panels:
        seen = fromstring(svg(Drawing(1, 1, list(standing(panel.draw().shapes)))))
        assert {each.text for each in seen.iter("text")} <= set(texts)
    drawn = [each for each in root.iter() if each.tag.removeprefix(NAMESPACE) in {"path", "circle", "text"}]
    shapes = flat(list(drawing.shapes))
    assert len(drawn) == len(shapes) + sum(isinstance(each, Arrows) for each in shapes)  # lines, and their heads


@pytest.mark.parametrize("kind", CHARTS)
def test_no_shape_of_a_picture_is_beyond_its_edge(kind: str) -> None:
    drawing = picture(CHARTS[kind], "A title")
    for shape in flat(list(drawing.shapes)):
        match shape:
            case Boxes(boxes):
                ends = [(x + w, y + h) for x, y, w, h in boxes] + [(x, y) for x, y, *_ in boxes]
            case Rule(points):
                ends = list(points)
            case Arrows(lines):
                ends = [point for line in lines for point in line]
            case Dot(x, y, radius):
                ends = [(x - radius, y - radius), (x + radius, y + radius)]
            case Words(x, y):
                ends = [(x, y - 6), (x, y + 6)]
        assert all(-1 <= x <= drawing.width + 1 and -1 <= y <= drawing.height + 1 for x, y in ends), shape


def test_one_drawing_of_a_chart() -> None:
    assert sum("µs" in str(shape) for shape in picture(CHARTS["network"], "t", "TIME").shapes)
    assert not sum("µs" in str(shape) for shape in picture(CHARTS["network"], "t", "traffic").shapes)
    with pytest.raises(UsageError, match=r'--panel trafic: no such drawing \(did you mean "traffic"\?\)'):
        picture(CHARTS["network"], "t", "trafic")
    with pytest.raises(UsageError, match="--panel x: no such drawing; it has one drawing without a name; leave it out"):
        picture(CHARTS["scatter"], "t", "x")


def test_a_picture_has_the_colours_of_the_page() -> None:
    known = colours()
    assert {*SERIES, "ink", "soft", "line", "bad", "track", "paper"} <= set(known)
    assert (paint("grid").colour, paint("alarm bold").colour) == (known["line"], known["bad"])
    assert (paint("soft small").pixels, paint("bold").bold, paint("").colour) == (11, True, known["ink"])


def test_what_png_and_pdf_show() -> None:
    from PIL import Image

    shapes = [
        Boxes([(10, 10, 20, 30)], "c0"), Rule([(50, 10), (50, 90)], "alarm", 4), Dot(80, 50, 8, "c2"),
        Words(10, 70, "$x$ & <b>", "bold"), Words(95, 90, "up", turned=True),
    ]  # fmt: skip
    drawing = Drawing(100, 100, shapes)
    image = Image.open(BytesIO(render(drawing, ".png", "name"))).convert("RGB")
    assert image.size == (200, 200)
    assert image.info == {} or "Software" not in image.info

    def colour(x: int, y: int) -> str:
        return "#{:02x}{:02x}{:02x}".format(*image.getpixel((2 * x, 2 * y)))

    assert (colour(20, 25), colour(50, 50), colour(40, 50)) == (paint("c0").colour, paint("alarm").colour, "#ffffff")
    red, green, blue = image.getpixel((160, 100))
    assert (red, green, blue) != (255, 255, 255)  # it is seen through
    assert green > red
    assert any(colour(x, 70) != "#ffffff" for x in range(10, 60))
    assert any(colour(95, y) != "#ffffff" for y in range(75, 90))


WRITTEN = [*((kind, ".svg") for kind in CHARTS), *(("scatter", suffix) for suffix in (".png", ".pdf"))]


@pytest.mark.parametrize(("kind", "suffix"), WRITTEN)
def test_the_same_chart_gives_the_same_bytes(kind: str, suffix: str) -> None:
    drawing = picture(CHARTS[kind], "A title")
    one, other = (render(drawing, suffix, "A title") for _ in range(2))
    assert one == other
    assert one[:4] in (b"<svg", b"\x89PNG", b"%PDF")
    assert b"/CreationDate" not in one
    assert b"matplotlib" not in one.lower()


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_is_text(name: str) -> None:
    shapes = [Words(5, 20, name), Mark(name, [Dot(5, 5, 2, "c0")], name, name)]
    root = read(alone(Drawing(300, 40, shapes), name, name).encode())
    assert [each.tag.removeprefix(NAMESPACE) for each in root.iter()] == [
        "svg", "title", "desc", "rect", "g", "text", "g", "title", "circle",
    ]  # fmt: skip
    assert not INVISIBLE.search("".join(root.itertext()).replace("\n", ""))
    assert plain(name)[:20] in "".join(root.itertext())
    for suffix in (".png", ".pdf"):
        assert render(Drawing(300, 40, shapes), suffix, name)


BYTES = """
import sys
from hashlib import sha256
from tests.formats.test_pictures import CHARTS, WRITTEN
from costlens.formats.pictures.chart import picture, render

for kind, suffix in WRITTEN:
    print(kind, suffix, sha256(render(picture(CHARTS[kind], "t"), suffix, "t")).hexdigest())
"""


@pytest.mark.process
def test_pictures_are_the_same_bytes_in_every_process() -> None:
    runs = {
        subprocess.run(
            [sys.executable, "-c", BYTES], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, check=True,
            capture_output=True, text=True,
        ).stdout
        for seed in ("0", "1")
    }  # fmt: skip
    assert len(runs) == 1
    assert len(runs.pop().splitlines()) == len(WRITTEN)


def test_a_chart_with_nothing_to_draw_says_so() -> None:
    few = profiled_report()
    empty = Chart("savings", comparison.Savings("", ()))
    assert few.counts
    with pytest.raises(UsageError, match="--chart savings: there is nothing to draw"):
        picture(empty, "t")
