"""The messages of an ONNX file, as far as a count reads them, without the package onnx.

Field numbers and types are those of onnx/onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). Fields
that are left out here are skipped when a file is parsed. ``Tensor.payload`` is ours: the bytes of numbers that the
file holds for a tensor where they were stepped over (:mod:`.file`).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from costlens.errors import RuntimeUnavailable
from costlens.errors.packages import install_of

PAYLOAD = 1000
"""Field number of ``Tensor.payload``, which no ONNX file uses."""

_MESSAGES: Mapping[str, Mapping[int, str]] = {
    "Pair": {1: "key string", 2: "value string"},
    "Opset": {1: "domain string", 2: "version int64"},
    "Tensor": {
        1: "dims int64*", 2: "data_type int32", 4: "float_data float*", 5: "int32_data int32*", 7: "int64_data int64*",
        8: "name string", 9: "raw_data bytes", 10: "double_data double*", 11: "uint64_data uint64*",
        13: "external_data Pair*", 14: "data_location int32", PAYLOAD: "payload int64",
    },
    "Sparse": {1: "values Tensor", 2: "indices Tensor", 3: "dims int64*"},
    "Size": {1: "value int64", 2: "param string"},
    "Shape": {1: "dim Size*"},
    "TensorType": {1: "elem_type int32", 2: "shape Shape"},
    "Wrapped": {1: "elem_type Type"},
    "Type": {1: "tensor TensorType", 4: "sequence Wrapped", 8: "sparse TensorType", 9: "optional Wrapped"},
    "Value": {1: "name string", 2: "type Type"},
    "Attribute": {
        1: "name string", 2: "f float", 3: "i int64", 4: "s bytes", 5: "t Tensor", 6: "g Graph", 7: "floats float*",
        8: "ints int64*", 9: "strings bytes*", 10: "tensors Tensor*", 11: "graphs Graph*", 14: "tp Type",
        20: "type int32", 21: "ref_attr_name string", 22: "sparse_tensor Sparse", 23: "sparse_tensors Sparse*",
    },
    "Node": {
        1: "input string*", 2: "output string*", 3: "name string", 4: "op_type string", 5: "attribute Attribute*",
        7: "domain string", 8: "overload string", 9: "metadata_props Pair*",
    },
    "Graph": {
        1: "node Node*", 2: "name string", 5: "initializer Tensor*", 11: "input Value*", 12: "output Value*",
        13: "value_info Value*", 15: "sparse_initializer Sparse*",
    },
    "Function": {
        1: "name string", 4: "input string*", 5: "output string*", 6: "attribute string*", 7: "node Node*",
        9: "opset_import Opset*", 10: "domain string", 11: "attribute_proto Attribute*", 13: "overload string",
    },
    "Model": {
        1: "ir_version int64", 2: "producer_name string", 3: "producer_version string", 7: "graph Graph",
        8: "opset_import Opset*", 25: "functions Function*",
    },
}  # fmt: skip


@cache
def messages() -> Mapping[str, Any]:
    """Return a class for each message, by its name here; RuntimeUnavailable without the package protobuf."""
    try:
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    except ImportError as error:
        raise RuntimeUnavailable(
            f"reading a model file needs protobuf, which cannot be imported ({error}); "
            f"install it with: {install_of('protobuf')}"
        ) from error

    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name="costlens/onnx.proto", package="costlens", syntax="editions", edition=descriptor_pb2.EDITION_2023
    )  # texts have to be UTF-8, and a field that is left out can be told from one of 0
    for name, declared in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, words in declared.items():
            field, kind = words.split()
            label = kinds.LABEL_REPEATED if kind.endswith("*") else kinds.LABEL_OPTIONAL
            kind = kind.rstrip("*")
            added = message.field.add(name=field, number=number, label=label)
            if kind in _MESSAGES:
                added.type, added.type_name = kinds.TYPE_MESSAGE, f".costlens.{kind}"
            else:
                added.type = kinds.Type.Value(f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    found = (pool.FindMessageTypeByName(f"costlens.{name}") for name in _MESSAGES)
    return {one.name: message_factory.GetMessageClass(one) for one in found}
