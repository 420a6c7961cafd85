"""The operators that targets are judged by are those of the packages, each tried."""

import pytest

from costlens.runtimes import _micro
from costlens.spec.target import operators_of
from tests.fakes.tried_operators import tried


@pytest.mark.process
@pytest.mark.onnx
@pytest.mark.parametrize("runtime", ["tflite-micro", "litert"])
def test_operators(runtime: str) -> None:
    if runtime == "tflite-micro" and not _micro.is_installed():
        pytest.skip("TensorFlow Lite Micro has wheels for one platform only")
    assert set(tried(runtime)) == operators_of(runtime)
