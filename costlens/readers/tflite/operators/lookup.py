"""Operators that look values up: a table that is read from is a parameter; nothing is multiplied."""

from collections.abc import Sequence
from math import prod

from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import axis_of, needs


def _gather(call: Call) -> Sequence[Out]:
    shape, wanted = call.shape(0), call.shape(1)
    axis, shared = axis_of(call.options["axis"], len(shape)), call.options["batch_dims"]
    shared = axis_of(shared, len(wanted) + 1) if shared else 0
    needs(shared <= axis, f"it shares {shared} axes before axis {axis}")
    made = (*shape[:axis], *wanted[shared:], *shape[axis + 1 :])
    value, places = call.input(0).value, call.input(1).value
    if value is None or places is None or len(shape) != 1:
        return (Out(made),)
    needs(all(-len(value) <= place < len(value) for place in places), f"it takes values {list(places)[:8]} of {shape}")
    return (Out(made, tuple(value[place] for place in places)),)


def _gather_nd(call: Call) -> Sequence[Out]:
    shape, wanted = call.shape(0), call.shape(1)
    needs(bool(wanted) and wanted[-1] <= len(shape), f"it names {wanted[-1:]} axes of {len(shape)}")
    return (Out((*wanted[:-1], *shape[wanted[-1] :])),)


def _embedding(call: Call) -> Sequence[Out]:
    return (Out((*call.shape(0), *call.shape(1)[1:])),)


def _one_hot(call: Call) -> Sequence[Out]:
    shape, (depth,) = call.shape(0), call.value(1)
    needs(depth >= 0, f"it makes {depth} classes")
    axis = call.options["axis"]
    place = len(shape) if axis == -1 else axis_of(axis, len(shape) + 1)
    return (Out((*shape[:place], depth, *shape[place:])),)


def _scatter(call: Call) -> Sequence[Out]:
    made = call.value(2)
    needs(min(made, default=0) >= 0, f"it makes a tensor of {list(made)}")
    needs(prod(call.shape(1)) <= prod(made) or prod(made) > 0, "it scatters into nothing")
    return (Out(tuple(made)),)


def _data_decide(call: Call) -> Sequence[Out]:
    """Return no shapes: the values of a run decide them."""
    return tuple(Out(None) for _ in range(call.wanted))


OPERATORS = {
    "GATHER": Operator(_gather, weights=(0,), role="carrier"),
    "GATHER_ND": Operator(_gather_nd, weights=(0,)),
    "EMBEDDING_LOOKUP": Operator(_embedding, weights=(1,), integers=True),
    "ONE_HOT": Operator(_one_hot),
    "SCATTER_ND": Operator(_scatter, weights=(1,)),
    "SPARSE_TO_DENSE": Operator(None, weights=(2,)),
    **dict.fromkeys(("UNIQUE", "WHERE"), Operator(_data_decide)),
    **dict.fromkeys((
        "BUCKETIZE", "HASHTABLE", "HASHTABLE_FIND", "HASHTABLE_IMPORT", "HASHTABLE_SIZE", "HASHTABLE_LOOKUP",
        "NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5", "SEGMENT_SUM", "UNSORTED_SEGMENT_MAX",
        "UNSORTED_SEGMENT_MIN", "UNSORTED_SEGMENT_PROD", "UNSORTED_SEGMENT_SUM",
    ), Operator(None)),
}  # fmt: skip
