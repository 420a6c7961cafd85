"""Runtimes without running one: discovery, providers, shapes, inputs, and CUDA on a fake library."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import numpy
import pytest

from costlens import runtimes
from costlens.bench.machine import fingerprint, machine_facts
from costlens.bench.process import environment
from costlens.bench.worker import copies_ns
from costlens.errors import BenchError, RuntimeUnavailable, UsageError
from costlens.runtimes import Fingerprint, Options
from costlens.runtimes._inputs import Input, concrete_shape, filled, random_input
from costlens.runtimes.onnxruntime import Onnxruntime, choose_providers

CPU, CUDA, TENSORRT = "CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"
MODEL = Path("m.onnx")
load = Onnxruntime().load


def test_runtimes_are_found_by_file_name() -> None:
    files = Path(runtimes.__file__).parent.glob("[!_]*.py")
    assert runtimes.names() == tuple(sorted(file.stem for file in files))
    with pytest.raises(UsageError, match=r'runtime \'onnxruntim\' is unknown \(did you mean "onnxruntime"\?\)'):
        runtimes.get("onnxruntim")


@pytest.mark.parametrize("name", runtimes.names())
def test_a_runtime_declares_all_that_others_use(name: str) -> None:
    runtime = runtimes.get(name)
    assert (runtime.name(), set(runtime.devices) <= set(runtimes.DEVICES)) == (name, True)
    assert runtime.versions(), "installed for the tests"
    if name == runtimes.DEFAULT:
        assert callable(runtime.profiler().profiled)
    else:
        with pytest.raises(RuntimeUnavailable, match=f"{name} does not report .*; use --runtime onnxruntime"):
            runtime.profiler()
        assert runtime.arena_bytes(MODEL, Options()) is None


@pytest.mark.parametrize(
    ("device", "available", "expected"),
    [
        ("auto", [CPU], (CPU,)),
        ("auto", [CUDA, CPU], (CUDA, CPU)),
        ("cpu", [CUDA, CPU], (CPU,)),
        ("auto", [TENSORRT, CUDA, CPU], (CUDA, CPU)),
        ("cuda", [TENSORRT, CUDA, CPU], (CUDA, CPU)),
        ("tensorrt", [TENSORRT, CUDA, CPU], (TENSORRT, CUDA, CPU)),
    ],
)
def test_providers(device: str, available: list[str], expected: tuple[str, ...]) -> None:
    assert choose_providers(device, available) == expected


def test_cuda_asked_for_and_absent_names_the_extra() -> None:
    with pytest.raises(RuntimeUnavailable, match=r'--device cuda: .*pip install "costlens-nn\[gpu\]"') as missing:
        choose_providers("cuda", [CPU])
    assert missing.value.exit_code == 5


@pytest.mark.parametrize("available", [[CPU], [CUDA, CPU]])
def test_tensorrt_asked_for_and_absent_names_the_remedy(available: list[str]) -> None:
    with pytest.raises(RuntimeUnavailable, match=r"--device tensorrt: .* no Tensorrt.*--device cpu") as missing:
        choose_providers("tensorrt", available)
    assert missing.value.exit_code == 5


def test_only_the_leading_axis_may_be_dynamic() -> None:
    assert concrete_shape("x", ["N", 96, 64, 1], 4, MODEL) == (4, 96, 64, 1)
    assert concrete_shape("x", [None, 3], 1, MODEL) == (1, 3)
    assert concrete_shape("x", [], 7, MODEL) == ()
    with pytest.raises(BenchError, match=r"m.onnx: input 'x': axis 1 of \['N', 'T'\] is dynamic"):
        concrete_shape("x", ["N", "T"], 1, MODEL)


@pytest.mark.parametrize(("dtype", "low", "high"), [
    ("float16", -6, 6), ("float32", -6, 6), ("float64", -6, 6), ("int64", 0, 1), ("bool", 0, 1),
    ("uint8", 0, 255), ("int8", -128, 127),
])  # fmt: skip
def test_random_inputs_by_type(dtype: str, low: int, high: int) -> None:
    array = random_input("x", dtype, (4, 500), (0, 1), MODEL)
    assert (array.dtype, array.shape) == (numpy.dtype(dtype), (4, 500))
    assert low <= array.min() < array.max() <= high
    assert numpy.array_equal(array, random_input("x", dtype, (4, 500), (0, 1), MODEL))
    assert not numpy.array_equal(array, random_input("x", dtype, (4, 500), (1, 1), MODEL))
    assert random_input("x", dtype, (), (0, 0), MODEL).shape == ()


def test_an_input_without_random_values_is_refused() -> None:
    with pytest.raises(BenchError, match=r"m.onnx: input 'x' is of type bfloat16, which has no random values"):
        random_input("x", "bfloat16", (1,), (0, 0), MODEL)


def test_texts_are_all_alike_and_numbers_in_them() -> None:
    assert random_input("x", "string", (1, 2), (0, 0), MODEL).tolist() == [["1", "1"]]


# what is asked of an input, its type, its array
FILLED = [
    (Input((2, 2), values=(7,)), "int32", [[7, 7], [7, 7]]),
    (Input((2, 2), values=(1, 2, 3, 4)), "int64", [[1, 2], [3, 4]]),
    (Input((), values=(True,)), "bool", True),
    (Input((2,), low=5, high=5), "int64", [5, 5]),
    (Input((1,), values=("a",)), "string", ["a"]),
]


@pytest.mark.parametrize(("given", "dtype", "array"), FILLED)
def test_inputs_hold_what_is_asked_of_them(given: Input, dtype: str, array: Any) -> None:
    found = filled("x", dtype, given, (0, 0), MODEL)
    assert (found.tolist(), found.shape) == (array, given.shape)


def test_a_file_of_inputs_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    numpy.savez(tmp_path / "d.npz", x=numpy.arange(4, dtype="int64"))
    given = Input((2, 2), file=tmp_path / "d.npz")
    assert filled("x", "int64", given, (0, 0), MODEL).tolist() == [[0, 1], [2, 3]]
    with pytest.raises(BenchError, match=r"d.npz: input 'z' cannot be read"):
        filled("z", "int64", given, (0, 0), MODEL)


def test_a_model_that_reads_texts_is_timed(tmp_path: Path) -> None:
    from onnx import parser, save

    text = '<ir_version: 8, opset_import: ["": 17]> g (string[2] s) => (string[2] y) { y = Identity(s) }'
    save(parser.parse_model(text), tmp_path / "m.onnx")
    session = runtimes.get("onnxruntime").load(tmp_path / "m.onnx", Options("cpu", inputs={"s": Input((2,))}))
    session.run()
    session.synchronize()


class FakeValue:
    def __init__(self, array: Any, device: str, number: int) -> None:
        self.array, self.device, self.number = array, device, number
        self.updates = 0

    def update_inplace(self, array: Any) -> None:
        assert array is self.array
        self.updates += 1


class FakeOnnxruntime(SimpleNamespace):
    """As much of onnxruntime as loading a model touches; ``granted`` is what a session reports."""

    def __init__(self, available: list[str], granted: list[str], fails_with: tuple[str, ...] = ()) -> None:
        self.binding = Mock()
        self.settings: dict[str, str] = {}
        self.asked: list[list[str]] = []
        self.preloaded = 0
        fake = self

        def value(name: str, shape: list[Any]) -> Any:
            return SimpleNamespace(name=name, shape=shape, type="tensor(float)")

        class InferenceSession:
            def __init__(self, path: str, sess_options: Any, providers: list[Any], enable_fallback: int) -> None:
                self.asked = {p if isinstance(p, str) else p[0]: {} if isinstance(p, str) else p[1] for p in providers}
                fake.asked.append(list(self.asked))
                fake.options = sess_options
                if set(self.asked) & set(fails_with):
                    raise RuntimeError("CUDA failure 35: driver version is insufficient")
                self.granted = [name for name in granted if name in self.asked]

            def get_providers(self) -> list[str]:
                return self.granted

            def get_provider_options(self) -> dict[str, Any]:
                return {name: self.asked[name] for name in self.granted}

            def get_inputs(self) -> list[Any]:
                return [value("image", ["N", 4]), value("mask", ["N", 2])]

            def get_outputs(self) -> list[Any]:
                return [value("scores", ["N", 3]), value("embedding", ["N", 5])]

            def io_binding(self) -> Mock:
                return fake.binding

            def run_with_iobinding(self, binding: Mock) -> None:
                fake.ran_with = binding

        super().__init__(
            __version__="9.9",
            get_available_providers=lambda: available,
            get_build_info=lambda: "fake build",
            preload_dlls=lambda: setattr(fake, "preloaded", fake.preloaded + 1),
            GraphOptimizationLevel=SimpleNamespace(ORT_ENABLE_ALL="all of them"),
            SessionOptions=lambda: SimpleNamespace(add_session_config_entry=fake.settings.__setitem__),
            OrtValue=SimpleNamespace(ortvalue_from_numpy=FakeValue),
            InferenceSession=InferenceSession,
        )

    @property
    def inputs(self) -> list[FakeValue]:
        return [call.args[1] for call in self.binding.bind_ortvalue_input.call_args_list]

    @property
    def outputs(self) -> dict[str, str]:
        return dict(call.args for call in self.binding.bind_output.call_args_list)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeOnnxruntime]:
    """Return what puts a fake library in the place of the real one."""

    def put(*providers: Any) -> FakeOnnxruntime:
        fake = FakeOnnxruntime(*providers)
        monkeypatch.setitem(sys.modules, "onnxruntime", fake)
        return fake

    return put


Library = Callable[..., FakeOnnxruntime]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "m.onnx"
    path.touch()
    return path


def test_on_cuda_inputs_and_outputs_are_bound_to_the_device(model: Path, library: Library) -> None:
    fake = library([CUDA, CPU], [CUDA, CPU])
    session = load(model, Options(device="cuda", batch=7))
    image, mask = fake.inputs
    assert (image.array.shape, image.device, image.number) == ((7, 4), "cuda", 0)
    assert mask.array.shape == (7, 2)
    assert not numpy.array_equal(image.array[:, :2], mask.array)
    assert fake.outputs == {"scores": "cuda", "embedding": "cuda"}
    assert fake.preloaded == 1
    session.run()
    session.synchronize()
    assert fake.ran_with is fake.binding
    assert [call[0] for call in fake.binding.mock_calls[-2:]] == ["synchronize_inputs", "synchronize_outputs"]
    assert session.fingerprint == Fingerprint(
        "onnxruntime", "9.9", "fake build", "cuda", (CUDA, CPU), f'{{"{CPU}": {{}}, "{CUDA}": {{}}}}', 1, "all"
    )


def test_tensorrt_keeps_its_engines_beside_the_model_and_its_memory_with_cuda(
    model: Path, library: Library
) -> None:
    fake = library([TENSORRT, CUDA, CPU], [TENSORRT, CUDA, CPU])
    session = load(model, Options(device="tensorrt"))
    assert fake.asked == [[TENSORRT, CUDA, CPU]]
    assert (session.fingerprint.device, fake.outputs["scores"]) == ("cuda", "cuda")
    assert session.fingerprint.providers == (TENSORRT, CUDA, CPU)
    options = json.loads(session.fingerprint.provider_options)[TENSORRT]
    assert options == {"trt_engine_cache_enable": "1", "trt_timing_cache_enable": "1"}
    assert fake.preloaded == 1
    library([TENSORRT, CUDA, CPU], [CUDA, CPU])  # TensorRT is dropped
    with pytest.raises(RuntimeUnavailable, match="lists TensorrtExecutionProvider but could not start it"):
        load(model, Options(device="tensorrt"))


@pytest.mark.parametrize(("device", "copies"), [("cuda", True), ("cpu", False)])
def test_copies_are_timed_apart_and_only_where_there_are_any(
    device: Any, copies: bool, model: Path, library: Library
) -> None:
    fake = library([CUDA, CPU], [CUDA, CPU])
    session = load(model, Options(device=device))
    ticks = iter(range(0, 10_000, 7))
    assert copies_ns(session, lambda: next(ticks), calls=5) == ((7, 7) if copies else None)
    assert [value.updates for value in fake.inputs] == ([8, 8] if copies else [0, 0])
    assert fake.binding.copy_outputs_to_cpu.call_count == (8 if copies else 0)
    assert not hasattr(fake, "ran_with"), "copying runs nothing"


@pytest.mark.parametrize("fails_with", [(), (CUDA,)], ids=["provider silently dropped", "session raises"])
def test_cuda_that_does_not_start(fails_with: tuple[str, ...], model: Path, library: Library) -> None:
    fake = library([CUDA, CPU], [CPU], fails_with)
    with pytest.raises((RuntimeUnavailable, BenchError), match="driver"):
        load(model, Options(device="cuda"))
    session = load(model, Options(device="auto"))
    assert session.fingerprint.device == "cpu"
    assert fake.outputs["scores"] == "cpu"


@pytest.mark.parametrize(("threads", "settings"), [(1, {}), (2, {"session.force_spinning_stop": "1"})])
def test_threads_that_share_cores_stop_spinning(
    threads: int, settings: dict[str, str], model: Path, library: Library
) -> None:
    fake = library([CPU], [CPU])
    assert load(model, Options(threads=threads)).fingerprint.threads == threads
    assert (fake.options.intra_op_num_threads, fake.options.inter_op_num_threads) == (threads, 1)
    assert fake.options.graph_optimization_level == "all of them"
    assert fake.settings == settings
    assert fake.preloaded == 0


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_machine_facts_of_a_linux_machine(tmp_path: Path) -> None:
    cpuinfo = "processor\t: 0\ncpu family\t: 26\nmodel\t\t: 2\nmodel name\t: AMD EPYC\nstepping\t: 1\n"
    write(tmp_path, "proc/cpuinfo", cpuinfo + "flags\t\t: fpu avx2 avx512f hypervisor\n")
    write(tmp_path, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n")
    write(tmp_path, "proc/driver/nvidia/gpus/0000:01/information", "Model: \t\t NVIDIA L4\nIRQ: 5\n")
    facts = machine_facts(tmp_path)
    assert facts.cpu == "AMD EPYC (family 26, model 2, stepping 1)"
    assert facts.cpu_isa == ("avx512f", "avx2")
    assert (facts.virtualised, facts.power, facts.accelerators) == (True, "performance", ("NVIDIA L4",))
    assert 1 <= facts.cores_usable <= facts.cores
    bare = machine_facts(tmp_path / "nothing here")
    assert (bare.virtualised, bare.power, bare.accelerators, bare.cpu_isa) == (None, None, (), ())
    assert bare.cpu


@pytest.mark.parametrize(("change", "differs"), [
    ({"cpu": "another"}, True), ({"power": "powersave"}, True), ({"cores_usable": 99}, True),
    ({"python": "3.99"}, False), ({"memory_bytes": 1}, False), ({"accelerators": ("NVIDIA L4",)}, False),
])  # fmt: skip
def test_fingerprint_follows_what_changes_a_latency(change: dict[str, Any], differs: bool) -> None:
    runtime = Fingerprint("onnxruntime", "1", "", "cpu", (CPU,), "{}", 1, "all")
    here, there = machine_facts(), replace(machine_facts(), **change)
    assert (fingerprint(here, runtime) != fingerprint(there, runtime)) == differs
    assert fingerprint(here, runtime) == fingerprint(machine_facts(), runtime)
    assert fingerprint(here, runtime) != fingerprint(here, replace(runtime, threads=2))
    cards = [replace(here, accelerators=names) for names in ((), ("NVIDIA L4",))]
    assert len({fingerprint(machine, replace(runtime, device="cuda")) for machine in cards}) == 2


def test_the_childs_environment_has_one_thread_pool_and_this_costlens() -> None:
    child = environment({"PATH": "/bin", "PYTHONPATH": "/mine", "OMP_NUM_THREADS": "64"})
    assert child["PATH"] == "/bin"
    assert child["OMP_NUM_THREADS"] == child["OPENBLAS_NUM_THREADS"] == "1"
    assert child["PYTHONPATH"].endswith("/mine")
