"""What a walk over the operators yields: the steps of a run, and the tensors between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from costlens.arithmetic.cost import Cost
from costlens.readers.tflite.file import TensorEntry
from costlens.readers.tflite.operators import Call, Operator
from costlens.readers.tflite.tensor import Stored, Tensor


class WalkError(Exception):
    """A graph cannot be what it says; the message names the operator."""


@dataclass(slots=True)
class Step:
    """An operator that computes something in a run.

    missing: why its multiply-accumulates are not known. times: how often it runs; ``stored``: the numbers that it is
    the first to use.
    """

    name: str
    op: str
    entry: Operator
    call: Call
    outputs: Sequence[Tensor]
    cost: Cost | None = None
    missing: str = ""
    times: int = 1
    stored: tuple[Stored, ...] = ()

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all its runs, as far as they are known."""
        return 0 if self.cost is None else self.cost.macs * self.times


@dataclass(slots=True)
class Walk:
    """What a walk found: steps in the order of a run, the inputs and outputs of the network, and notes.

    zeros: how many of the parameters are biases of zeros.
    """

    steps: list[Step] = field(default_factory=list)
    inputs: Sequence[Tensor] = ()
    outputs: Sequence[Tensor] = ()
    notes: dict[str, None] = field(default_factory=dict)
    zeros: int = 0

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all steps whose are known."""
        return sum(step.macs for step in self.steps)


def noted(entry: TensorEntry) -> Tensor:
    """Return a tensor as the file notes it; its shape is not known where an axis has no size."""
    shape = None if entry.free else entry.shape
    empty = shape is not None and 0 in shape
    return Tensor(entry.name, entry.dtype, shape, () if empty else None)
