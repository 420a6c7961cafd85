"""int8 for onnxruntime: its own quantisation, calibrated on random inputs, so a figure of speed and none of accuracy.

Static (QDQ, per channel) where there are convolutions; dynamic where there are only dense and recurrent layers, whose
weights alone are stored in int8.
"""

from pathlib import Path
from typing import Any

from costlens import frameworks
from costlens.errors import ExportError, first_line
from costlens.export.conversions._conversion import Look, Source, Written, optimised
from costlens.readers.onnx.operators import convolutions, named


class OnnxruntimeInt8(Written):
    """The file with its contractions quantised."""

    file = "model-int8.onnx"

    def write(self, source: Source, folder: Path, batch: int) -> None:
        """Quantise the file, without the quantiser's advice about preprocessing: exported files are folded."""
        import onnx

        try:
            kinds = {node.op_type for node in onnx.load(source.onnx).graph.node}
            with frameworks.silence():
                _quantise(source, folder / self.file, static=bool(kinds & convolutions()))
        except Exception as error:  # the quantiser raises what it likes
            raise ExportError(f"{source.onnx.name}: onnxruntime cannot quantise it: {first_line(error)}") from error

    def look(self, path: Path, device: str) -> Look:
        """Count what the runtime computes in int8."""
        narrow, every = int8_share(optimised(path, device))
        if not narrow:
            return Look("not computed in int8: the optimised graph holds no int8 kernel")
        return Look(remark="" if narrow == every else f"{narrow} of {every} convolutions and matrix products in int8")


def int8_share(model: Any) -> tuple[int, int]:
    """Return how many convolutions, matrix products and recurrences are computed in int8, and how many there are."""
    kinds = [node.op_type for node in model.graph.node if node.op_type in named("contraction")]
    return sum(kind in named("contraction", integer=True) for kind in kinds), len(kinds)


def _quantise(source: Source, target: Path, *, static: bool) -> None:
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_dynamic, quantize_static

    given = source.examples(batch=1)

    class Random(CalibrationDataReader):  # type: ignore[misc]
        """Random inputs, one example after another."""

        def get_next(self) -> Any:
            return next(given, None)

    files, int8 = (str(source.onnx), str(target)), QuantType.QInt8
    if static:  # by default with a pair of QuantizeLinear and DequantizeLinear at each operator
        quantize_static(*files, Random(), per_channel=True, activation_type=int8, weight_type=int8)
    else:
        quantize_dynamic(*files, weight_type=int8)
