"""The picture of a convolution: well-formed, to scale, and nothing on top of anything else."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, fromstring

import pytest

from costlens.analysis.explain import convolution
from costlens.formats import markdown
from costlens.formats.pages import explanation
from costlens.formats.pictures import convolution as picture
from costlens.network.layers.conv import Conv
from costlens.results.explanation import ConvolutionExplanation
from tests.fakes.command_line import Run
from tests.places import SPECS

SVG = "{http://www.w3.org/2000/svg}"
LONG = "a_network_with_a_name_that_goes_on · section.block12.residual.body.convolution_of_the_fourth_stage_and_more"
EXAMPLE = convolution(Conv(filters=256, kernel=5, bias=False), (8, 8, 3))

CASES = {
    "the worked example": (EXAMPLE, ""),
    "a long name": (EXAMPLE, LONG),
    "over time": (convolution(Conv(filters=64, kernel=9, padding="valid"), (101, 40)), "x"),
    "a one-dimensional kernel": (convolution(Conv(filters=96, kernel=(1, 3)), (36, 16, 96)), ""),
    "1024 channels": (convolution(Conv(filters=1024, kernel=3, stride=2), (224, 224, 1024)), LONG),
    "the smallest": (convolution(Conv(filters=1, kernel=1), (1, 1, 1)), ""),
    "a kernel larger than its input": (convolution(Conv(filters=8, kernel=31), (2, 3, 4)), ""),
}


class Box(NamedTuple):
    """What an element covers."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def words(root: Element) -> dict[str, Box]:
    """Return each text with its box, in the widths of the Helvetica kind (0.6 em a letter, titles larger)."""
    boxes = {}
    for index, text in enumerate(root.iter(f"{SVG}text")):
        style, said = text.get("class", ""), text.text or ""
        em = 16 if "title" in style else 14 if "kind" in style else 13
        x, y, wide = float(text.get("x", "")), float(text.get("y", "")), 0.6 * em * len(said)
        left = x - {"end": wide, "middle": wide / 2}.get(text.get("text-anchor", ""), 0.0)
        boxes[f"{index}: {said}"] = Box(left, y - 0.8 * em, left + wide, y + 0.2 * em)
    return boxes


def shapes(root: Element) -> dict[str, Box]:
    """Return each face and bar with its box."""
    boxes = {}
    for index, polygon in enumerate(root.iter(f"{SVG}polygon")):
        points = [tuple(map(float, point.split(","))) for point in polygon.get("points", "").split()]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        boxes[f"face {index}"] = Box(min(xs), min(ys), max(xs), max(ys))
    for index, rect in enumerate(root.iter(f"{SVG}rect")):
        if rect.get("class") != "paper":
            x, y, width, height = (float(rect.get(key, "")) for key in ("x", "y", "width", "height"))
            boxes[f"bar {index}"] = Box(x, y, x + width, y + height)
    return boxes


@pytest.mark.parametrize(("explained", "name"), CASES.values(), ids=CASES)
def test_nothing_overlaps_or_leaves_the_paper(explained: ConvolutionExplanation, name: str) -> None:
    root = fromstring(picture.svg(explained, name))
    said, drawn = words(root), shapes(root)
    paper = Box(0, 0, float(root.get("width", "")), float(root.get("height", "")))
    for what, box in {**said, **drawn}.items():
        inside = paper.left < box.left and paper.top < box.top and box.right < paper.right and box.bottom < paper.bottom
        assert inside, what
    assert [pair for pair in combinations(said, 2) if said[pair[0]].meets(said[pair[1]])] == []
    assert [(word, face) for word in said for face in drawn if said[word].meets(drawn[face])] == []


def test_a_lane_a_kind_with_its_numbers_and_bars_to_scale() -> None:
    root = fromstring(picture.svg(EXAMPLE))
    said = [text.text for text in root.iter(f"{SVG}text")]
    assert [word for word in said if word in {form.kind for form in EXAMPLE.forms}] == [f.kind for f in EXAMPLE.forms]
    assert "53,952 MACs · 0.0439 × standard" in said
    assert {"8×8×3", "3 of 5×5×1", "4,800 MACs", "256 of 1×1×3", "49,152 MACs", "8×8×256"} <= set(said)
    assert "no such form: channels not divisible by 4" in said
    bars = [float(rect.get("width", "")) for rect in root.iter(f"{SVG}rect") if rect.get("class") == "bar"]
    macs = [form.macs for form in EXAMPLE.forms if not form.refusal]
    assert bars == pytest.approx([max(2.0, max(bars) * each / max(macs)) for each in macs], abs=0.1)


def test_one_kernel_stands_alone_and_many_behind_each_other() -> None:
    alone = fromstring(picture.svg(convolution(Conv(filters=1, kernel=1), (4, 4, 1))))
    many = fromstring(picture.svg(convolution(Conv(filters=9, kernel=1), (4, 4, 1))))
    faces = [len([p for p in root.iter(f"{SVG}polygon") if "kernel" in p.get("class", "")]) for root in (alone, many)]
    assert faces == [3, 9]


def test_it_fits_a_light_and_a_dark_background() -> None:
    text = picture.svg(EXAMPLE)
    light, _, dark = text.partition("prefers-color-scheme: dark")
    for style in ("text {", ".paper", ".track", ".bar", ".tensor.front", ".kernel.front"):
        assert style in light.split("<style>")[1]
        assert style in dark.split("</style>")[0]


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", 'a" onload="x', "a & b", "]]>"])
def test_names_are_not_markup(hostile: str) -> None:
    root = fromstring(picture.svg(EXAMPLE, hostile))
    assert hostile in [text.text for text in root.iter(f"{SVG}text")]
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg", "title", "desc", "style", "rect", "text", "polygon"
    }  # fmt: skip
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on")]
    assert "<script>" not in picture.html(EXAMPLE, hostile)
    assert "](%3Cscript%3E" in markdown.render(explanation.convolution(EXAMPLE, "<script>.svg"))


def test_html_holds_the_same_picture(run: Run, tmp_path: Path) -> None:
    shared = ("explain", "conv", "--input", "8x8x3", "--kernel", "5", "--filters", "256", "--picture")
    for suffix in ("svg", "html"):
        assert run(*shared, str(tmp_path / "new" / f"x.{suffix}")).returncode == 0
    page, drawn = ((tmp_path / "new" / f"x.{suffix}").read_text(encoding="utf-8") for suffix in ("html", "svg"))
    assert page.startswith("<!doctype html>")
    assert drawn in page
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["x.html", "x.svg"]


def test_the_picture_of_a_layer_names_it(run: Run, tmp_path: Path) -> None:
    spec = str(SPECS / "yamnet.yaml")
    target = tmp_path / "stage3.svg"
    done = run("explain", spec, "--layer", "stage3", "--picture", str(target), "--format", "markdown")
    assert "MACs as bars](stage3.svg)" in done.stdout
    assert "yamnet · stage3" in [text.text for text in fromstring(target.read_text()).iter(f"{SVG}text")]
