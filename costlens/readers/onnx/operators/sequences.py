"""Sequences of tensors: no multiply-accumulates.

The tensors of a sequence are followed where their number is known: the value of a sequence are the outputs that it
holds, and it has no shape of its own. https://onnx.ai/onnx/operators/onnx__SequenceAt.html
"""

from collections.abc import Sequence

from costlens.readers.onnx.operators._operator import Call, ContradictionError, NotCountedError, Operator, Out
from costlens.readers.onnx.operators._rules import axis_of
from costlens.readers.onnx.tensor import FLOAT, INT64, MOST_VALUES, Shape

_ONE_AXIS = 1


def _series(call: Call, index: int = 0) -> tuple[Out, ...]:
    """Return the tensors of a sequence; NotCountedError where a run decides how many there are."""
    tensor = call.input(index)
    if tensor.value is None or tensor.shape is not None:
        raise NotCountedError(f"the tensors of the sequence {tensor.name} are not known before a run")
    return tensor.value


def _made(tensors: Sequence[Out], dtype: int) -> Sequence[Out]:
    return (Out(tensors[0].dtype if tensors else dtype, None, tuple(tensors)),)


def _tensor(call: Call, index: int) -> Out:
    tensor = call.input(index)
    return Out(tensor.dtype, tensor.shape, tensor.value)


def _empty(call: Call) -> Sequence[Out]:
    return _made((), call.attributes.get("dtype", FLOAT))


def _construct(call: Call) -> Sequence[Out]:
    return _made([_tensor(call, index) for index in range(len(call.inputs))], FLOAT)


def _place(call: Call, index: int, length: int) -> int:
    """Return a place in a sequence, counted from its front."""
    (at,) = call.fixed(index)
    if not -length <= at <= length:
        raise ContradictionError(f"{call.op}: place {at} of a sequence of {length}")
    return at + length if at < 0 else at


def _insert(call: Call) -> Sequence[Out]:
    series = list(_series(call))
    if len(series) >= MOST_VALUES:
        raise NotCountedError(f"a sequence of more than {MOST_VALUES:,} tensors")
    series.insert(_place(call, 2, len(series)) if call.has(2) else len(series), _tensor(call, 1))
    return _made(series, FLOAT)


def _erase(call: Call) -> Sequence[Out]:
    series = list(_series(call))
    del series[_place(call, 1, len(series)) if call.has(1) else -1]
    return _made(series, call.input(0).dtype)


def _at(call: Call) -> Sequence[Out]:
    series = _series(call)
    if call.input(1).value is not None:
        return (series[_place(call, 1, len(series))],)
    shapes = {one.shape for one in series}
    if len(shapes) != 1:
        raise NotCountedError(f"which tensor of {call.input(0).name} is read is not known before a run")
    return (Out(series[0].dtype, shapes.pop()),)


def _length(call: Call) -> Sequence[Out]:
    return (Out(INT64, (), (len(_series(call)),)),)


def _split(call: Call) -> Sequence[Out]:
    first, shape = call.input(0), call.shape(0)
    axis = axis_of(call.attributes.get("axis", 0), len(shape))
    size = shape[axis]
    drops = not call.has(1) and not call.attributes.get("keepdims", 1)
    if call.has(1) and len(call.shape(1)) == _ONE_AXIS:
        parts = call.ints(1)
    else:
        (each,) = call.fixed(1) if call.has(1) else (1,)
        if not isinstance(size, int) or each < 1 or size > MOST_VALUES * each:
            raise NotCountedError(f"into how many parts SplitToSequence splits {first.name} is not known")
        parts = tuple(min(each, size - begin) for begin in range(0, size, each))
    cut = [(*shape[:axis], *(() if drops else (part,)), *shape[axis + 1 :]) for part in parts]
    return _made([Out(first.dtype, one) for one in cut], first.dtype)


def _concat(call: Call) -> Sequence[Out]:
    """Join the tensors along an axis, or along a new one."""
    series = _series(call)
    shapes: list[Shape] = [one.shape for one in series if one.shape is not None]
    if not series or len(shapes) < len(series):
        raise NotCountedError(f"a shape in the sequence {call.input(0).name} is not known")
    made = list(shapes[0])
    if call.attributes.get("new_axis", 0):
        made.insert(axis_of(call.attributes["axis"], len(made) + 1), len(series))
    else:
        axis = axis_of(call.attributes["axis"], len(made))
        made[axis] = sum(shape[axis] for shape in shapes)
    return (Out(series[0].dtype, tuple(made)),)


OPERATORS = {
    "SequenceEmpty": Operator(_empty),
    "SequenceConstruct": Operator(_construct),
    "SequenceInsert": Operator(_insert),
    "SequenceErase": Operator(_erase),
    "SequenceAt": Operator(_at),
    "SequenceLength": Operator(_length),
    "SplitToSequence": Operator(_split, weights=(0,)),
    "ConcatFromSequence": Operator(_concat),
}
