"""onnxruntime on CPU, CUDA or TensorRT: inputs and outputs bound once to the device, optimisation level ``all``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from costlens.errors import BenchError, RuntimeUnavailable, first_line
from costlens.errors.packages import install
from costlens.runtimes import DEVICES, Fingerprint, Input, Options, Runtime
from costlens.runtimes._inputs import concrete_shape, filled
from costlens.runtimes._onnxruntime_arena import arena_totals, logged
from costlens.runtimes._runtime import ProcessorSession, require_file

if TYPE_CHECKING:
    from costlens.runtimes._profile import Profiler

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
TENSORRT = "TensorrtExecutionProvider"
_NEEDED = {"cuda": CUDA, "tensorrt": TENSORRT}
_INFORMATION = 1
_ERRORS_ONLY = 3  # onnxruntime's log severity: 0 verbose ... 3 errors, 4 fatal
Adjust = Callable[[Any], None]  # changes onnxruntime's settings of a session before it is made


class BoundSession:
    """A model with its inputs filled and its outputs bound; ``run()`` moves no data."""

    __slots__ = ("_binding", "_inputs", "_session", "fingerprint")

    def __init__(self, session: Any, binding: Any, inputs: Sequence[tuple[Any, Any]], fingerprint: Fingerprint) -> None:
        self._session, self._binding, self.fingerprint = session, binding, fingerprint
        self._inputs = inputs  # values on the device, each with the array that it was filled from

    def run(self) -> None:
        """Run once; onnxruntime returns when the provider's stream is done."""
        self._session.run_with_iobinding(self._binding)

    def synchronize(self) -> None:
        """Wait for the copies and kernels of this session's inputs and outputs."""
        self._binding.synchronize_inputs()
        self._binding.synchronize_outputs()

    def copy_in(self) -> None:
        """Copy all inputs from NumPy's memory to the device once."""
        for value, array in self._inputs:
            value.update_inplace(array)

    def copy_out(self) -> None:
        """Copy all outputs of the last run to the host once."""
        self._binding.copy_outputs_to_cpu()

    def end_profiling(self) -> Path:
        """Stop profiling and return the file that was written; the session cannot run afterwards."""
        return Path(self._session.end_profiling())


class TextSession(ProcessorSession):
    """A model that reads texts, which onnxruntime binds nowhere: they go in and its outputs come out in every run."""

    __slots__ = ("_inputs", "_session")

    def __init__(self, session: Any, inputs: Mapping[str, Any], fingerprint: Fingerprint) -> None:
        super().__init__(fingerprint)
        self._session, self._inputs = session, inputs

    def run(self) -> None:
        """Run once."""
        self._session.run(None, self._inputs)

    def end_profiling(self) -> Path:
        """Stop profiling and return the file that was written; the session cannot run afterwards."""
        return Path(self._session.end_profiling())


