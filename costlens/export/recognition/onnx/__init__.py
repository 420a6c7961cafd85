"""An ONNX file → a graph, by what its operators do."""

from costlens.export.recognition.onnx.walk import FromFile, recognise

__all__ = ["FromFile", "recognise"]
