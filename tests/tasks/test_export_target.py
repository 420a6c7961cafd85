"""What export is to write, before any work is done: by the name of a file, by its kind, or by both."""

from pathlib import Path
from typing import Any

import pytest

from costlens.errors import UsageError
from costlens.tasks._export_target import target

TARGETS: list[tuple[tuple[Any, ...], tuple[str, str, str, str]]] = [
    (("net.onnx",), ("net.onnx", "onnx", "fp32", "onnxruntime")),
    (("NET.TFLITE", "", "int8"), ("NET.TFLITE", "tflite", "int8", "litert")),
    ((None, "tflite", "int8"), ("net-int8.tflite", "tflite", "int8", "litert")),
    ((None, "tflite"), ("net.tflite", "tflite", "fp32", "litert")),
    ((None, "onnx"), ("net.onnx", "onnx", "fp32", "onnxruntime")),
    ((None, "c", "int8"), ("net-int8.h", "c", "int8", "litert")),
    (("model.cc", "c"), ("model.cc", "c", "fp32", "litert")),
]
REFUSED: list[tuple[tuple[Any, ...], str]] = [
    ((None,), "export: which file? name it with --output, or give --format onnx, tflite or c"),
    (("net.pb",), "net.pb: export writes .onnx, .tflite, .h, .c, .cc and .cpp files; give it one of these endings"),
    (("net",), "net: export writes .onnx"),
    (("net.tflite", "onnx"), "net.tflite: --format onnx writes .onnx, and this name says tflite; give it such an"),
    (("net.onnx", "tflite"), "net.onnx: --format tflite writes .tflite, and this name says onnx; give it such an"),
    (("net.onnx", "c"), "net.onnx: --format c writes .h or .c or .cc or .cpp, and this name says onnx"),
    (("net.onnx", "", "int8"), "--precision int8: .onnx is written in fp32; for a microcontroller give --format tfl"),
    (("net.tflite", "", "fp16"), "--precision fp16: .tflite is written in fp32 or int8"),
    (("net.h", "", "int7"), "precision 'int7' is unknown (did you mean \"int8\"?)"),
]


@pytest.mark.parametrize(("given", "made"), TARGETS)
def test_what_is_written(given: tuple[Any, ...], made: tuple[str, str, str, str]) -> None:
    found = target(*given)
    assert (str(found.named("net")), found.kind, found.precision, found.runtime) == made


@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_what_is_refused(given: tuple[Any, ...], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        target(*given)
    assert str(refused.value).startswith(said)


def test_a_path_is_a_path() -> None:
    assert target(Path("a") / "net.onnx").named("other") == Path("a/net.onnx")
