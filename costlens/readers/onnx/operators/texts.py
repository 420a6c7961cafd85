"""Operators on texts and optional tensors: no multiply-accumulates."""

from collections.abc import Sequence

from costlens.arithmetic.sizes import axis as free_axis
from costlens.readers.onnx.operators._operator import Call, ContradictionError, Operator, Out
from costlens.readers.onnx.operators._rules import joined
from costlens.readers.onnx.tensor import BOOL, FLOAT, INT64, STRING


def _split(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    return (Out(STRING, (*shape, free_axis("parts of StringSplit", data=True))), Out(INT64, shape))


def _test(call: Call) -> Sequence[Out]:
    return (Out(BOOL, call.input(0).shape),)


def _normalised(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    return (Out(STRING, (*shape[:-1], free_axis("words of StringNormalizer", data=True))),)


def _image(call: Call) -> Sequence[Out]:
    sides = (free_axis("image height", data=True), free_axis("image width", data=True))
    return (Out(2, (*sides, 1 if call.attributes.get("pixel_format") == "Grayscale" else 3)),)


def _grams(call: Call) -> Sequence[Out]:
    """Return a number for each n-gram of the dictionary, for each run of the last axis."""
    found = call.attributes.get("ngram_indexes")
    if not found:
        raise ContradictionError(f"{call.op} has no ngram_indexes")
    return (Out(FLOAT, (*call.shape(0)[:-1], max(found) + 1)),)


OPERATORS = {
    "StringConcat": Operator(joined()),
    "TfIdfVectorizer": Operator(_grams),
    "StringSplit": Operator(_split),
    "StringNormalizer": Operator(_normalised),
    "RegexFullMatch": Operator(_test),
    "OptionalHasElement": Operator(lambda call: (Out(BOOL, ()),)),
    **dict.fromkeys(("Optional", "OptionalGetElement"), Operator()),
    "ImageDecoder": Operator(_image),
}
