"""Milliseconds of points: those that ``predict`` gives their networks, by the machine's own table of kernels."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

import costlens as cl
from costlens.errors import UsageError
from costlens.formats import csv as csv_format
from costlens.formats.pages.exploration import page
from costlens.prediction import Conditions, Table, Times, predict
from costlens.prediction.kernels import kernels
from costlens.prediction.table import store
from costlens.results.exploration import ExploredPoint
from costlens.spec.loading import load
from costlens.tasks._kernels import here
from costlens.tasks._tools import Tools
from costlens.tasks.explore import Wish, explore
from tests.fakes.command_line import Run

SPEC = (
    "name: x\nknobs: {width: 8, n: 16}\ninput: [n, n, 3]\n"
    "layers: [{conv: {name: a, filters: width, kernel: 3}}, {conv: {name: b, filters: 8, kernel: 3}}]\n"
)
WISH = Wish(set=["width=4,8", "n=8,16"], kinds=["*=as-written,separable"])
WIDTHS = ("4", "8")


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "x.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path / "x.yaml"


@pytest.fixture
def table(spec: Path) -> Table:
    """Keep a table in which kernels take a microsecond a channel that they make, so that each network has its time."""
    key, says = here(1)
    made = Table(Conditions(key, says, call_us=5.0))
    for width in WIDTHS:
        for n in ("8", "16"):
            graph = load(str(spec), {"width": width, "n": n}).graph
            found = [one.operation for one in kernels(graph, block=made.conditions.block)]
            sizes = {one.text: one.outputs[0].elements for one in found}
            made = made.grown({text: Times(size / 10, size / 5) for text, size in sizes.items()})
    store(made, made.times)
    return made


def by_values(points: Sequence[ExploredPoint]) -> dict[tuple[str, ...], float | None]:
    return {point.values: point.predicted_ms for point in points}


def test_each_point_has_the_milliseconds_of_its_network(spec: Path, table: Table) -> None:
    found = explore("x.yaml", replace(WISH, front=("macs", "latency")), tools=Tools())
    times = by_values(found.points)
    for width in WIDTHS:
        for n in ("8", "16"):
            graph = load(str(spec), {"width": width, "n": n}).graph
            assert times[width, n, "as-written"] == pytest.approx(predict(graph, table).milliseconds)
    assert all(times.values())
    assert [axis.name for axis in found.front_of] == ["macs", "predicted_ms"]
    quickest = min(found.points, key=lambda point: point.predicted_ms or 0)
    assert quickest.front


def test_a_constraint_of_time_leaves_out_what_takes_longer(table: Table) -> None:
    every = explore("x.yaml", replace(WISH, predict=True), tools=Tools())
    middle = sorted(each.predicted_ms or 0.0 for each in every.points)[4]
    found = explore("x.yaml", replace(WISH, where=(f"predicted_ms < {middle}",)), tools=Tools())
    assert [point.holds for point in found.points] == [(point.predicted_ms or 0) < middle for point in every.points]


def test_times_are_told_where_they_were_asked_for(table: Table) -> None:
    asked = page(explore("x.yaml", replace(WISH, predict=True), tools=Tools()))
    rows = [*csv.DictReader(StringIO(csv_format.render(asked)))]
    assert all(float(row["predicted_ms"]) > 0 for row in rows)
    plain = page(explore("x.yaml", WISH, tools=Tools()))
    assert "predicted_ms" not in csv_format.render(plain)


def test_without_a_table_it_says_how_to_make_one(spec: Path, run: Run) -> None:
    done = run("explore", "x.yaml", "--set", "width=4,8", "--front", "macs,latency")
    assert done.returncode == UsageError.exit_code
    assert "no kernel was timed on this machine yet" in done.stderr
    assert "costlens machine --kernels SPEC" in done.stderr
    assert cl.explore("x.yaml", knobs={"width": [4, 8]}).front_of[0].name == "macs"