class Onnxruntime(Runtime):
    """Runs ONNX files."""

    library: ClassVar[str] = "onnxruntime"
    packages: ClassVar[tuple[str, ...]] = ("onnxruntime", "onnxruntime-gpu")
    devices: ClassVar[tuple[str, ...]] = DEVICES

    def require(self, device: str) -> None:
        """Raise RuntimeUnavailable, with the remedy, where this machine or build cannot run on a device."""
        choose_providers(device, self.imported().get_available_providers())

    def load(self, path: Path, options: Options, adjust: Adjust | None = None) -> BoundSession | TextSession:
        """Load a file, fill its inputs, bind inputs and outputs to the device."""
        library = self.imported()
        require_file(path)
        session = _create(path, options, choose_providers(options.device, library.get_available_providers()), adjust)
        granted = tuple(session.get_providers())
        needed = _NEEDED.get(options.device)
        if needed and needed not in granted:
            libraries = "CUDA, cuDNN and TensorRT" if needed == TENSORRT else "CUDA and cuDNN"
            raise RuntimeUnavailable(
                f"--device {options.device}: onnxruntime {library.__version__} lists {needed} but could not start it, "
                f"and would have run on {', '.join(granted)}; check the NVIDIA driver and the {libraries} "
                "libraries that costlens-nn[gpu] needs, or use --device cpu"
            )
        device = "cuda" if {CUDA, TENSORRT} & set(granted) else "cpu"  # where memory is: TensorRT's is CUDA's
        if not options.inputs:
            _check_batch(path, [value.shape for value in session.get_inputs()], options.batch)
        arrays = inputs_of(session, path, options)
        ran_by = Fingerprint(
            name=self.name(),
            version=str(library.__version__),
            build=str(library.get_build_info()),
            device=device,
            providers=granted,
            provider_options=_provider_options(session),
            threads=options.threads,
            optimisation="all",
        )
        if any(array.dtype.kind == "O" for array in arrays.values()):
            return TextSession(session, arrays, ran_by)
        binding, placed = session.io_binding(), []
        for name, array in arrays.items():
            value = library.OrtValue.ortvalue_from_numpy(array, device, 0)
            binding.bind_ortvalue_input(name, value)
            placed.append((value, array))
        for output in session.get_outputs():
            # The first run allocates the output on the device; the binding keeps it for all later ones.
            binding.bind_output(output.name, device)
        return BoundSession(session, binding, placed if device != "cpu" else (), ran_by)

    def predict(self, path: Path, inputs: Sequence[Any]) -> list[Any]:
        """Run a file once on arrays."""
        session = _create(path, Options("cpu"), (CPU,))
        names = [value.name for value in session.get_inputs()]
        return list(session.run(None, dict(zip(names, inputs, strict=True))))

    def arena_bytes(self, path: Path, options: Options) -> int | None:
        """Return what the device's arena holds after two runs; None where the library does not report it.

        It grows in steps. The measurement changes how much this process logs: call it last.
        """
        self.imported().set_default_logger_severity(_INFORMATION)
        with logged() as log:
            session = self.load(path, options)
            session.run()
            session.run()  # from the second run on memory is planned ahead
            totals = arena_totals(log())
        return totals.get({"cpu": "Cpu", "cuda": "Cuda"}[session.fingerprint.device])

    def profiler(self) -> Profiler:
        """Return the part of this runtime that times kernels."""
        from costlens.runtimes import _onnxruntime_profile

        return _onnxruntime_profile


def random_inputs(path: Path, *, batch: int, seed: int) -> dict[str, Any]:
    """Return one random array by name for each input of a file, in its order."""
    options = Options("cpu", batch=batch, seed=seed)
    return inputs_of(_create(path, options, (CPU,)), path, options)


def optimised(path: Path, providers: Sequence[str], folder: Path) -> Any:
    """Return the graph that is run in the place of a file: an ``onnx.ModelProto`` without values stored beside it.

    It is written into ``folder`` first. BenchError where the file cannot be loaded, or a provider that compiles cannot
    write its graph.
    """
    import onnx

    written = folder / f"{path.stem}.optimised.onnx"

    def write(settings: Any) -> None:
        settings.optimized_model_filepath = str(written)

    _create(path, Options("cpu"), providers, write)
    try:
        return onnx.load(written, load_external_data=False)
    except OSError as problem:
        raise BenchError(f"{path}: onnxruntime does not write the graph that it runs: {problem}") from problem


