"""What a rule is: how the kernels of one layer kind are written."""

from collections.abc import Callable, Sequence
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand

Rule = Callable[[Writer, Any, Sequence[Tensor], Shape], Tensor | list[Tensor] | None]
"""Writer, layer, the tensors that it reads, the shape of its output → that output, and further ones behind it;
None, before anything is written, where the rule does not hold for the layer.
"""
SCALAR = Operand((), stored=True)
"""One number that is stored."""
