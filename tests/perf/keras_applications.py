"""All networks of ``keras.applications`` without weights: each counted by its operations, and by other roads.

Run from the project's root: PYTHONPATH=. python tests/perf/keras_applications.py [--full]
"""

import time
from collections.abc import Iterator
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import _frame
import numpy as np

from costlens import frameworks
from costlens.export.keras_file import export_keras
from costlens.readers.keras import read
from costlens.sources._source import Asked
from costlens.sources.find import models
from tests.cases.keras_shapes import SPECS, applications, macs, made

EXPORTED = 10
"""So many networks, those of the fewest parameters, are exported and counted by their file, too."""
HEADERS = (
    "network", "parameters", "trainable", "MACs", "not counted", "MACs by shapes", "MACs of the spec",
    "MACs of the file", "outputs, relative difference", "count, s", "export, s",
)  # fmt: skip


def measure(full: bool) -> tuple[list[str], bool]:
    keras = frameworks.keras()
    names = applications(keras) if full else ["MobileNetV3Small"]
    counted = [counts(keras, name) for name in names]
    smallest = sorted(counted, key=lambda one: one["parameters"])[:EXPORTED]
    for one in smallest:
        exported(keras, one)
    wrong = [f"{one['network']}: {problem}" for one in counted for problem in problems(one)]
    lines = [
        f"{len(counted)} networks of keras.applications {keras.__version__} with weights=None, one example of the",
        "default size, or of 224×224 where a network has none. Parameters are compared with `count_params()`,",
        "trainable ones with the trainable weights. MACs are those of the operations that the network runs; beside",
        "them those of the layers' shapes, of the shipped spec of the same network, and of the exported ONNX file of",
        f"the {len(smallest)} networks of the fewest parameters, by the reader of ONNX files.",
        "",
        *_frame.table(HEADERS, [[shown(one.get(header)) for header in HEADERS] for one in counted]),
        "",
        *(f"- {line}" for line in wrong or ["All numbers of a row are equal."]),
    ]
    return lines, bool(wrong)


def counts(keras: Any, name: str) -> dict[str, Any]:
    model = made(keras, name)
    start = time.perf_counter()
    count = read(model)
    seconds = time.perf_counter() - start
    row = {
        "network": name,
        "parameters": count.totals.params,
        "trainable": count.totals.trainable,
        "MACs": count.totals.macs,
        "not counted": len(count.uncounted),
        "MACs by shapes": macs(model),
        "count, s": round(seconds, 1),
        "_params": model.count_params(),
        "_trainable": sum(prod(weight.shape) for weight in model.trainable_weights),
    }
    if name in SPECS:
        (spec,) = models([f"specs/{SPECS[name]}"], Asked())
        row["MACs of the spec"] = spec.macs
    _frame.progress([shown(row.get(header)) for header in HEADERS])
    del model
    frameworks.release()
    return row


def exported(keras: Any, row: dict[str, Any]) -> None:
    model = made(keras, row["network"])
    draw(model)
    with TemporaryDirectory() as folder:
        facts = export_keras(model, Path(folder) / "model.onnx", name=row["network"], sizes={}, batch=1, seed=0)
    row["MACs of the file"] = facts.onnx.totals.macs if facts.onnx.status["macs"] == "complete" else "not whole"
    (output,) = facts.outputs
    row["outputs, relative difference"] = f"{output.largest_error / output.scale:.1g}"
    row["export, s"] = facts.seconds
    _frame.progress([shown(row.get(header)) for header in HEADERS])
    del model
    frameworks.release()


def draw(model: Any) -> None:
    """Give a network random weights: without, its output is one number many times, and any file has it."""
    random = np.random.default_rng(0)
    for weight in model.weights:
        shape = tuple(weight.shape)
        if len(shape) > 1:
            weight.assign(random.standard_normal(shape, np.float32) * np.sqrt(2 / prod(shape[:-1])))
        elif "gamma" in weight.name or "variance" in weight.name:
            weight.assign(random.uniform(0.5, 1.5, shape))
        else:
            weight.assign(random.normal(0, 0.1, shape))


def problems(row: dict[str, Any]) -> Iterator[str]:
    if row["not counted"]:
        yield f"{row['not counted']} reasons not to count"
    if (row["parameters"], row["trainable"]) != (row["_params"], row["_trainable"]):
        yield "parameters are not Keras's"
    for other in ("MACs by shapes", "MACs of the spec", "MACs of the file"):
        if row.get(other, row["MACs"]) != row["MACs"]:
            yield f"{other}: {shown(row[other])}"


def shown(value: Any) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    _frame.run("keras_applications", "The networks of keras.applications", measure)
