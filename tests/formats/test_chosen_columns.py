"""Columns that a reader chose: in every format, of every result, and what is said of one that is not there."""

import csv
import io
import re
from importlib import import_module
from typing import Any

import pytest

from costlens.errors import UsageError
from costlens.formats.pages import comparison, count, latency, layer_times, shipped, sweep
from costlens.results.chosen import chosen, only
from costlens.results.columns import COUNT, Column
from costlens.results.page import Fold, Page, Records, Table
from tests.cases.results import RESULTS, counts, printed, written
from tests.fakes.command_line import Run
from tests.places import ROOT

PAGES = {
    "count": "count", "comparison": "comparison", "latency": "latency", "layer-times": "layer_times", "sweep": "sweep",
    "report": "report", "diff": "diff", "check": "check", "verification": "verification", "machine": "bounds",
}  # fmt: skip
"""The module whose CHOICES are of the tables of a result."""
NAMES = [(name, module) for name, module in PAGES.items() if name in RESULTS]


def tables(page: Page) -> list[Table]:
    return [block for block in (*page.blocks, *(page.screen or ())) if isinstance(block, Table)]


def test_the_results_that_have_tables_to_choose_from_are_all_here() -> None:
    assert {name for name, _ in NAMES} == set(PAGES)


@pytest.mark.parametrize(("name", "module"), NAMES)
def test_every_column_that_a_page_shows_can_be_chosen(name: str, module: str) -> None:
    made, page_of = RESULTS[name]
    page = page_of(made())
    known = {column.name for column in import_module(f"costlens.formats.pages.{module}").CHOICES}
    pairs = ("name", "text")  # the facts about a machine, beside their names
    for table in tables(page):
        names = [column.name for column in table.columns]
        if name in ("report", "verification") and names[0] == "check":
            continue  # a column a variant
        if tuple(names) != pairs and names[0] not in ("figure", "section"):
            assert {*names[1:]} <= known, names


@pytest.mark.parametrize(("name", "module"), NAMES)
def test_any_of_them_alone_makes_a_page_in_every_format(name: str, module: str) -> None:
    made, page_of = RESULTS[name]
    page = page_of(made())
    for column in import_module(f"costlens.formats.pages.{module}").CHOICES:
        narrowed = only(page, (column.name,))
        having = []
        for before, after in zip(tables(page), tables(narrowed), strict=True):
            names = [one.name for one in before.columns]
            having += [before] if column.name in names else []
            left = [one.name for one in after.columns]
            assert left == names if column.name not in names else column.name in left and len(left) <= 4
        printed(narrowed, 80)
        written(narrowed, "markdown")
        if having:
            rows = list(csv.reader(io.StringIO(written(narrowed, "csv"))))
            assert rows[0] == [column.name]


def test_rows_keep_what_names_them_and_the_order_is_the_one_asked_for() -> None:
    page = only(count.page(counts("yamnet")), ("flops", "params"))
    header = next(line for line in written(page, "markdown").splitlines() if line.startswith("| variant"))
    assert re.findall(r"[\w-]+", header) == ["variant", "FLOPs", "params"]
    fold = next(block for block in page.blocks if isinstance(block, Fold))
    assert [column.name for column in fold.blocks[0].columns] == ["name", "flops", "params"]  # type: ignore[union-attr]


def test_as_many_columns_stay_as_tell_the_rows_apart() -> None:
    columns: list[Column[Any]] = [
        Column("network", "network", value=lambda row: row[0]), Column("variant", "variant", value=lambda row: row[1]),
        Column("macs", "MACs", COUNT, lambda row: row[2]), Column("params", "params", COUNT, lambda row: row[3]),
    ]  # fmt: skip
    rows = [("a", "x", 1, 2), ("a", "y", 3, 4)]
    (table,) = only(Page("p", [Table(columns, rows)]), ("params",)).blocks
    assert [column.name for column in table.columns] == ["network", "variant", "params"]  # type: ignore[union-attr]
    (table,) = only(Page("p", [Table(columns, rows[:1])]), ("params",)).blocks
    assert [column.name for column in table.columns] == ["network", "params"]  # type: ignore[union-attr]


def test_csv_has_exactly_the_columns_named() -> None:
    page = Page("p", [Table([Column("a", "A"), Column("b", "B")], [])], records=Records(("a", "c"), [(1, 2)]))
    assert written(only(page, ("c", "a")), "csv") == "c,a\n2,1\n"
    with pytest.raises(UsageError, match="CSV is one table, and none here has all of these"):
        written(only(page, ("b", "c")), "csv")


def test_a_chosen_column_is_never_hidden() -> None:
    page = only(count.page(counts("yamnet")[:1], rows=True), ("formula", "traffic_bytes", "live_bytes"))
    shown = printed(page, 60)
    assert "hidden" not in shown
    assert "traffic" in shown


@pytest.mark.parametrize(("text", "known", "said"), [
    ("wieghts", comparison.CHOICES, '(did you mean "weights"?)'),
    ("medain", latency.CHOICES, '(did you mean "median"?)'),
    ("gmacs", layer_times.CHOICES, "no such column"),
    ("macs,,params", count.CHOICES, "--columns macs,,params: nothing: no such column; there are name, kind, kernel"),
    ("speed", shipped.CHOICES, "speed: no such column; there are name, title, knobs, params, macs"),
    ("treads", sweep.CHOICES, '(did you mean "threads"?)'),
])  # fmt: skip
def test_a_column_that_is_not_there(text: str, known: tuple[Column[Any], ...], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        chosen(text, known)
    assert said in str(refused.value)


def test_names_are_those_of_columns_or_of_their_headers() -> None:
    found = chosen("MACs %, Peak Activations,macs,MACS", count.CHOICES)
    assert found == ("macs_share", "peak_activation_bytes", "macs")


def test_commands_refuse_a_column_before_any_work(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for command in ("count", "compare", "bench", "profile", "sweep", "advise", "report", "check", "verify"):
        done = run(command, "specs/yamnet.yaml", "--columns", "no_such")
        assert (done.returncode, done.stdout) == (2, ""), command
        assert "--columns no_such: no_such: no such column" in done.stderr, command
    done = run("count", "specs/yamnet.yaml", "--columns", "macs", "--format", "json")
    assert (done.returncode, done.stderr) == (
        2, "--columns macs: --format json has no tables; leave one of the two out\n"
    )  # fmt: skip


def test_a_command_shows_them(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    rows = run("count", "specs/yamnet.yaml", "--depth", "1", "--format", "csv", "--columns", "name,macs").stdout
    assert rows.splitlines()[:2] == ["name,macs", "stem,442368"]
    html = run("count", "specs/yamnet.yaml", "--format", "html", "--columns", "flops").stdout
    assert "FLOPs" in html
