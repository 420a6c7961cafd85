"""A user's Keras model → ONNX file, checked and compared: static shapes, its own weights, nodes named by rows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from costlens import frameworks
from costlens.arithmetic.cost import BYTES_PER_VALUE
from costlens.errors import ExportError, first_line
from costlens.export.onnx_file import LARGEST_BYTES, OPSET
from costlens.export.proof import agreement, facts_of, numbers_of, run_file
from costlens.export.tf_rules import RULES
from costlens.readers import onnx as onnx_model
from costlens.readers.keras import Inputs, Sizes, inputs, reason, row_names
from costlens.results.facts import ExportFacts
from costlens.results.names import common_name
from costlens.runtimes._inputs import random_input

_SITE = re.compile(r"(?:^|/)site(\d+)(?:_\d+)?(?=/|$)")


def export_keras(model: Any, path: Path, *, name: str, sizes: Sizes, batch: int, seed: int) -> ExportFacts:
    """Write a Keras model as ONNX for this batch and these sizes of free axes; return what was found out about both.

    The file is checked by ONNX's own rules before it is read. Outputs are compared on random inputs from the seed.
    ExportError where an axis has no size, or where the model cannot be converted, checked or run.
    """
    frameworks.tf2onnx()
    frameworks.onnxruntime()
    start = time.perf_counter()
    given = inputs(model, name, batch, sizes)
    if given.free:
        raise ExportError(
            f"{name}: {', '.join(given.free)} has no size, and a file needs one: name ?{given.free[0]}=100"
        )
    _check_size(model, name)
    proto = _converted(model, name, given)
    path.write_bytes(proto.SerializeToString(deterministic=True))
    _check_file(path, name)
    found = facts_of(model, path, name=name, seed=seed, onnx=onnx_model.read(path))
    outputs = _compared(model, given, proto, path, seed)
    seconds = round(time.perf_counter() - start, 1)
    return replace(found, outputs=outputs, seconds=seconds, made=datetime.now(UTC).date().isoformat())


def _check_size(model: Any, name: str) -> None:
    size = numbers_of(model.weights) * BYTES_PER_VALUE
    if size > LARGEST_BYTES:
        raise ExportError(f"{name}: its weights are {size / 1e9:.1f} GB, an ONNX file holds 2 GB")


def _check_file(path: Path, name: str) -> None:
    """Raise ExportError for a file that breaks ONNX's rules: tf2onnx writes such a file without an error."""
    from onnx import checker

    try:
        checker.check_model(str(path), full_check=True)
    except Exception as error:  # the checker's errors share no base class but Exception
        raise ExportError(f"{name}: tf2onnx wrote a file that is not valid ONNX: {first_line(error)}") from error


def _converted(model: Any, name: str, given: Inputs) -> Any:
    tf, tf2onnx = frameworks.tensorflow(), frameworks.tf2onnx()
    (structure,) = given.arguments
    specs = tf.nest.flatten(structure)
    sites, rows = row_names(model, name, given)

    def forward(*tensors: Any) -> Any:
        packed = tf.nest.pack_sequence_as(structure, tensors)
        return tf.nest.flatten(model(packed, **({"training": False} if model._call_has_training_arg else {})))

    with frameworks.silence(), sites.watched(scopes=True):
        function = tf.function(forward, autograph=False)
        try:
            with _without_xla(tf):
                proto, _ = tf2onnx.convert.from_function(
                    function, input_signature=specs, opset=OPSET, custom_op_handlers=dict(RULES)
                )
                captures = function.get_concrete_function(*specs).graph.captures
        except Exception as error:  # tf2onnx raises what it likes
            raise ExportError(f"{name}: tf2onnx cannot convert the model: {first_line(error)}") from error
    _bind_constants(proto.graph, {inside.name: outside for outside, inside in captures})
    _name_nodes(proto.graph, rows)
    return proto


def _bind_constants(graph: Any, captured: Mapping[str, Any]) -> None:
    """Store the tensors that layers hold besides their weights, a mean say; tf2onnx leaves them as inputs."""
    from onnx import numpy_helper

    for value in [value for value in graph.input if value.name in captured]:
        graph.initializer.append(numpy_helper.from_array(captured[value.name].numpy(), value.name))
        graph.input.remove(value)


@contextmanager
def _without_xla(tf: Any) -> Iterator[None]:
    """Trace functions that ask for XLA as part of what calls them; tf2onnx leaves them as calls that nothing runs.

    Keras asks for it where a convolution has groups.
    """
    original = tf.function

    def function(*given: Any, **options: Any) -> Any:
        if not options.get("jit_compile"):
            return original(*given, **options)
        return given[0] if given else lambda inner: inner

    tf.function = function
    try:
        yield
    finally:
        tf.function = original


def _name_nodes(graph: Any, rows: Mapping[int, str]) -> None:
    """Name nodes ``row/what`` in place, by the scope of the layer that they were made in.

    A node that the conversion added has the row of what it reads; between those of several layers it is the row of
    what holds them, as a product of queries and keys is of their attention.
    """
    known = frozenset(rows.values())
    row_of: dict[str, str] = {}
    for index, node in enumerate(graph.node):
        scopes = list(_SITE.finditer(node.name))
        row, rest = "", node.name
        if scopes:
            row, rest = rows.get(int(scopes[-1][1]), ""), node.name[scopes[-1].end() :].strip("/")
        if not row:
            makers = list(dict.fromkeys(row_of[tensor] for tensor in node.input if tensor in row_of))
            shared = common_name(makers) if makers else ""
            row = shared if shared in known else next(iter(makers), "")
        if row:
            row_of.update(dict.fromkeys(node.output, row))
            node.name = f"{row}/{rest or node.op_type}#{index}"


def _compared(model: Any, given: Inputs, proto: Any, path: Path, seed: int) -> Any:
    """Run the Keras model and the file on the same random inputs."""
    import numpy as np

    tf = frameworks.tensorflow()
    (structure,) = given.arguments
    specs = tf.nest.flatten(structure)
    arrays = [
        random_input(spec.name, spec.dtype.name, tuple(spec.shape), (seed, index), path)
        for index, spec in enumerate(specs)
    ]
    with frameworks.silence(), tf.device("/CPU:0"):
        packed = tf.nest.pack_sequence_as(structure, [tf.constant(array) for array in arrays])
        try:
            made = model(packed, **({"training": False} if model._call_has_training_arg else {}))
        except Exception as error:  # a model runs code of anybody's
            raise ExportError(f"{path.name}: Keras cannot run the model here: {reason(error)}") from error
    ours = [np.asarray(value, np.float64) for value in tf.nest.flatten(made)]
    read = {value.name for value in proto.graph.input}
    names = [value.name for value in proto.graph.output]
    feeds = {spec.name: array for spec, array in zip(specs, arrays, strict=True) if spec.name in read}
    theirs = run_file(path, names, feeds)
    return tuple(agreement(*one) for one in zip(names, ours, theirs, strict=True))
