"""Constants: those that follow from others are computed once, those that are one number are written as one."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from costlens import frameworks
from costlens.errors import ExportError, first_line
from costlens.export.passes._editor import Editor

_NOT_OURS = ("ConvAddFusion", "ConvBNFusion", "ConvMulFusion", "MatMulAddFusion", "MatMulBNFusion")
"""Fusions of what follows a layer into it: what is folded is decided by the graph, in ``fold_norms``.

``MatMulAddFusion`` also makes two products of one whose result is read twice.
"""
_ELEMENTWISE = ("Add", "Div", "Max", "Min", "Mul", "Pow", "Sub")


def fold_constants(model: Any, folder: Path) -> Any:
    """Return the model after onnxruntime's basic optimisations, with the norms still in it.

    ``folder`` takes two scratch files; OSError where it has no space for them. Postcondition: no node reads constants
    only; standard operators only.
    """
    import onnx

    runtime = frameworks.onnxruntime()
    before, after = folder / "bound.onnx", folder / "folded.onnx"
    onnx.save(model, before)
    model.Clear()  # the file is read again from the disk: a large model is in memory once
    options = runtime.SessionOptions()
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(after)
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.disable_prepacking", "1")
    try:
        runtime.InferenceSession(
            str(before), options, providers=["CPUExecutionProvider"], disabled_optimizers=list(_NOT_OURS)
        )
    except Exception as error:  # onnxruntime's errors share no base class but Exception
        if shutil.disk_usage(folder).free + _size(after) < _size(before):  # which it reports as a broken model
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise ExportError(f"onnxruntime cannot load the traced model: {first_line(error)}") from error
    before.unlink()
    folded = onnx.load(after)
    after.unlink()
    return folded


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def scalars(model: Any, is_weight: Callable[[Any, float], bool]) -> None:
    """Take the axes from one-number constants of elementwise nodes (a bound, an epsilon): they are no weights.

    Left as it is is the weight of a single channel: ``is_weight(node, value)`` says so. Precondition: the other operand
    has as many axes as the constant. Postcondition: an elementwise constant with axes is a weight.
    """
    editor = Editor(model.graph)
    for node in editor.nodes:
        for index, name in enumerate(node.input if node.op_type in _ELEMENTWISE else ()):
            tensor = editor.constants.get(name)
            single = tensor is not None and len(tensor.dims) > 0 and all(size == 1 for size in tensor.dims)
            if single and not is_weight(node, editor.array(name).item()):
                editor.set_input(node, index, editor.array(name).reshape(()))
