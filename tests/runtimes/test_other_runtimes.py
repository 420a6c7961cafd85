"""TensorFlow and LiteRT through the session's protocol, without running them: extras, threads, batches, errors."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, Mock

import numpy
import pytest

from costlens import runtimes
from costlens.errors import BenchError, RuntimeUnavailable
from costlens.runtimes import Options, _runtime
from costlens.runtimes._litert_executed import execute

litert, tensorflow = runtimes.get("litert"), runtimes.get("tensorflow")


def _input(name: str, index: int, shape: list[int], kind: type, signature: list[int] | None = None) -> dict[str, Any]:
    sizes, signed = numpy.array(shape), numpy.array(signature or shape)
    return {"name": name, "index": index, "shape": sizes, "shape_signature": signed, "dtype": kind}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.tflite"
    path.touch()
    return path


@pytest.fixture
def interpreter(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Return LiteRT's interpreter of every file, with two inputs."""
    fake = Mock()
    fake.get_input_details.return_value = [
        _input("serving_default_x_1:0", 7, [2, 3], numpy.int8),
        _input("serving_default_x_0:0", 9, [2, 4], numpy.float32),
    ]

    def load(model_path: str, num_threads: int) -> Mock:
        if "broken" in model_path:
            raise ValueError("Model provided has model identifier 'abcd', should be 'TFL3'\nsecond line")
        fake.threads = num_threads
        return fake

    package = ModuleType("ai_edge_litert")
    package.interpreter = SimpleNamespace(Interpreter=load)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ai_edge_litert", package)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", package.interpreter)
    monkeypatch.setattr(_runtime, "find_spec", lambda name: package)
    return fake


def test_litert_is_given_its_threads_and_its_inputs_once(model: Path, interpreter: Mock) -> None:
    session = litert.load(model, Options(threads=2, batch=2, seed=3))
    assert (interpreter.threads, interpreter.allocate_tensors.call_count) == (2, 1)
    given = [call.args for call in interpreter.set_tensor.call_args_list]
    assert [(index, array.dtype.name, array.shape) for index, array in given] == [
        (9, "float32", (2, 4)),
        (7, "int8", (2, 3)),
    ]
    session.run()
    session.synchronize()
    assert interpreter.invoke.call_count == 1
    assert (session.fingerprint.name, session.fingerprint.threads) == ("litert", 2)
    assert session.fingerprint.providers[0] == "XNNPACK"


def test_a_litert_file_serves_one_batch(model: Path, interpreter: Mock) -> None:
    with pytest.raises(BenchError, match=r"model.tflite: the file is made for a batch of 2, but --batch is 3"):
        litert.load(model, Options(batch=3))
    with pytest.raises(BenchError, match="no such model file"):
        litert.load(model.with_name("none.tflite"), Options())
    broken = model.rename(model.with_name("broken.tflite"))
    with pytest.raises(BenchError, match=r"cannot load the model: Model provided has .*'TFL3'$"):
        litert.load(broken, Options())


def test_an_axis_without_a_size_is_the_batch_or_refused(model: Path, interpreter: Mock) -> None:
    value = _input("x", 5, [1, 4], numpy.float32, [-1, 4])
    resized = {**value, "shape": numpy.array([3, 4])}
    interpreter.get_input_details.side_effect = [[value], [resized]]
    litert.load(model, Options(batch=3))
    interpreter.resize_tensor_input.assert_called_once_with(5, (3, 4))
    assert interpreter.set_tensor.call_args.args[1].shape == (3, 4)
    interpreter.get_input_details.side_effect = [[_input("x", 5, [1, 1], numpy.float32, [-1, -1])]]
    with pytest.raises(BenchError, match=r"model.tflite: input 'x': axis 1 has no size; only the first"):
        litert.load(model, Options())


def test_without_the_extra_litert_names_it(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("ai_edge_litert")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    for ask in (lambda: litert.require("auto"), litert.start, lambda: execute(model, {})):
        with pytest.raises(RuntimeUnavailable, match=r'litert needs ai-edge-litert.*nn\[litert\]"') as missing:
            ask()
        assert missing.value.exit_code == 5


def test_without_tensorflow_its_runtime_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    for ask in (lambda: tensorflow.require("cpu"), tensorflow.start):
        with pytest.raises(RuntimeUnavailable, match=r'tensorflow .*pip install "costlens-nn\[keras\]"'):
            ask()


@pytest.mark.parametrize("name", ["tensorflow", "litert"])
def test_a_graphics_card_is_refused_without_importing_the_library(name: str, interpreter: Mock) -> None:
    with pytest.raises(RuntimeUnavailable, match=rf"--device cuda: {name} is timed on the processor"):
        runtimes.get(name).require("cuda")


def test_tensorflow_is_given_its_threads_its_batch_and_its_own_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As much of TensorFlow as restoring a function and running it touches."""
    kind = SimpleNamespace(name="float32")
    shapes = [SimpleNamespace(as_list=lambda size=size: [None, size]) for size in (3, 5)]
    specs = [SimpleNamespace(name=f"x{place}", dtype=kind, shape=shape) for place, shape in enumerate(shapes)]
    function = Mock(structured_input_signature=(tuple(specs), {}))
    fake = MagicMock(__version__="9.9", constant=numpy.asarray)
    fake.saved_model.load.return_value.serve.concrete_functions = [function]
    monkeypatch.setitem(sys.modules, "tensorflow", fake)
    monkeypatch.setattr(_runtime, "find_spec", lambda name: fake)
    (tmp_path / "saved_model.pb").touch()
    session = tensorflow.load(tmp_path / "saved_model.pb", Options(threads=2, batch=4))
    session.run()
    session.synchronize()
    fake.config.threading.set_intra_op_parallelism_threads.assert_called_once_with(2)
    fake.config.threading.set_inter_op_parallelism_threads.assert_called_once_with(1)
    assert [array.shape for array in function.call_args.args] == [(4, 3), (4, 5)]
    ran_by = session.fingerprint
    assert (ran_by.name, ran_by.version, ran_by.threads, ran_by.device) == ("tensorflow", "9.9", 2, "cpu")
    said = "Graph execution error:\n\nDetected at node a/b defined at (most recent call last):\nNo kernel"
    function.side_effect = RuntimeError(said)
    with pytest.raises(BenchError, match=r"^No kernel$"):
        session.run()
    with pytest.raises(BenchError, match="no such model file"):
        tensorflow.load(tmp_path / "none.pb", Options())
