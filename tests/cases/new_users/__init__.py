"""Specs as people write them who come from Keras, PyTorch or ONNX: what each counts, or what it is answered with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """The layers of a spec, what they read, and their figures worked out by hand.

    says: what a refusal must say of them; the figures are then those of ``instead``, which follows what it says, below
    ``head`` where the answer is about the input.
    """

    reads: str
    layers: str
    params: int
    macs: int
    output: tuple[int, ...]
    says: str = ""
    instead: str = ""
    head: str = ""

    @property
    def written(self) -> str:
        """The spec as it is written first."""
        return _spec(f"input: {self.reads}", self.layers)

    @property
    def told(self) -> str:
        """The spec as the answer tells to write it; as it is written first where it needs no answer."""
        return _spec(self.head or f"input: {self.reads}", self.instead or self.layers)


def _spec(head: str, layers: str) -> str:
    body = f" {layers}" if layers.startswith("[") else f"\n  - {layers}"
    return f"name: t\n{head}\nlayers:{body}\n"
