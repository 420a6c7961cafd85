"""The shapes of an operator that has no rule of its own: onnx's inference of that one node.

It is handed sizes that were checked: onnx's C++ code aborts the process for a negative one.
"""

from collections.abc import Sequence
from typing import Any

from costlens.readers.onnx.operators import Call, NotCountedError, Out
from costlens.readers.onnx.tensor import Tensor

_LARGEST = 1 << 31


def inferred(call: Call, node: Any) -> Sequence[Out]:
    """Return the outputs of a node by ``onnx.shape_inference.infer_node_outputs``; NotCountedError where it cannot."""
    unknown = NotCountedError(f"operator {node.op_type} has no rule")
    try:
        import onnx
        from onnx import defs, shape_inference
    except ImportError:
        raise unknown from None
    try:
        schema = defs.get_schema(node.op_type, call.opset, node.domain)
    except Exception:  # onnx's own SchemaError
        raise unknown from None
    slim = onnx.NodeProto.FromString(node.SerializeToString())
    types = {name: _type(tensor) for name, tensor in zip(node.input, call.inputs, strict=False) if tensor is not None}
    try:
        found = shape_inference.infer_node_outputs(
            schema, slim, types, opset_imports=[onnx.helper.make_opsetid(node.domain, call.opset)]
        )
    except Exception as error:
        raise NotCountedError(f"onnx reports: {str(error).strip().splitlines()[-1:]}") from None
    return [_out(found.get(name)) for name in node.output]


def _type(tensor: Tensor) -> Any:
    from onnx import helper

    if tensor.shape is None or any(not isinstance(size, int) for size in tensor.shape):
        raise NotCountedError(f"the shape of {tensor.name} is not known")
    if any(not 0 <= size < _LARGEST for size in tensor.shape):
        raise NotCountedError(f"{tensor.name} has a size that no runtime takes")
    return helper.make_tensor_type_proto(tensor.dtype, list(tensor.shape))


def _out(found: Any) -> Out:
    if found is None or not found.HasField("tensor_type") or not found.tensor_type.HasField("shape"):
        return Out(found.tensor_type.elem_type if found is not None else 0, None)
    dims = found.tensor_type.shape.dim
    if any(not size.HasField("dim_value") or size.dim_value < 0 for size in dims):
        return Out(found.tensor_type.elem_type, None)
    return Out(found.tensor_type.elem_type, tuple(size.dim_value for size in dims))
