"""onnxruntime on CPU or CUDA: inputs and outputs bound once to the device, optimisation level ``all``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from costlens.errors import BenchError, RuntimeUnavailable
from costlens.runtimes import Fingerprint, Options

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
_ERRORS_ONLY = 3  # onnxruntime's log severity: 0 verbose ... 3 errors, 4 fatal
_DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    **{f"tensor({name})": name for name in ("float16", "bool", "int8", "uint8", "int16", "uint16")},
    **{f"tensor({name})": name for name in ("int32", "uint32", "int64", "uint64")},
}


class BoundSession:
    """A model with its inputs filled and its outputs bound; ``run()`` moves no data."""

    __slots__ = ("_binding", "_session", "fingerprint")

    def __init__(self, session: Any, binding: Any, fingerprint: Fingerprint) -> None:
        self._session = session
        self._binding = binding
        self.fingerprint = fingerprint

    def run(self) -> None:
        """Run once; onnxruntime returns when the provider's stream is done."""
        self._session.run_with_iobinding(self._binding)

    def synchronize(self) -> None:
        """Wait for the copies and kernels of this session's inputs and outputs."""
        self._binding.synchronize_inputs()
        self._binding.synchronize_outputs()


def start() -> None:
    """Import onnxruntime and what makes the inputs."""
    import numpy.random  # noqa: F401

    _library()


def require(device: str) -> None:
    """Raise RuntimeUnavailable, naming the remedy, where this machine or build cannot run on a device."""
    choose_providers(device, _library().get_available_providers())


def load(path: Path, options: Options) -> BoundSession:
    """Load an ONNX file, fill its inputs at random from the seed, bind inputs and outputs to the device."""
    onnxruntime = _library()
    if not path.is_file():
        raise BenchError(f"{path}: no such model file; export the model first")
    providers = choose_providers(options.device, onnxruntime.get_available_providers())
    session = _create(onnxruntime, path, options, providers)
    granted = tuple(session.get_providers())
    if options.device == "cuda" and CUDA not in granted:
        raise RuntimeUnavailable(
            f"--device cuda: onnxruntime {onnxruntime.__version__} lists {CUDA} but could not start it, and "
            f"would have run on {', '.join(granted)}; check the NVIDIA driver and the CUDA and cuDNN "
            "libraries that costlens[gpu] needs, or use --device cpu"
        )
    device = "cuda" if CUDA in granted else "cpu"
    binding = _bind(onnxruntime, session, path, options, device)
    return BoundSession(session, binding, _fingerprint(onnxruntime, session, device, options))


def choose_providers(device: str, available: Sequence[str]) -> tuple[str, ...]:
    """Return the execution providers to ask for, best first.

    >>> choose_providers("auto", ["CPUExecutionProvider"])
    ('CPUExecutionProvider',)
    >>> choose_providers("auto", ["CUDAExecutionProvider", "CPUExecutionProvider"])
    ('CUDAExecutionProvider', 'CPUExecutionProvider')
    """
    if device == "cpu" or (device == "auto" and CUDA not in available):
        return (CPU,)
    if CUDA not in available:
        raise RuntimeUnavailable(
            f"--device cuda: this onnxruntime has no {CUDA}, only {', '.join(available)}; use --device cpu, or put "
            "the GPU build in its place: pip install 'costlens[gpu]' && pip uninstall -y onnxruntime && "
            "pip install --force-reinstall --no-deps onnxruntime-gpu"
        )
    return (CUDA, CPU)


def concrete_shape(name: str, shape: Sequence[int | str | None], batch: int, path: Path) -> tuple[int, ...]:
    """Put the batch where the leading axis is dynamic; BenchError where another axis is.

    >>> concrete_shape("x", ["N", 96, 64, 1], 4, Path("m.onnx"))
    (4, 96, 64, 1)
    """
    filled = [batch if axis == 0 and not isinstance(size, int) else size for axis, size in enumerate(shape)]
    for axis, size in enumerate(filled):
        if not isinstance(size, int):
            raise BenchError(
                f"{path}: input {name!r}: axis {axis} of {list(shape)} is dynamic; only the leading (batch) "
                "axis may be; fix the others when exporting"
            )
    return tuple(size for size in filled if isinstance(size, int))


