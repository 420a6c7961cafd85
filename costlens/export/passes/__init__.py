"""ONNX → ONNX: passes over a ``ModelProto``. ``costlens.export.onnx_file`` holds their order."""
