"""Families of networks: counters, lists and conditions; each is the network that is written out."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costlens.api.model import load
from costlens.errors import SpecError
from costlens.spec.loading import loads
from costlens.spec.model import Spec
from tests.draw.families import KNOBS, family
from tests.draw.strategies import flow
from tests.places import CASES

HEAD = """\
name: t
knobs:
  width: 8
  se: false
  act: relu
  widths: [4, 8, 6]
  acts: [[relu], [{leaky_relu: 0.2}, tanh]]
  kernels: [[3, 1], [1, 3], same]
  stages: [[4, 3, 1], [8, 5, 2]]
  table: [{filters: 4, kernel: 3}, {filters: 8, kernel: 5}]
  nested: [[2, [3, 5]], [4, [1]]]
  taps: [a, b]
input: [16, 16, 3]
defaults: {conv: {padding: same}}
blocks:
  tcn:
    params: {dilations: [1, 2], act: none}
    layers: [{repeat: {for: {d: dilations}, layers: [{conv: {filters: 4, kernel: 3, dilation: d, activation: act}}]}}]
  stage:
    params: {row: required}
    layers: [{conv: {filters: "row[0]", kernel: "row[1]", stride: "row[2]"}}, relu]
  merge: {params: {of: required}, layers: [{concat: {from: of}}, relu]}
  chain: {params: {of: required}, layers: [{repeat: {for: {one: of}, layers: [{add: {from: [one, input]}}]}}]}
  gate: {params: {on: required}, layers: [{dense: {name: g, units: 3, when: on}}, tanh]}
"""


def layers(body: str, settings: dict[str, object] | None = None) -> Spec:
    """Load a spec of these statements."""
    return loads(f"{HEAD}layers:\n{body}", settings=settings)


def cases() -> list[tuple[str, str, str]]:
    """Read the table: ``=== title``, statements, a line ``==``, the statements of the same network."""
    parts = (CASES / "families.txt").read_text(encoding="utf-8").split("\n=== ")[1:]
    return [(title, *body.split("\n==\n")) for title, _, body in (part.partition("\n") for part in parts)]  # type: ignore[misc]


SAME = cases()


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_same_network(one: str, other: str) -> None:
    assert layers(one).graph == layers(other).graph


@settings(derandomize=True, max_examples=200)
@given(st.integers(0, 2**32 - 1))
def test_a_family_is_the_network_that_python_writes_out(seed: int) -> None:
    rolled, written_out = family(seed)
    head = f"name: t\nknobs: {flow(KNOBS)}\ninput: [4]\nlayers:\n"
    assert loads(head + rolled).graph == loads(head + written_out).graph


WIDTHS = "- repeat: {for: {units: widths}, layers: [{dense: units}]}\n"
STAGES = '- repeat: {for: {"f, k, s": stages}, layers: [{conv: {filters: f, kernel: k, stride: s}}]}\n'
TABLE = "- repeat: {for: table, layers: [{conv: {filters: filters, kernel: kernel}}]}\n"
SET = [
    ("a list", WIDTHS, {"widths": "[16, 24]"}, "- dense: 16\n- dense: 24\n", {"widths": "[16,24]"}),
    ("a list from Python", WIDTHS, {"widths": [16, 24]}, "- dense: 16\n- dense: 24\n", {"widths": "[16,24]"}),
    ("an empty list", WIDTHS + "- relu\n", {"widths": "[]"}, "- relu\n", {"widths": "[]"}),
    ("a table", STAGES, {"stages": "[[2, 1, 1]]"}, "- conv: {filters: 2, kernel: 1}\n", {"stages": "[[2,1,1]]"}),
    ("a table with names", TABLE, {"table": [{"kernel": 1, "filters": 2}]}, "- conv: {filters: 2, kernel: 1}\n",
     {"table": "[{kernel: 1,filters: 2}]"}),
    ("a flag", "- relu: {when: se}\n- tanh\n", {"se": "true"}, "- relu\n- tanh\n", {"se": "true"}),
    ("a flag from Python", "- relu: {when: se}\n- tanh\n", {"se": True}, "- relu\n- tanh\n", {"se": "true"}),
    ("no flag", "- relu: {when: not se}\n- tanh\n", {"se": True}, "- tanh\n", {"se": "true"}),
    ("a number", "- dense: width\n", {"width": "3"}, "- dense: 3\n", {"width": 3}),
]  # fmt: skip


@pytest.mark.parametrize("case", SET, ids=[case[0] for case in SET])
def test_a_knob_of_any_sort_is_set(case: tuple[str, str, dict[str, object], str, dict[str, int | str]]) -> None:
    """What a result shows of it can be set again."""
    _, body, settings, same, shown = case
    spec = layers(body, settings)
    assert spec.graph == layers(same).graph
    assert {name: spec.knobs[name] for name in settings} == shown
    assert layers(body, dict(shown)) == spec


def test_a_list_from_python_is_a_knob_of_a_model(tmp_path: Path) -> None:
    spec = tmp_path / "t.yaml"
    spec.write_text(f"{HEAD}layers:\n{WIDTHS}", encoding="utf-8")
    model = load(spec, widths=[2, 3], se=True)
    assert [row.output for row in model.count().rows] == [(16, 16, 2), (16, 16, 3)]
    assert model.count() == load(f"{spec}?widths=[2,3]&se=true").count()


WRONG = [
    ({"widths": "16"}, "widths=16: expected a list; the spec gives [4,8,6]"),
    ({"widths": "[a]"}, 'widths=[a]: expected elements like 4, received "a"'),
    ({"widths": "[[4]]"}, "widths=[[4]]: expected elements like 4, received [4]"),
    ({"stages": "[[4, 3]]"}, "stages=[[4, 3]]: expected elements like [4, 3, 1], received [4, 3]"),
    ({"table": "[{filters: 4}]"}, "elements like a mapping of filters, kernel, received a mapping of filters"),
    ({"se": "1"}, "se=1: expected true or false; the spec gives false"),
    ({"widths": "[1, ~]"}, "widths=[1, ~]: expected a list of numbers, words, true, false, or rows of these"),
    ({"widths": [1] * 300}, "expected at most 256 values in a list"),
]


@pytest.mark.parametrize(("settings", "message"), WRONG)
def test_a_knob_that_is_set_to_another_sort(settings: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        layers("- relu\n", settings)
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1