def _library() -> Any:
    try:
        import onnxruntime
    except ImportError as problem:
        raise RuntimeUnavailable(
            f"onnxruntime cannot be imported ({problem}); install it with: pip install costlens"
        ) from problem
    return onnxruntime


def _create(onnxruntime: Any, path: Path, options: Options, providers: Sequence[str]) -> Any:
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = _ERRORS_ONLY
    if options.threads > 1:
        # The variants' thread pools share a process: one that spins while another runs takes its core.
        settings.add_session_config_entry("session.force_spinning_stop", "1")
    if CUDA in providers:
        onnxruntime.preload_dlls()  # finds the CUDA libraries that pip installed
    try:
        return onnxruntime.InferenceSession(
            str(path), sess_options=settings, providers=list(providers), enable_fallback=0
        )
    except Exception as problem:
        # onnxruntime's errors share no base class but Exception.
        if options.device == "auto" and CUDA in providers:
            return _create(onnxruntime, path, options, (CPU,))
        raise BenchError(
            f"{path}: onnxruntime {onnxruntime.__version__} cannot load the model: {_reason(problem)}; "
            "export it again, or look at it with a model viewer"
        ) from problem


def _reason(problem: Exception) -> str:
    first = (str(problem).strip() or type(problem).__name__).splitlines()[0]
    return first.split(" : ")[-1].rstrip(".")


def _bind(onnxruntime: Any, session: Any, path: Path, options: Options, device: str) -> Any:
    inputs = session.get_inputs()
    _check_batch(path, [value.shape for value in inputs], options.batch)
    binding = session.io_binding()
    for index, value in enumerate(inputs):
        shape = concrete_shape(value.name, value.shape, options.batch, path)
        array = random_input(value.name, value.type, shape, (options.seed, index), path)
        binding.bind_ortvalue_input(value.name, onnxruntime.OrtValue.ortvalue_from_numpy(array, device, 0))
    for value in session.get_outputs():
        # The first run allocates the output on the device; the binding keeps it for all later ones.
        binding.bind_output(value.name, device)
    return binding


def _check_batch(path: Path, shapes: Sequence[Sequence[int | str | None]], batch: int) -> None:
    leading = [shape[0] for shape in shapes if shape]
    fixed = [size for size in leading if isinstance(size, int)]
    if fixed and len(fixed) == len(leading) and batch not in fixed:
        raise BenchError(
            f"{path}: the model's inputs have a fixed batch of {fixed[0]}, but --batch is {batch}; "
            f"use --batch {fixed[0]}, or export with a dynamic batch"
        )


def random_input(name: str, kind: str, shape: tuple[int, ...], seed: Sequence[int], path: Path) -> Any:
    """Return a random array: standard normal, 8-bit over its whole range, other integers and booleans 0 or 1.

    Wider integers are mostly indices, and 0 and 1 are indices into any table.
    """
    import numpy

    if kind not in _DTYPES:
        known = ", ".join(sorted(_DTYPES))
        raise BenchError(f"{path}: input {name!r} is a {kind}, which has no random values here; known: {known}")
    dtype = numpy.dtype(_DTYPES[kind])
    random = numpy.random.default_rng(list(seed))
    if dtype.kind == "f":
        return numpy.asarray(random.standard_normal(shape, numpy.float32), dtype)
    if dtype.kind in "iu" and dtype.itemsize == 1:
        limits = numpy.iinfo(dtype)
        return numpy.asarray(random.integers(limits.min, limits.max, size=shape, endpoint=True), dtype)
    return numpy.asarray(random.integers(0, 2, size=shape), dtype)


def _fingerprint(onnxruntime: Any, session: Any, device: str, options: Options) -> Fingerprint:
    providers = tuple(session.get_providers())
    return Fingerprint(
        name="onnxruntime",
        version=str(onnxruntime.__version__),
        build=str(onnxruntime.get_build_info()),
        device=device,
        providers=providers,
        provider_options=json.dumps(session.get_provider_options(), sort_keys=True),
        threads=options.threads,
        optimisation="all",
    )
