"""TensorFlow and LiteRT through the session's protocol, without running them: extras, threads, batches, errors."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy
import pytest

from costlens import runtimes
from costlens.errors import BenchError, RuntimeUnavailable
from costlens.runtimes import Options, _runtime

litert, tensorflow = runtimes.get("litert"), runtimes.get("tensorflow")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.tflite"
    path.touch()
    return path


class FakeInterpreter:
    """As much of LiteRT's interpreter as loading and running a file with two inputs touches."""

    made: list[FakeInterpreter]

    def __init__(self, model_path: str, num_threads: int) -> None:
        self.path, self.threads = model_path, num_threads
        self.inputs: dict[int, Any] = {}
        self.allocated = self.invoked = 0
        self.made.append(self)
        if "broken" in model_path:
            raise ValueError("Model provided has model identifier 'abcd', should be 'TFL3'\nsecond line")

    def allocate_tensors(self) -> None:
        self.allocated += 1

    def invoke(self) -> None:
        self.invoked += 1

    def get_input_details(self) -> list[dict[str, Any]]:
        right = {"name": "serving_default_x_1:0", "index": 7, "shape": numpy.array([2, 3]), "dtype": numpy.int8}
        left = {"name": "serving_default_x_0:0", "index": 9, "shape": numpy.array([2, 4]), "dtype": numpy.float32}
        return [right, left]

    def set_tensor(self, index: int, array: Any) -> None:
        self.inputs[index] = array


@pytest.fixture
def interpreters(monkeypatch: pytest.MonkeyPatch) -> list[FakeInterpreter]:
    FakeInterpreter.made = []
    package = ModuleType("ai_edge_litert")
    package.interpreter = SimpleNamespace(Interpreter=FakeInterpreter)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ai_edge_litert", package)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", package.interpreter)
    monkeypatch.setattr(_runtime, "find_spec", lambda name: package)
    return FakeInterpreter.made


def test_litert_is_given_its_threads_and_its_inputs_once(model: Path, interpreters: list[FakeInterpreter]) -> None:
    session = litert.load(model, Options(threads=2, batch=2, seed=3))
    (interpreter,) = interpreters
    assert (interpreter.threads, interpreter.allocated) == (2, 1)
    assert [(i, array.dtype.name, array.shape) for i, array in interpreter.inputs.items()] == [
        (9, "float32", (2, 4)),
        (7, "int8", (2, 3)),
    ]
    session.run()
    session.synchronize()
    assert interpreter.invoked == 1
    assert (session.fingerprint.name, session.fingerprint.threads) == ("litert", 2)
    assert session.fingerprint.providers[0] == "XNNPACK"


def test_a_litert_file_serves_one_batch(model: Path, interpreters: list[FakeInterpreter]) -> None:
    with pytest.raises(BenchError, match=r"model.tflite: the file is made for a batch of 2, but --batch is 1"):
        litert.load(model, Options(batch=1))
    with pytest.raises(BenchError, match="no such model file"):
        litert.load(model.with_name("none.tflite"), Options())
    broken = model.rename(model.with_name("broken.tflite"))
    with pytest.raises(BenchError, match=r"cannot load the model: Model provided has .*'TFL3'$"):
        litert.load(broken, Options())


def test_without_the_extra_litert_names_it(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("ai_edge_litert")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    for ask in (lambda: litert.require("auto"), litert.start):
        with pytest.raises(RuntimeUnavailable, match=r'ai-edge-litert.*pip install "costlens-nn\[litert\]"') as missing:
            ask()
        assert missing.value.exit_code == 5


def test_without_tensorflow_its_runtime_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    for ask in (lambda: tensorflow.require("cpu"), tensorflow.start):
        with pytest.raises(RuntimeUnavailable, match=r"tensorflow .*pip install costlens-nn"):
            ask()


@pytest.mark.parametrize("name", ["tensorflow", "litert"])
def test_a_graphics_card_is_refused_without_importing_the_library(name: str, interpreters: object) -> None:
    with pytest.raises(RuntimeUnavailable, match=rf"--device cuda: {name} is timed on the processor"):
        runtimes.get(name).require("cuda")


class FakeTensorflow(ModuleType):
    """As much of TensorFlow as restoring a function and running it touches."""

    def __init__(self, restored: Any) -> None:
        super().__init__("tensorflow")
        self.__version__ = "9.9"
        self.version = SimpleNamespace(GIT_VERSION="v9.9")
        self.threads: dict[str, int] = {}
        self.config = SimpleNamespace(
            threading=SimpleNamespace(
                set_intra_op_parallelism_threads=lambda n: self.threads.__setitem__("intra", n),
                set_inter_op_parallelism_threads=lambda n: self.threads.__setitem__("inter", n),
            )
        )
        self.saved_model = SimpleNamespace(load=lambda folder: restored)
        self.constant = numpy.asarray

    def device(self, name: str) -> Any:
        return nullcontext()


class FakeFunction:
    def __init__(self, problem: str = "") -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.problem = problem
        specs = [
            SimpleNamespace(
                name=f"x{i}",
                dtype=SimpleNamespace(name="float32"),
                shape=SimpleNamespace(as_list=lambda size=size: [None, size]),
            )
            for i, size in enumerate((3, 5))
        ]
        self.structured_input_signature = (tuple(specs), {})

    def __call__(self, *inputs: Any) -> Any:
        self.calls.append(inputs)
        if self.problem:
            raise RuntimeError(self.problem)
        return inputs


def test_tensorflow_is_given_its_threads_its_batch_and_its_own_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = FakeFunction()
    fake = FakeTensorflow(SimpleNamespace(serve=SimpleNamespace(concrete_functions=[function])))
    monkeypatch.setitem(sys.modules, "tensorflow", fake)
    monkeypatch.setattr(_runtime, "find_spec", lambda name: fake)
    (tmp_path / "saved_model.pb").touch()
    session = tensorflow.load(tmp_path / "saved_model.pb", Options(threads=2, batch=4))
    session.run()
    session.synchronize()
    assert fake.threads == {"intra": 2, "inter": 1}
    assert [array.shape for array in function.calls[0]] == [(4, 3), (4, 5)]
    ran_by = session.fingerprint
    assert (ran_by.name, ran_by.version, ran_by.threads, ran_by.device) == ("tensorflow", "9.9", 2, "cpu")
    function.problem = "Graph execution error:\n\nDetected at node a/b defined at (most recent call last):\nNo kernel"
    with pytest.raises(BenchError, match=r"^No kernel$"):
        session.run()
    with pytest.raises(BenchError, match="no such model file"):
        tensorflow.load(tmp_path / "none.pb", Options())
