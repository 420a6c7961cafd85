"""What a diff claims of layers, knobs and totals, and what it leaves open: shares, merged lines, order, doubts."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from costlens.analysis.difference import Counted, fields_of, knob_changes, layers, totals
from costlens.errors import Problem
from costlens.formats.markdown import parts
from costlens.formats.pages._diff_columns import layer_columns, layer_lines, layer_name
from costlens.formats.pages.diff import page
from costlens.network.count import count
from costlens.results.diff import Diff, End, SpecDiff, Standing
from costlens.sources._source import Model
from costlens.sources._word import Word
from costlens.spec.loading import loads
from costlens.tasks import diff as diffing
from tests.cases.results import printed, written
from tests.fakes.command_line import Run
from tests.fakes.diff_repository import HEADS, TINY, repository
from tests.fakes.git_repository import write


def counted(text: str) -> Counted:
    spec = loads(text)
    return Counted(count(spec.graph), spec.knobs, fields_of(spec.graph))


def chain(*filters: int, activation: str = "relu") -> Counted:
    listed = "".join(
        f"  - conv: {{name: c{n}, filters: {size}, kernel: 3, padding: same, activation: {activation}}}\n"
        for n, size in enumerate(filters, 1)
    )
    return counted(f"name: t\ninput: [8, 8, 3]\nlayers:\n{listed}")


def partial(given: Counted) -> Counted:
    """Return the same as a lower bound of its parameters."""
    return replace(given, count=replace(given.count, status={**given.count.status, "params": "partial"}))


def diff(*specs: SpecDiff) -> Diff:
    return Diff(Diff.SCHEMA, End("main"), End("working tree"), specs)


def told(base: Counted, head: Counted, standing: Standing = "changed") -> SpecDiff:
    found = layers(base, head)
    return SpecDiff(
        "specs/t.yaml", "", "t", standing, totals=totals(base.count, head.count), changes=found.changes,
        unchanged_rows=found.unchanged,
    )  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = repository(tmp_path / "repository")
    monkeypatch.chdir(made)
    return made


def test_nobody_knows_the_shares_of_a_bound() -> None:
    base, head = chain(4, 4, 4), chain(4, 8, 4)
    for one, other in ((partial(base), head), (base, partial(head))):
        changes = layers(one, other).changes
        assert [change.params_share for change in changes] == [None] * 2
        assert sum(change.macs_share or 0 for change in changes) == pytest.approx(1)
        texts = {column.name: column.cell(changes[0]) for column in layer_columns("params")}
        assert (texts["params_share"], bool(texts["macs_share"])) == ("", True)
    assert None not in [change.params_share for change in layers(base, head).changes]


def test_bounds_that_are_equal_are_no_equal_cost() -> None:
    base = chain(4, 4)
    for one, other, standing in (
        (base, base, "same_cost"), (partial(base), partial(base), "changed"), (base, partial(base), "changed"),
    ):  # fmt: skip
        named = {"a": one, "b": other}  # partial counts come from reports
        models = {name: Model(name, Word(name, Path(name)), "report", side.count) for name, side in named.items()}
        sides = (diffing._Side(End(name), model) for name, model in models.items())
        spec = diffing._compared(*sides, "t.yaml", "")
        assert (spec.standing, spec.counted_alike) == (standing, standing == "changed")
        shown = printed(page(diff(spec)), 80)
        assert ("No change in cost" in shown) == (standing == "same_cost")
        assert ("No difference in what is counted" in shown) == (standing == "changed")
        assert ("no difference in what is counted" in written(page(diff(spec)), "github")) == (standing == "changed")


def test_only_neighbours_share_a_line() -> None:
    base, head = chain(*[8] * 9), chain(*[8] * 9)
    rows = list(head.count.rows)
    for place in (0, 3, 7):
        rows[place] = replace(rows[place], macs=rows[place].macs + 100)
    changed = layers(base, replace(head, count=replace(head.count, rows=tuple(rows)))).changes
    assert [layer_name(line) for line in layer_lines(changed)] == ["c1", "c4", "c8"]
    for place in (1, 2):
        rows[place] = replace(rows[place], macs=rows[place].macs + 100)
    changed = layers(base, replace(head, count=replace(head.count, rows=tuple(rows)))).changes
    assert [layer_name(line) for line in layer_lines(changed)] == ["c1 … c4 (4)", "c8"]


def test_lines_are_ordered_by_their_sums() -> None:
    base = chain(*[8] * 6)
    rows = list(base.count.rows)
    for place, more in enumerate((250, 100, 100, 100, 0, 280)):
        rows[place] = replace(rows[place], macs=rows[place].macs + more)
    changed = layers(base, replace(base, count=replace(base.count, rows=tuple(rows)))).changes
    lines = layer_lines(changed, "macs")
    assert [(layer_name(line), line.macs.delta) for line in lines] == [
        ("c2 … c4 (3)", 300), ("c6", 280), ("c1", 250),
    ]  # fmt: skip
    assert [layer_name(line) for line in layer_lines(changed)] == ["c1", "c2 … c4 (3)", "c6"]


@pytest.mark.parametrize(("base", "head", "renamed"), [
    ({"a": 1}, {"b": 1}, [("a", "b")]),
    ({"a": 1}, {"b": 1.0}, []),
    ({"a": 1}, {"b": "1"}, []),
    ({"a": 1, "c": 1}, {"b": 1}, []),
    ({"a": 1}, {"b": 1, "c": 1}, []),
    ({"a": 1, "c": 2}, {"d": 2, "b": 1}, [("c", "d"), ("a", "b")]),
    ({"a": 1, "n": 1}, {"b": 1, "n": 1}, [("a", "b")]),
])  # fmt: skip
def test_a_knob_has_another_name_only_where_there_is_no_other(
    base: dict[str, int], head: dict[str, int], renamed: list[tuple[str, str]]
) -> None:
    found = knob_changes(base, head)
    assert [(one.was, one.name) for one in found if one.was] == renamed
    assert {one.was or one.name for one in found} >= base.keys() - head.keys()
    assert [one.was for one in knob_changes(base, head, renamed=False)] == [""] * len(base.keys() ^ head.keys())


def test_a_knob_of_another_network_is_another_knob(place: Path, run: Run) -> None:
    write(place, {"specs/net.yaml": str(HEADS["knob"]["specs/net.yaml"]).replace("filters: 8 *", "filters: 12 *")})
    assert "was called" not in run("diff", "--base", "main").stdout
    write(place, HEADS["knob"])
    assert "knob alpha = 1.0: was called width" in run("diff", "--base", "main").stdout


def test_every_total_that_moved_is_told() -> None:
    spec = told(chain(4, 4), chain(4, 4, activation="gelu"))
    moved = {total.figure for total in spec.totals if total.delta}
    assert moved == {"flops"}
    line, _ = written(page(diff(spec)), "github").splitlines()
    assert "FLOPs" in line
    assert "the same totals" not in line
    shown = printed(page(diff(spec)), 80)
    assert "FLOPs" in shown
    assert "trainable" not in shown
    assert "peak activations" in shown


def test_places_are_code_in_markdown(place: Path, run: Run) -> None:
    write(place, {"specs/tiny.yaml": TINY.replace("kernel", "kernal")})
    text = run("diff", "--base", "main", "--format", "markdown").stdout
    assert "- `specs/tiny.yaml:5:36`: layers" in text
    assert text.index("specs/tiny.yaml:5:36") < text.index("| spec")
    spec = SpecDiff("a.yaml", "", "a", "base_broken", base_problem="main:a.yaml:100:7: no such field")
    assert ":100:" not in written(page(diff(spec)), "markdown")


def test_decoys_push_no_change_out_of_the_table() -> None:
    changed = told(chain(4, 4), chain(4, 8))
    decoys = [replace(changed, path=f"a{n:03}|{'|' * 150}", standing="added", changes=()) for n in range(100)]
    gone = replace(changed, path="x.yaml", standing="deleted")
    broken = replace(changed, path="y.yaml", standing="broken", problems=(Problem("y.yaml", 1, 2, "", "broken"),))
    text = "\n\n".join(part for detail, part in parts(page(diff(*decoys, gone, changed, broken))) if not detail)
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    assert [row.split("|")[1].strip() for row in rows[:3]] == ["y.yaml", "specs/t.yaml", "x.yaml"]
    assert max(map(len, rows)) < 500
    assert len(text) < 40_000
    assert "- `y.yaml:1:2`: broken" in text[: text.index("| y.yaml")]


def test_a_test_of_junit_keeps_its_name_whatever_becomes_of_it() -> None:
    changed = told(chain(4, 4), chain(4, 8))
    both = (changed, replace(changed, path="other/t.yaml", standing="same_cost"))
    cases = [*ElementTree.fromstring(written(page(diff(*both)), "junit")).iter("testcase")]
    assert [(case.get("classname"), case.get("name")) for case in cases] == [
        ("costlens.diff", "specs/t.yaml"), ("costlens.diff", "other/t.yaml"),
    ]  # fmt: skip
