"""What stands around a spec's layers: knobs and settings, figures, scalars, expressions, the starter, the kinds."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costlens.arithmetic.figures import Figure
from costlens.errors import SpecError, UsageError
from costlens.network.count import count
from costlens.network.layers import layer_names
from costlens.spec.expressions import evaluate, round8
from costlens.spec.kinds import described
from costlens.spec.loading import load, loads
from costlens.spec.starter import starter
from tests.cases import spec_texts
from tests.places import ROOT


@pytest.mark.parametrize(
    ("values", "params", "macs"),
    [
        ({}, 4_253_864, 568_740_352),
        ({"alpha": 0.5, "resolution": "224"}, 1_342_536, 149_497_088),
        ({"alpha": "0.75"}, 2_601_976, 325_400_448),
    ],
)
def test_mobilenet_as_the_design_writes_it(values: dict[str, object], params: int, macs: int) -> None:
    totals = count(loads(spec_texts.DESIGN, settings=values).graph).totals
    assert (totals.params, totals.macs) == (params, macs)


def test_what_stands_beside_the_layers() -> None:
    spec = loads(spec_texts.DESIGN, file="x.yaml", settings={"alpha": "5e-1"})
    assert (spec.name, spec.title, spec.file) == ("mobilenet_v1", "MobileNetV1, 224", "x.yaml")
    assert spec.source == "https://arxiv.org/abs/1704.04861"
    assert spec.knobs == {"alpha": 0.5, "resolution": 224, "classes": 1000}
    assert [(one.source, one.figure, one.amount.text, one.published_in) for one in spec.limits] == [
        ("expect", "kernels", "4.2M", "MobileNets, table 4"),
        ("expect", "macs", "569M", "MobileNets, table 4"),
        ("budget", "params", "4.3M", ""),
        ("budget", "macs", "600M", ""),
        ("budget", "latency_ms", "40", ""),
    ]
    assert [one.amount.value for one in spec.limits[2:]] == [4_300_000, 600_000_000, 40]
    assert [(one.file, one.line, one.column) for one in spec.limits[:2]] == [("x.yaml", 26, 10), ("x.yaml", 26, 25)]
    assert spec.limits[0].amount.unit == 100_000


SIZES = [("20MB", 20_000_000), ("2MiB", 2_097_152), ("1.5 KiB", 1_536), ("14M", 14_000_000), ("300B", 300), ("7", 7)]


COMMAS = ["6,8k", "6,800k", "0,5", "1,0000", "12,34,567", "1,234_567", "6_8k", "1__000", "_1", "1,"]


@pytest.mark.parametrize("written", COMMAS)
@pytest.mark.parametrize(("section", "figure"), [("expect", "macs"), ("budget", "macs"), ("budget", "weight_bytes")])
def test_a_decimal_comma_is_no_separator_of_thousands(section: str, figure: str, written: str) -> None:
    text = f"name: x\ninput: [4]\nlayers: [relu]\n{section}:\n  {figure}: '{written}'\n"
    with pytest.raises(SpecError) as caught:
        loads(text, file="x.yaml")
    said = str(caught.value)
    assert said.startswith(f"x.yaml:5:{len(figure) + 5}: {section}: {figure}: expected a ")
    assert ("a decimal point, no comma" in said) == ("," in written)


THOUSANDS = [("3,751,369", 3_751_369), ("15_470_264_320", 15_470_264_320), ("1,234.5k", 1_234_500)]


@pytest.mark.parametrize(("written", "value"), THOUSANDS)
def test_thousands_may_be_separated(written: str, value: int) -> None:
    assert Figure.parse(written).value == Figure.parse_bytes(written).value == value


@pytest.mark.parametrize("empty", ["budget: {}", "expect: {}", "expect: {source: a paper}"])
def test_what_guards_nothing_is_a_mistake(empty: str) -> None:
    with pytest.raises(SpecError, match=r"x\.yaml:4:1: (budget: limits nothing|expect: quotes no figure); "):
        loads(f"name: x\ninput: [4]\nlayers: [relu]\n{empty}\n", file="x.yaml")


@pytest.mark.parametrize(("written", "value"), SIZES)
def test_a_budget_of_bytes_takes_sizes(written: str, value: int) -> None:
    spec = loads(f"name: x\ninput: [4]\nlayers: [relu]\nbudget: {{weight_bytes: {written}}}\n")
    assert spec.limits[0].amount.value == value


@pytest.mark.parametrize(("text", "value"), [
    ("yes", "yes"), ("on", "on"), ("no", "no"), ("1e-4", 1e-4), ("012", 12), ("0x10", 16), ("0o17", 15),
    ("1_000", "1_000"), ("'3'", "3"), ("-2.5", -2.5), ("1.", 1.0), (".5", 0.5), ("12:30", "12:30"),
    ("2024-01-01", "2024-01-01"),
])  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    found = loads(f"name: t\nknobs: {{a: {text}}}\ninput: [3]\nlayers: [relu]\n").knobs["a"]
    assert (found, type(found)) == (value, type(value))


def test_the_same_text_gives_the_same_graph() -> None:
    for text in spec_texts.ALL:
        assert loads(text) == loads(text)


def test_load_reads_a_file_with_a_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + spec_texts.RESIDUAL.replace("\n", "\r\n").encode())
    assert load(path).graph == loads(spec_texts.RESIDUAL).graph
    assert load(str(path)).file == str(path)


def test_a_spec_imports_only_the_layers_it_uses() -> None:
    code = (
        "import sys; from costlens.spec.loading import loads\n"
        "loads('{name: t, knobs: {a: 1}, input: [3], layers: [relu, {dense: a}]}')\n"
        "print(*(n for n in sys.modules if n.startswith('costlens.')), 'simpleeval' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"costlens.network.layers.relu", "costlens.network.layers.dense", "False"} <= loaded
    assert loaded.isdisjoint(
        {
            "costlens.network.layers.max_pool",
            "costlens.network.layers.batch_norm",
            "costlens.spec.schema",
            "costlens.spec.kinds",
            "costlens.spec.starter",
        }
    )


FORMS = (
    "({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} / {1})", "({0} // {1})", "({0} % {1})", "(-{0})",
    "min({0}, {1})", "max({0}, {1})", "int({0})", "round({0})", "abs({0})", "ceil({0})", "floor({0})", "({0} ** 2)",
    "({0} if {0} < {1} else {1})", "(1 if {0} == {1} or not {0} >= 3 and {1} != 2 else 0)",
)  # fmt: skip


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    """Draw arithmetic that is also Python."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(["a", "b", "c", "2", "3", "0.5", "10", "7"]))
    one, other = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    form = draw(st.sampled_from(FORMS))
    return form.format(one, other)


