"""Operators of ai.onnx.ml: trees, support vectors, scalers. They are listed; what follows them is counted.

They hold their numbers in attributes, and most of them compute no multiply-accumulates.
https://onnx.ai/onnx/operators/index_ai.onnx.ml.html
"""

from collections.abc import Sequence

from costlens.readers.onnx.operators._operator import (
    Call,
    Infer,
    NotCountedError,
    Operator,
    Out,
    first_axis,
)
from costlens.readers.onnx.tensor import FLOAT, INT64, STRING, Shape


def _same(call: Call) -> Sequence[Out]:
    return (Out(FLOAT, call.shape(0)),)


def _rows(call: Call) -> Shape:
    """Return how many examples are read: one, where the input has a single axis."""
    shape = call.shape(0)
    return shape[:1] if len(shape) > 1 else (1,)


def _listed(call: Call, *names: str) -> tuple[str, list[object]]:
    """Return the attribute that is given of several, and its values."""
    for name in names:
        if values := call.attributes.get(name):
            return name, list(values)
    raise NotCountedError(f"{call.op} has none of {', '.join(names)}")


def _classes(*names: str) -> Infer:
    def infer(call: Call) -> Sequence[Out]:
        name, values = _listed(call, *names)
        label = STRING if "string" in name else INT64
        return (Out(label, _rows(call)), Out(FLOAT, (*_rows(call), len(values))))

    return infer


def _targets(*names: str) -> Infer:
    def infer(call: Call) -> Sequence[Out]:
        number = next((call.attributes[name] for name in names if name in call.attributes), 1)
        return (Out(FLOAT, (*_rows(call), number)),)

    return infer


def _encoded(call: Call) -> Sequence[Out]:
    kinds = {"values_strings": STRING, "values_int64s": INT64, "values_floats": FLOAT}
    if (table := call.attributes.get("values_tensor")) is not None:
        kind = table.data_type
    elif given := next((name for name in kinds if call.attributes.get(name)), None):
        kind = kinds[given]
    else:  # texts to numbers and back
        kind = INT64 if call.input(0).dtype == STRING else STRING
    return (Out(kind, call.shape(0)),)


def _one_hot(call: Call) -> Sequence[Out]:
    _, values = _listed(call, "cats_int64s", "cats_strings")
    return (Out(FLOAT, (*call.shape(0), len(values))),)


def _extracted(call: Call) -> Sequence[Out]:
    shape, picked = call.shape(0), call.shape(1)
    return (Out(call.input(0).dtype, (*(shape[:-1] or (1,)), *(picked[-1:] or (1,)))),)


def _joined(call: Call) -> Sequence[Out]:
    rows = _rows(call)
    widths = call.attributes.get("inputdimensions") or [call.shape(index)[-1] for index in range(len(call.inputs))]
    return (Out(FLOAT, (*rows, sum(widths))),)


def _words(call: Call) -> Sequence[Out]:
    _, values = _listed(call, "int64_vocabulary", "string_vocabulary")
    return (Out(FLOAT, (1, len(values))),)


def _unknown(call: Call) -> Sequence[Out]:
    raise NotCountedError(f"{call.op} makes no tensor")


_LABELS = ("classlabels_int64s", "classlabels_strings")
_SHAPES: dict[str, Infer] = {
    **dict.fromkeys(("Binarizer", "Imputer", "Normalizer", "Scaler"), _same),
    "ArrayFeatureExtractor": _extracted,
    "CastMap": _unknown,
    "CategoryMapper": _encoded,
    "DictVectorizer": _words,
    "FeatureVectorizer": _joined,
    "LabelEncoder": _encoded,
    "LinearClassifier": _classes("classlabels_ints", "classlabels_strings"),
    "LinearRegressor": _targets("targets"),
    "OneHotEncoder": _one_hot,
    "SVMClassifier": _classes("classlabels_ints", "classlabels_strings"),
    "SVMRegressor": _targets(),
    "TreeEnsemble": _targets("n_targets"),
    "TreeEnsembleClassifier": _classes(*_LABELS),
    "TreeEnsembleRegressor": _targets("n_targets"),
    "ZipMap": _unknown,
}
OPERATORS = {
    f"ai.onnx.ml.{name}": Operator(infer, batch=first_axis, listed=f"{name} of ai.onnx.ml is not counted")
    for name, infer in _SHAPES.items()
}
