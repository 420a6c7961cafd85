"""fp16 for onnxruntime: every weight, activation, input and output of an ONNX file in half precision.

By the converter that onnxruntime ships (``onnxruntime.transformers.float16``): no package more, and it is the one that
is still maintained of the two that share this code.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from costlens.errors import ExportError, first_line
from costlens.export.conversions._conversion import Look, Source, Written, optimised
from costlens.readers.onnx.operators import named

_FLOAT = 1  # onnx.TensorProto.FLOAT
_NARROW_TOO = ("Max", "Min")
"""ONNX has these in fp16, too; by default the converter leaves them in fp32."""


class OnnxruntimeFp16(Written):
    """The file in half precision; what the runtime makes of it decides whether its time is shown."""

    file = "model-fp16.onnx"

    def write(self, source: Source, folder: Path, batch: int) -> None:
        """Convert the file."""
        import onnx
        from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16

        left_wide = [name for name in DEFAULT_OP_BLOCK_LIST if name not in _NARROW_TOO]
        try:
            narrow = convert_float_to_float16(onnx.load(source.onnx), op_block_list=left_wide)
        except Exception as error:  # the converter raises what it likes
            raise ExportError(f"{source.onnx.name}: cannot be written in fp16: {first_line(error)}") from error
        onnx.save(narrow, folder / self.file)

    def look(self, path: Path, device: str) -> Look:
        """Look for casts and fp32 kernels in the graph that the runtime runs."""
        return Look(fp16_problem(optimised(path, device)))


def fp16_problem(model: Any) -> str:
    """Say what an optimised graph still computes in fp32; empty where it is fp16 throughout.

    Casts to fp32 are what onnxruntime puts around every operation that it has no fp16 kernel for.
    """
    nodes, floating = model.graph.node, named("contraction", integer=False)
    targets = [found.i for node in nodes if node.op_type == "Cast" for found in node.attribute if found.name == "to"]
    casts = targets.count(_FLOAT)
    wide = {value.name for value in model.graph.initializer if value.data_type == _FLOAT}
    kernels = Counter(node.op_type for node in nodes if node.op_type in floating and wide.intersection(node.input[1:2]))
    found = [f"{casts} cast{'s' * (casts != 1)} to fp32"] if casts else []
    found += [f"{number} {name} in fp32" for name, number in sorted(kernels.items())]
    return f"not computed in fp16: the optimised graph holds {', '.join(found)}" if found else ""