@settings(derandomize=True, max_examples=300)
@given(expressions())
def test_expressions_are_python_s(text: str) -> None:
    from math import ceil, floor

    names = {"a": 3, "b": 0.75, "c": -2}
    try:
        expected = eval(text, {"ceil": ceil, "floor": floor}, dict(names))
    except ZeroDivisionError:
        with pytest.raises(ValueError, match="a division by zero"):
            evaluate(text, names)
        return
    if abs(expected) <= 2**62 and len(text) <= 200:
        assert evaluate(text, names) == expected


@given(st.floats(min_value=0, max_value=10_000))
def test_round8_is_a_multiple_of_eight_near_the_value(value: float) -> None:
    rounded = round8(value)
    assert rounded % 8 == 0
    assert rounded >= max(8, 0.9 * value)
    assert rounded - value <= 8


@pytest.mark.parametrize("name", ["net", "My-net_2"])
def test_the_starter_loads_counts_and_keeps_its_budget(name: str) -> None:
    text = starter(name, has_schema=True)
    spec = loads(text)
    totals = count(spec.graph).totals
    assert spec.name == name
    assert {one.figure for one in spec.limits} == {"params", "macs"}
    assert all(getattr(totals, one.figure) <= one.amount.value for one in spec.limits)
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    assert all(kind.name in text for kind in described())
    bare = starter(name)
    assert loads(bare) == spec
    assert not any(re.match(r"#\s+yaml-language-server", line) for line in bare.splitlines())
    assert max(map(len, bare.splitlines())) <= 120


@pytest.mark.parametrize("name", ["", "3d", "my net", "../x", "x" * 101, "é"])
def test_a_starter_refuses_a_name_no_spec_can_have(name: str) -> None:
    with pytest.raises(UsageError, match="a letter first"):
        starter(name)


def test_every_kind_is_described() -> None:
    found = {kind.name: kind for kind in described()}
    assert set(layer_names()) <= found.keys()
    assert {"separable", "factorized", "repeat", "residual", "branches"} <= found.keys()
    assert all(kind.help and len(kind.help) < 120 for kind in found.values())
    assert all(field.description for kind in found.values() for field in kind.fields)
    units = found["dense"].fields[0]
    assert (units.name, units.type, units.default) == ("units", "a whole number from 1", "required")
    assert found["dense"].shorthand == "units"
    assert found["conv"].added == ("norm", "activation", "fixed", "name", "from", "when", "shared")
    with pytest.raises(UsageError, match=r'unknown kind \(did you mean "conv"\?\)'):
        described("cnov")
