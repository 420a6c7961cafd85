"""All networks of ``keras.applications`` without weights as specs: what was proven of each, or what is missing.

Run from the project's root: PYTHONPATH=. python tests/perf/from_models.py [--full]
"""

import time
from contextlib import suppress
from typing import Any

import _frame

from costlens import frameworks
from costlens.errors import CostlensError
from costlens.network.count import count
from costlens.spec.loading import loads
from costlens.tasks._recognised import Proven, proven_spec
from tests.cases.keras_shapes import applications, made
from tests.cases.live_models import live_model

LEAST = 30
"""So many networks have to become specs."""
LARGE = ("Base", "Large", "L", "M", "B4", "B5", "B6", "B7")
"""Endings of the networks that take longest; they come last."""
HEADERS = ("network", "parameters", "MACs", "layers of Keras", "rows", "lines of the spec", "outputs, relative", "s")


def measure(full: bool) -> tuple[list[str], bool]:
    keras = frameworks.keras()
    names = applications(keras) if full else ["MobileNet", "MobileNetV3Small"]
    names.sort(key=lambda name: name.endswith(LARGE))
    rows: list[list[str]] = []
    missing: list[str] = []
    with suppress(KeyboardInterrupt):  # what was found until then is written
        for name in names:
            one(keras, name, rows, missing)
    left = names[len(rows) + len(missing) :]
    lines = [
        f"{len(names) - len(left)} networks of keras.applications {keras.__version__} with weights=None, one example",
        "of the default size, or of 224×224 where a network has none. A network of the table became a spec: read back,",
        "it counts as many parameters and MACs as the reader of Keras models finds in the network. Both run with the",
        "same weights on two random inputs: random weights that keep activations of order one, and then the network's",
        "initial ones. The difference is the largest of an output, by its largest value.",
        "",
        *_frame.table(HEADERS, rows),
        "",
        *(f"- {line}" for line in missing or [f"All {len(rows)} became specs."]),
        *([f"- Not run: {', '.join(left)}."] if left else []),
    ]
    return lines, len(rows) < min(LEAST, len(names))


def one(keras: Any, name: str, rows: list[list[str]], missing: list[str]) -> None:
    """Add the row of a network, or what it is missing."""
    start = time.perf_counter()
    model = made(keras, name)
    try:
        found = proven_spec(live_model(model, name), model, {}, name)
        rows.append(row(name, len(model.layers), found, time.perf_counter() - start))
        _frame.progress(rows[-1])
    except CostlensError as error:
        missing.append(f"{name}: {error}")
        _frame.progress([missing[-1]])
    del model
    frameworks.release()


def row(name: str, layers: int, found: Proven, seconds: float) -> list[str]:
    totals = count(loads(found.text).graph)
    lines = sum(not line.startswith("#") for line in found.text.splitlines())
    figures: list[Any] = [totals.totals.params, totals.totals.macs, layers, len(totals.rows), lines]
    return [name, *(f"{figure:,}" for figure in figures), f"{found.worst:.1g}", f"{seconds:.0f}"]


if __name__ == "__main__":
    _frame.run("from_models", "Specs of the networks of keras.applications", measure)
