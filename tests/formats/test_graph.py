"""The drawing of a network's graph: every row is in it once, boxes sum to the totals, lines are what rows read."""

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from costlens.formats.charts import Panel, chart_named
from costlens.formats.charts._blocks import MOST, Block, tree
from costlens.formats.charts._heat import figures, step
from costlens.formats.charts._layout import Node, layout
from costlens.formats.charts._shapes import Arrows, Boxes, Drawing, Mark
from costlens.formats.charts.graph import _plans
from costlens.formats.pages import count
from costlens.results.charts import Network
from costlens.results.counts import CountRow, ModelCount
from tests.cases.counted import counts, load
from tests.cases.results import a_report, written
from tests.places import ROOT, SPECS

NETWORKS = ("yamnet", "resnet152", "inception_v3", "densenet121", "bc_resnet_1", "shufflenet_v2", "keyword_spotter")
KIND = chart_named("graph")


def network(name: str, variants: tuple[str, ...] = ("as-written",)) -> Network:
    return Network(tuple(counts(load(SPECS / f"{name}.yaml"), variants)))


def nodes(drawing: Drawing) -> list[Mark]:
    """Return the boxes of rows and folded blocks."""
    return [shape for shape in drawing.shapes if isinstance(shape, Mark) and shape.style == "node" and shape.address]


def box(mark: Mark) -> tuple[float, float, float, float]:
    (found,) = (shape.boxes[0] for shape in mark.shapes if isinstance(shape, Boxes))
    return found


def inside(small: tuple[float, float, float, float], large: tuple[float, float, float, float]) -> bool:
    left, top, width, height = large
    return left <= small[0] and top <= small[1] and small[0] + small[2] <= left + width + 0.01 and (
        small[1] + small[3] <= top + height + 0.01
    )


def overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(
        one[axis] < other[axis] + other[axis + 2] - 0.01 and other[axis] < one[axis] + one[axis + 2] - 0.01
        for axis in (0, 1)
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_each_row_is_in_one_box_of_each_drawing_and_boxes_sum_to_the_totals(name: str) -> None:
    (plan,) = _plans(network(name))
    model = plan.variant.graph.model
    for depth in plan.depths:
        boxes = [*plan.variant.root.boxes(depth)]
        assert sorted(place for each in boxes for place in each.rows) == [*range(len(model.rows))]
        for field in ("macs", "params", "traffic_bytes"):
            assert sum(figures(plan.variant.graph.rows, each, field) for each in boxes) == getattr(model.totals, field)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_drawing_has_its_boxes_apart_and_those_of_a_block_within_it(name: str) -> None:
    (plan,) = _plans(network(name))
    for depth, panel in zip(plan.depths, KIND.panels(network(name)), strict=False):
        drawing = panel.draw()
        blocks = [*plan.variant.root.boxes(depth)]
        marks = nodes(drawing)
        assert [mark.title.split(": ")[0] for mark in marks] == [each.name for each in blocks]
        places = [*map(box, marks)]
        assert not [
            (one, other) for at, one in enumerate(places) for other in places[at + 1 :] if overlap(one, other)
        ]
        place_of = {row: place for each, place in zip(blocks, places, strict=True) for row in each.rows}
        held = [shape.boxes[0] for shape in drawing.shapes if isinstance(shape, Boxes) and shape.style == "held"]
        opened = [*_opened(plan.variant.root, depth)]
        assert len(held) == len(opened)
        for block, around in zip(opened, held, strict=True):
            assert all(inside(place_of[row], around) == (row in block.rows) for row in place_of)


def _opened(block: Block, depth: int) -> Any:
    for part in block.parts if depth else ():
        if part.parts and depth > 1:
            yield part
            yield from _opened(part, depth - 1)


@pytest.mark.parametrize("name", NETWORKS)
def test_lines_lead_from_what_makes_a_tensor_to_what_reads_it(name: str) -> None:
    data = network(name)
    (plan,) = _plans(data)
    names = {row.name for row in data.counts[0].rows}
    last = max(plan.depths)
    panel = KIND.panels(data)[plan.depths.index(last)]
    drawing = panel.draw()
    blocks = [*plan.variant.root.boxes(last)]
    block_of = {data.counts[0].rows[row].name: at for at, each in enumerate(blocks) for row in each.rows}
    wanted = {
        (block_of.get(read, read), block_of[row.name])
        for row in data.counts[0].rows
        for read in row.reads
        if block_of.get(read) != block_of[row.name]
    }
    (arrows,) = (shape for shape in drawing.shapes if isinstance(shape, Arrows))
    places = [*map(box, nodes(drawing))]
    given = {
        mark.title: box(mark) for mark in drawing.shapes
        if isinstance(mark, Mark) and mark.style == "node" and not mark.address
    }  # fmt: skip
    assert set(given) == {read for row in data.counts[0].rows for read in row.reads} - names
    assert all(min(abs(x - end_x), abs(y - end_y)) < 0.5
               for line in arrows.lines for (x, y), (end_x, end_y) in pairwise(line))  # fmt: skip
    ends = [*enumerate(places), *given.items()]
    found = {(_at(line[0], ends), _at(line[-1], ends)) for line in arrows.lines}
    assert found == wanted


def _at(point: tuple[float, float], places: Sequence[tuple[Any, Any]]) -> Any:
    """Return the box on whose border a point is."""
    def touches(at: float, start: float, size: float) -> bool:
        return start - 0.01 <= at <= start + size + 0.01

    (found,) = (
        name for name, (left, top, width, height) in places
        if touches(point[0], left, width) and touches(point[1], top, height)
    )  # fmt: skip
    return found


def test_what_is_read_is_known_by_how_long_tensors_live() -> None:
    """An independent road: the bytes that are alive while each row runs follow from what rows read and make."""
    for name in (*NETWORKS, "mobilenet_v2", "efficientnet_b0"):
        (model,) = network(name).counts
        assert _replayed(model) == [row.live_bytes for row in model.rows], name


def _replayed(model: ModelCount) -> list[int | None]:
    def size(shape: Sequence[Any]) -> int:
        found = 4
        for each in shape:
            found *= each
        return found

    last = {read: at for at, row in enumerate(model.rows) for read in row.reads}
    alive = {name: size(shape) for name, shape in model.inputs.items()}
    found: list[int | None] = []
    for at, row in enumerate(model.rows):
        held, made = sum(alive.values()), size(row.output or ())
        in_place = row.live_bytes == held and all(last[read] == at for read in row.reads)
        found.append(held + (0 if in_place else made))
        alive[row.name] = made
        end = len(model.rows) if at == len(model.rows) - 1 else -1
        alive = {key: held for key, held in alive.items() if last.get(key, end if key == row.name else -1) > at}
    return found


def test_colours_are_steps_of_a_factor_of_two() -> None:
    assert [step(value, 1024) for value in (0, 1, 16, 17, 32, 512, 513, 1024)] == [0, 1, 1, 2, 2, 6, 7, 7]


def rows_named(names: Sequence[str], reads: Sequence[tuple[str, ...]] = ()) -> ModelCount:
    model = a_report().counts[0]
    read = reads or [(names[place - 1],) if place else ("input",) for place in range(len(names))]
    rows = tuple(
        CountRow(name, "conv", output=(1, 2), macs=place, params=1, traffic_bytes=8, reads=each)
        for place, (name, each) in enumerate(zip(names, read, strict=True))
    )
    return replace(model, rows=rows, inputs={"input": (1, 4)}, also=())


def test_a_network_of_thousands_of_rows_is_folded_and_says_so() -> None:
    data = Network((rows_named([f"/Conv_{place}" for place in range(5000)]),))
    panels = [*KIND.panels(data)]
    assert [panel.name for panel in panels if not panel.small] == ["17 blocks"]
    shown = panels[0].draw()
    assert len(nodes(shown)) == 17
    insides = [panel for panel in panels if panel.small]
    assert {len(nodes(panel.draw())) for panel in insides} == {16, 17}
    assert len({panel.address for panel in insides}) == len(insides) == 17
    assert {mark.address for mark in nodes(shown)} == {panel.address for panel in insides}
    boxes = 5000
    assert sum(int(panel.name.split()[-2].replace(",", "")) for panel in insides) == boxes


def test_blocks_that_do_not_fit_on_the_page_stay_folded_and_are_counted() -> None:
    data = Network(tuple(replace(rows_named([f"/Conv_{place}" for place in range(5000)]), variant=f"v{at}")
                         for at in range(5)))  # fmt: skip
    plans = _plans(data)
    left = sum(plan.left for plan in plans)
    assert left > 0
    assert f"{left} blocks stay folded" in " ".join(map(str, KIND.says(data)))


def test_names_of_operators_are_no_blocks() -> None:
    names = [f"{op}.{place}" for place in range(4) for op in ("Conv", "Relu")]
    reads = [[place - 1] if place else [] for place in range(8)]
    assert [len(part.rows) for part in tree(names, reads).parts] == [1] * 8
    assert [part.label for part in tree(names).parts] == ["Conv", "Relu"]


def test_runs_of_many_parts_are_blocks() -> None:
    root = tree([f"n{place}" for place in range(MOST + 1)])
    assert len(root.parts) == 7
    assert root.parts[0].label == "n0 – n6"
    assert sum(len(part.rows) for part in root.parts) == MOST + 1


def test_a_layer_that_is_called_twice_is_drawn() -> None:
    model = rows_named(["a", "b", "c"], [("input", "b"), ("a",), ("b", "a")])
    (panel,) = KIND.panels(Network((model,)))
    assert len(nodes(panel.draw())) == 3


def test_an_input_that_is_called_as_a_row_is_told_apart() -> None:
    model = replace(rows_named(["x", "y"], [("x (input)",), ("x",)]), inputs={"x": (1, 4)})
    (panel,) = KIND.panels(Network((model,)))
    titles = [mark.title for mark in panel.draw().shapes if isinstance(mark, Mark) and mark.style == "node"]
    assert titles[-1] == "x (input)"


def test_of_counts_that_do_not_say_what_rows_read_nothing_is_drawn() -> None:
    model = rows_named(["a", "b"])
    assert [*KIND.panels(Network((replace(model, rows=tuple(replace(row, reads=()) for row in model.rows)),)))] == []


def test_a_figure_that_is_not_known_has_no_colour_and_says_so() -> None:
    model = rows_named(["a", "b"])
    rows = (replace(model.rows[0], macs=None, uncounted=("no rule",)), model.rows[1])
    (panel,) = KIND.panels(Network((replace(model, rows=rows),)))
    first, second = nodes(panel.draw())
    assert "MACs not known" in first.title
    assert not re.search(r"m\d", next(shape.style for shape in first.shapes if isinstance(shape, Boxes)))
    assert "m7" in next(shape.style for shape in second.shapes if isinstance(shape, Boxes))


def test_layouts_of_no_edges_and_of_circles() -> None:
    assert len(layout([Node(10, 10), Node(10, 10)], []).boxes) == 2
    found = layout([Node(10, 10), Node(10, 10)], [(0, 1), (1, 0)])
    assert len(found.lines) == 2


CODE = """
from costlens.formats.pages import count
from costlens.formats import html
from tests.cases.counted import counts, load
from tests.places import SPECS
from hashlib import sha256
for name in ("inception_v3", "densenet121"):
    page = count.page(counts(load(SPECS / f"{name}.yaml"), ("as-written", "separable")))
    print(sha256(html.render(page).encode()).hexdigest())
"""


@pytest.mark.process
def test_a_page_is_the_same_in_every_process() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", CODE], cwd=ROOT, env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(found) == 1


def test_each_drawing_leads_to_places_of_the_page() -> None:
    text = written(count.page(counts(load(SPECS / "resnet152.yaml"), ("as-written", "bottleneck"))), "html")
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r' href="#([^"]+)"', text)) <= set(ids)
    assert "Inside " in text


def panel_names(panels: Sequence[Panel]) -> list[str]:
    return [panel.name for panel in panels]


def test_several_depths_are_drawn_and_one_is_shown_first(tmp_path: Path) -> None:
    panels = [*KIND.panels(network("resnet152"))]
    assert panel_names(panels) == ["8 blocks", "54 blocks", "all 208 rows"]
    assert [panel.first for panel in panels] == [False, True, False]