def choose_providers(device: str, available: Sequence[str]) -> tuple[str, ...]:
    """Return the execution providers to ask for, best first.

    >>> choose_providers("auto", ["CPUExecutionProvider"])
    ('CPUExecutionProvider',)
    >>> choose_providers("auto", ["CUDAExecutionProvider", "CPUExecutionProvider"])
    ('CUDAExecutionProvider', 'CPUExecutionProvider')

    What TensorRT cannot run falls to CUDA. RuntimeUnavailable, with the remedy, where the provider is missing.
    """
    if device == "tensorrt" and TENSORRT not in available:
        raise RuntimeUnavailable(
            f"--device tensorrt: this onnxruntime has no {TENSORRT}, only {', '.join(available)}; it comes with "
            "costlens-nn[gpu] and needs TensorRT's libraries (pip install tensorrt); use --device cuda or --device cpu"
        )
    if device == "tensorrt":
        return (TENSORRT, CUDA, CPU)
    if device == "cpu" or (device == "auto" and CUDA not in available):
        return (CPU,)
    if CUDA not in available:
        raise RuntimeUnavailable(
            f"--device cuda: this onnxruntime has no {CUDA}, only {', '.join(available)}; use --device cpu, or put "
            f"the GPU build in its place: {install('gpu')} && pip uninstall -y onnxruntime && "
            "pip install --force-reinstall --no-deps onnxruntime-gpu"
        )
    return (CUDA, CPU)


def _create(path: Path, options: Options, providers: Sequence[str], adjust: Adjust | None = None) -> Any:
    onnxruntime = Onnxruntime().imported()
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = _ERRORS_ONLY
    if options.threads > 1:
        # The variants' thread pools share a process: one that spins while another runs takes its core.
        settings.add_session_config_entry("session.force_spinning_stop", "1")
    if adjust:
        adjust(settings)
    if CUDA in providers:
        onnxruntime.preload_dlls()  # finds the CUDA libraries that pip installed
    try:
        return onnxruntime.InferenceSession(
            str(path), sess_options=settings, providers=[_asked(name, path) for name in providers], enable_fallback=0
        )
    except Exception as problem:
        # onnxruntime's errors share no base class but Exception.
        if options.device == "auto" and CUDA in providers:
            return _create(path, options, (CPU,), adjust)
        reason = first_line(problem).split(" : ")[-1].rstrip(".")
        raise BenchError(
            f"{path}: onnxruntime {onnxruntime.__version__} cannot load the model: {reason}; "
            "export it again, or look at it with a model viewer"
        ) from problem


def _asked(provider: str, path: Path) -> str | tuple[str, dict[str, str]]:
    """Return a provider, TensorRT with its engines kept beside the model: building one takes minutes a process."""
    if provider != TENSORRT:
        return provider
    kept = str(path.parent / ".tensorrt")
    return provider, {"trt_engine_cache_enable": "1", "trt_engine_cache_path": kept, "trt_timing_cache_enable": "1"}


def _check_batch(path: Path, shapes: Sequence[Sequence[int | str | None]], batch: int) -> None:
    leading = [shape[0] for shape in shapes if shape]
    fixed = [size for size in leading if isinstance(size, int)]
    if fixed and len(fixed) == len(leading) and batch not in fixed:
        raise BenchError(
            f"{path}: the model's inputs have a fixed batch of {fixed[0]}, but --batch is {batch}; "
            f"use --batch {fixed[0]}, or export with a dynamic batch"
        )


def inputs_of(session: Any, path: Path, options: Options) -> dict[str, Any]:
    """Return one array by name for each input of a session, in its order."""
    made = {}
    for index, value in enumerate(session.get_inputs()):
        given = options.inputs.get(value.name)
        if given is None:
            given = Input(concrete_shape(value.name, value.shape, options.batch, path))
        made[value.name] = filled(value.name, _dtype(value.type), given, (options.seed, index), path)
    return made


def _dtype(kind: str) -> str:
    """Return NumPy's name of a type.

    >>> _dtype("tensor(float)"), _dtype("tensor(int8)")
    ('float32', 'int8')
    """
    name = kind.removeprefix("tensor(").removesuffix(")")
    return {"float": "float32", "double": "float64"}.get(name, name)


def _provider_options(session: Any) -> str:
    """Return the providers' options as JSON, without folders: they differ between models and change no time."""
    options = session.get_provider_options()
    kept = {
        provider: {name: value for name, value in given.items() if not name.endswith("_path")}
        for provider, given in options.items()
    }
    return json.dumps(kept, sort_keys=True)
