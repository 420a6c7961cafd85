"""fp32 for onnxruntime: the exported file as it is."""

from pathlib import Path

from costlens.export.conversions._conversion import Conversion, Source


class OnnxruntimeFp32(Conversion):
    """The exported file, which serves every batch."""

    file = "model.onnx"

    def path(self, source: Source, batch: int) -> Path:
        """Return the exported file."""
        return source.onnx
