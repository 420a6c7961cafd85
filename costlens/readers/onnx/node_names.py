"""What a node of an ONNX file is called: as its module, where the exporter says that, else by its own name.

PyTorch's exporter (``dynamo=True``) numbers nodes, ``node_Conv_809``, and notes the modules around each.
"""

import re
from collections.abc import Sequence
from typing import Any

_QUOTED = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"")
_LONGEST = 4096
_FOLDED = "_native_batch_norm"
_WEIGHT = ".weight"


def name_of(node: Any, index: int) -> str:
    """Return a node's name: ``features.0.1/Clip``, its module and operator; else its own, else ``Clip_7``.

    node: a ``NodeProto``, or the same message as costlens reads it. index: its place in its graph.
    """
    scopes = ""
    if node.metadata_props:
        from costlens.runtimes._profile import SCOPES  # late: most files have none, and counting starts quickly

        scopes = next((each.value for each in node.metadata_props if each.key == SCOPES), "")
    return row_name(node.name, node.op_type, node.input, scopes, index)


def row_name(name: str, op: str, inputs: Sequence[str], scopes: str, index: int) -> str:
    """Return what a node with these parts is called, as ``name_of`` does."""
    if scopes and (module := _module(inputs, scopes)):
        return f"{module}/{op}"
    return name or f"{op}_{index}"


def _module(inputs: Sequence[str], scopes: str) -> str:
    """Return the innermost module that a node was called in; nothing where that is the model itself.

    >>> _module(["x", "stem.conv.weight"], "['', 'stem', 'stem.norm', '_native_batch_norm_legit_no_training']")
    'stem.conv'
    """
    if len(scopes) > _LONGEST:
        return ""
    *around, own = [one or other for one, other in _QUOTED.findall(scopes)] or [""]
    module = next((each for each in reversed(around) if each), "")
    if own.startswith(_FOLDED) and len(inputs) > 1 and inputs[1].endswith(_WEIGHT):
        return inputs[1].removesuffix(_WEIGHT)  # a convolution whose norm was folded into it
    return module
