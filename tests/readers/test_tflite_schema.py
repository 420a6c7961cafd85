"""The part of TensorFlow Lite's schema that is written here is that of LiteRT."""

import pytest
from ai_edge_litert import schema_py_generated

from costlens.readers.tflite import schema


def test_numbers() -> None:
    ours = dict(zip(schema.OPERATORS, range(1000), strict=False))
    theirs = {name: value for name, value in vars(schema_py_generated.BuiltinOperator).items() if name[0] != "_"}
    assert ours == theirs
    types = {name: value for name, value in vars(schema_py_generated.TensorType).items() if name[0] != "_"}
    assert {name.upper(): value for value, name in enumerate(schema.TYPES)} == types
    fused = {name.upper() or "NONE": value for value, name in enumerate(schema.ACTIVATIONS)}
    theirs = vars(schema_py_generated.ActivationFunctionType)
    assert fused == {name: value for name, value in theirs.items() if name[0] != "_"}


@pytest.mark.parametrize(("table", "fields"), [
    ("Model", schema.MODEL), ("OperatorCode", schema.OPERATOR_CODE), ("SubGraph", schema.SUB_GRAPH),
    ("Tensor", schema.TENSOR), ("Operator", schema.OPERATOR), ("Buffer", schema.BUFFER),
    ("QuantizationParameters", schema.QUANTIZATION), ("ExternalBuffer", schema.EXTERNAL_BUFFER),
])  # fmt: skip
def test_fields(table: str, fields: dict[str, int]) -> None:
    for name, place in fields.items():
        assert _asked(table, name) == 4 + 2 * place, name


@pytest.mark.parametrize("op", schema.OPTIONS)
def test_options(op: str) -> None:
    table, number, fields = schema.OPTIONS[op]
    union = "BuiltinOptions2" if op == "STABLEHLO_COMPOSITE" else "BuiltinOptions"
    assert getattr(getattr(schema_py_generated, union), table) == number
    for place, field in enumerate(fields.split()):
        name, _, rest = field.partition(":")
        form, _, default = rest.partition("=")
        assert _asked(table, name) == 4 + 2 * place, name
        if form in "biI":
            fresh = getattr(schema_py_generated, f"{table}T")()
            camel = _camel(name)
            assert int(getattr(fresh, camel[0].lower() + camel[1:])) == int(default or 0), name


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _asked(table: str, name: str) -> int:
    """Return the offset in the vtable that the generated reader of a field asks for."""
    asked = []

    class Recorder:
        Pos = 0

        def Offset(self, offset: int) -> int:  # noqa: N802  # the name that the generated code calls
            asked.append(offset)
            return 0

    made = getattr(schema_py_generated, table)()
    made._tab = Recorder()
    method = getattr(made, _camel(name))
    try:
        method()
    except TypeError:
        method(0)
    return asked[0]
