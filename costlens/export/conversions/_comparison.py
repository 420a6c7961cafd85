"""The outputs of a converted file beside those of the export: converters fail without a message.

The file runs in a process of its own, as it does when it is timed: TensorFlow takes its settings when it is imported,
and exporting needs others than it ships with. A converter's broken file may end the process that loads it, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costlens import runtimes
from costlens.bench.process import in_child
from costlens.bench.wire import Send, answer
from costlens.errors import BenchError, CostlensError, ExportError, first_line
from costlens.export.conversions._conversion import Source
from costlens.runtimes.onnxruntime import random_inputs
from costlens.storage.files import scratch

TOLERANCE = 1e-4
"""Of the largest output; the same bound as between Keras and the exported file."""
_HUNG_S = 300.0
_S_PER_BYTE = 1e-7  # a slow disk's 10 MB/s
_VARIABLES = "variables/*"  # where a SavedModel keeps its weights


@dataclass(frozen=True, slots=True)
class _Job:
    """A file to run, how often, the arrays it reads, and where those it makes go."""

    runtime: str
    path: Path
    runs: int
    inputs: Path
    outputs: Path


def require_agreement(source: Source, converted: Path, runtime: str, batch: int) -> None:
    """Run the export by onnxruntime and a converted file by its runtime on the same random inputs.

    ExportError where the shapes of their outputs differ, or the largest relative difference is above the tolerance.
    """
    import numpy as np

    inputs, expected = outputs_of_export(source.onnx, batch=batch, seed=source.seed)
    made = predict(runtime, converted, inputs)
    ours, theirs = ([tuple(value.shape) for value in values] for values in (made, expected))
    if ours != theirs:
        raise ExportError(f"{converted.name}: returns {ours}, the exported file {theirs}")
    scale = max(float(np.abs(value).max()) for value in expected) or 1.0
    largest = float(max(np.abs(one - other).max() for one, other in zip(made, expected, strict=True))) / scale
    if not largest <= TOLERANCE:  # NaN, too
        raise ExportError(
            f"{converted.name}: its outputs are {largest:.1g} away from the exported file's, more than {TOLERANCE:g}; "
            "the converter made an error, and a time of this file would be of another network"
        )


def outputs_of_export(onnx: Path, *, batch: int, seed: int) -> tuple[list[Any], list[Any]]:
    """Return random inputs of an ONNX file in its order, and its outputs for them."""
    inputs = list(random_inputs(onnx, batch=batch, seed=seed).values())
    return inputs, runtimes.get(runtimes.DEFAULT).predict(onnx, inputs)


def predict(runtime: str, path: Path, inputs: Sequence[Any]) -> list[Any]:
    """Return the outputs, as arrays, of a model file that a runtime runs once; BenchError where it cannot, or hangs."""
    (made,) = predict_each(runtime, path, [inputs])
    return made


def predict_each(runtime: str, path: Path, examples: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return the outputs for each of several inputs; BenchError where the file cannot be run, or hangs."""
    with scratch() as folder:
        job = _Job(runtime, path, len(examples), folder / "inputs.npz", folder / "outputs.npz")
        _keep(job.inputs, examples)
        in_child(__name__, job, bool, deadline_s(path), remedy="leave its runtime out (--runtime)")
        return _kept(job.outputs, job.runs)


def deadline_s(path: Path) -> float:
    """Return the seconds after which a process that runs a file once hangs: five minutes, and more for large files."""
    files = (path, *path.parent.glob(_VARIABLES))
    return _HUNG_S + _S_PER_BYTE * sum(file.stat().st_size for file in files if file.is_file())


def _keep(path: Path, runs: Sequence[Sequence[Any]]) -> None:
    import numpy as np

    np.savez(path, **{f"{run}_{place}": value for run, held in enumerate(runs) for place, value in enumerate(held)})


def _kept(path: Path, runs: int) -> list[list[Any]]:
    import numpy as np

    with np.load(path) as held:
        places = [
            sorted(int(name.partition("_")[2]) for name in held.files if name.startswith(f"{run}_"))
            for run in range(runs)
        ]
        return [[held[f"{run}_{place}"] for place in own] for run, own in enumerate(places)]


def _do(job: _Job, send: Send) -> bool:
    send({"doing": f"running {job.path} once"})
    try:
        made = [runtimes.get(job.runtime).predict(job.path, inputs) for inputs in _kept(job.inputs, job.runs)]
    except CostlensError:
        raise
    except Exception as problem:  # runtimes raise what they like
        raise BenchError(f"{job.path}: the model loads but cannot be run: {first_line(problem)}") from problem
    _keep(job.outputs, made)
    return True


if __name__ == "__main__":
    answer(_Job, _do)
