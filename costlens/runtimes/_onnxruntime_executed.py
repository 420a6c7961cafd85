"""What an ONNX file does in one run: the sizes of what each node reads and writes, and whether its outputs are finite.

The file runs as it is, with nothing optimised, in a copy whose nodes have names of their own: ``n7|``, then that of the
file, or ``MatMul_7`` where it has none, by its place in its graph. onnxruntime's profile
tells the sizes, within branches and loops as often as they ran.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costlens.errors import BenchError, first_line
from costlens.runtimes._inputs import Inputs
from costlens.runtimes._runtime import Options
from costlens.runtimes.onnxruntime import CPU, Onnxruntime, inputs_of

NAMED = "named.onnx"
_KERNEL = "_kernel_time"
_MOST_VALUES = 4096
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ran:
    """A node that ran ``times`` times with these types and sizes: its name in the copy, and what its row is called."""

    name: str
    original: str
    read: tuple[tuple[str, Shape], ...]
    wrote: tuple[tuple[str, Shape], ...]
    times: int


@dataclass(frozen=True, slots=True)
class Executed:
    """A run: its nodes, how many outputs it has, and the names of those with numbers that are not finite.

    ``values``: the numbers of inputs that hold few integers, by name.
    """

    nodes: tuple[Ran, ...]
    outputs: int
    not_finite: tuple[str, ...]
    values: tuple[tuple[str, tuple[int, ...]], ...] = ()


def _own_name(node: Any, index: int) -> str:
    return node.name or f"{node.op_type}_{index}"


def execute(
    path: Path, inputs: Inputs, folder: Path, seed: int = 0, *, label: Callable[[Any, int], str] = _own_name
) -> Executed:
    """Run a file once on these inputs; the copy is ``named.onnx`` in the folder, and ``label`` says its nodes' names.

    BenchError where it cannot be run.
    """
    import numpy as np
    import onnx
    import onnx.inliner

    library = Onnxruntime().imported()
    model = onnx.load(str(path))
    if model.functions:
        model = onnx.inliner.inline_local_functions(model)
    originals: dict[str, str] = {}
    for index, node in _nodes(model.graph):
        called = label(node, index)
        name = f"n{len(originals)}|{called}"
        originals[name], node.name = called, name
        del node.metadata_props[:]  # in the copy its name counts
    copy = folder / NAMED
    onnx.save(model, str(copy))
    settings = library.SessionOptions()
    settings.graph_optimization_level = library.GraphOptimizationLevel.ORT_DISABLE_ALL
    settings.add_session_config_entry("session.disable_prepacking", "1")  # what is packed has no sizes in the profile
    settings.enable_profiling, settings.log_severity_level = True, 4
    settings.profile_file_prefix = str(folder / "run")
    try:
        session = library.InferenceSession(str(copy), settings, providers=[CPU])
        arrays = inputs_of(session, path, Options("cpu", seed=seed, inputs=inputs))
        found = session.run(None, arrays)
    except BenchError:
        raise
    except Exception as problem:  # onnxruntime's errors share no other base
        raise BenchError(f"onnxruntime cannot run it: {first_line(problem).split(' : ')[-1]}") from problem
    events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    names = [value.name for value in session.get_outputs()]
    wrong = [
        name
        for name, value in zip(names, found, strict=True)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and not np.isfinite(value).all()
    ]
    few = {name: array for name, array in arrays.items() if array.dtype.kind in "iub" and array.size <= _MOST_VALUES}
    values = tuple((name, tuple(array.ravel().tolist())) for name, array in few.items())
    return Executed(tuple(_ran(events, originals)), len(names), tuple(wrong), values)


def _nodes(graph: Any) -> Iterator[tuple[int, Any]]:
    """Yield the nodes of a graph and of those within it, with their places in their graph."""
    for index, node in enumerate(graph.node):
        yield index, node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _nodes(inner)


def _ran(events: Sequence[Mapping[str, Any]], originals: Mapping[str, str]) -> Iterator[Ran]:
    seen: Counter[tuple[str, Any, Any]] = Counter()
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith(_KERNEL):
            sizes = (_sizes(event["args"][key]) for key in ("input_type_shape", "output_type_shape"))
            seen[event["name"].removesuffix(_KERNEL), *sizes] += 1
    for (name, read, wrote), times in seen.items():
        if name in originals:
            yield Ran(name, originals[name], read, wrote, times)


def _sizes(written: Sequence[Mapping[str, Sequence[int]]]) -> tuple[tuple[str, Shape], ...]:
    return tuple((kind, tuple(map(int, shape))) for each in written for kind, shape in each.items())
