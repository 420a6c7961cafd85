"""The JSON Schema of the spec language: specs that load, and wrong ones."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from costlens.network.layers import layer_kind, layer_names
from costlens.spec.schema import schema
from costlens.spec.starter import starter
from tests.cases import spec_texts
from tests.cases.spec_texts import HEAD
from tests.places import ROOT

SCHEMA = schema()
SHIPPED = {path.name.removesuffix(".yaml"): path.read_text() for path in sorted((ROOT / "specs").rglob("*.yaml"))}


def valid(value: Any, rule: Any) -> bool:
    """Say whether a value keeps a part of the schema."""
    return Draft7Validator({**rule, "definitions": SCHEMA["definitions"]}).is_valid(value)


def document(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


LOADABLE = {
    **SHIPPED, "starter": starter("net"), "design": spec_texts.DESIGN, "residual": spec_texts.RESIDUAL,
    "mixes": spec_texts.MIXES, "everything": spec_texts.EVERYTHING, "factorized": spec_texts.FACTORIZED,
}  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("name", LOADABLE)
def test_specs_that_load_are_valid(name: str) -> None:
    assert valid(document(LOADABLE[name]), SCHEMA)


@pytest.mark.parametrize("body", [
    "- relu: {name: a.b}", "- conv: {kernal: 3}", "- conv: {kernel: -3}", "- conv: {kernel: [3, 3, 3, 3]}",
    "- conv: {filters: 3.5}", "- conv: {bias: 1}", "- conv: 64", "- conv: {padding: [same, [1, 2, 3]]}", "- 3",
    "- [relu]",
    "- {relu: , tanh: }", "- dropout: 1.0", "- dense: {norm: {bacth: }}", "- dense: {activation: {rleu: }}",
    "- dense: {activation: {leaky_relu: 2}}", "- repeat: {time: 3}", "- residual: {join: conv}", "- branches: [[relu]]",
    "- branches: [relu, tanh]", "- add: {from: []}", "- add: {from: [1, 2]}", "- reshape: []",
    "- relu: {fixed: true}",
])  # fmt: skip
def test_layers_that_are_wrong_are_not_valid(body: str) -> None:
    assert valid(document(HEAD + "layers: [relu]"), SCHEMA)
    assert not valid(document(HEAD + "layers:\n" + body), SCHEMA)


@pytest.mark.parametrize("text", [
    "input: [3]\nlayers: [relu]", "name: my net\ninput: [3]", "name: t\nlayer: []", "name: t\nknobs: [1]",
    "name: t\ninput: 224", "name: t\ninput: [1, 2, 3, 4, 5]", "name: t\ndefaults: {conv: {baes: 1}}",
    "name: t\ndefaults: {dense: {name: x}}", "name: t\nblocks: {b: {parms: 1, layers: []}}", "name: t\nblocks: {b: {}}",
    "name: t\nkinds: {a: conv}", "name: t\nvariants: {fast: standard}", "name: t\nvariants: {all: {a: standard}}",
    "name: t\nvariants: {a b: {a: standard}}", "name: t\nexpect: {mcas: 3}",
    "name: t\nbudget: {latency: 3}", "name: t\noutputs: [1]",
])  # fmt: skip
def test_top_levels_that_are_wrong_are_not_valid(text: str) -> None:
    assert not valid(document(text), SCHEMA)


@pytest.mark.parametrize("name", layer_names())
def test_every_field_is_completed_with_its_description(name: str) -> None:
    definition = SCHEMA["definitions"][name]
    fields = next(part["properties"] for part in definition["anyOf"] if part.get("type") == "object")
    assert definition["description"]
    for field, info in layer_kind(name).fields().items():
        assert fields[field]["description"] == info.description
        assert not valid({"a": "mapping"}, fields[field])
        assert valid("2 * width", fields[field])
        assert info.required or info.default is None or valid(info.default, fields[field])
    assert valid(name, SCHEMA["definitions"]["statement"])


def test_blocks_are_called_by_any_name() -> None:
    statement = SCHEMA["definitions"]["statement"]
    assert valid({"stage": {"filters": 64, "name": "a"}}, statement)
    assert valid("stage", statement)
    assert valid({"stage": None}, statement)
    assert not valid({"stage": 64}, statement)
    assert not valid({"stage": {"name": "a.b"}}, statement)


def test_every_reference_leads_somewhere_and_every_definition_is_reached() -> None:
    referred = set(re.findall(r'"#/definitions/(\w+)"', json.dumps(SCHEMA)))
    assert referred == SCHEMA["definitions"].keys()


def test_the_schema_is_the_same_on_every_call_and_plain_json() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert json.dumps(schema()) == json.dumps(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
