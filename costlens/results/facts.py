"""What each independent computation found, before anyone compares: a ledger is made from these facts."""

from dataclasses import dataclass
from typing import Any, ClassVar

from costlens.results.counts import ModelCount, ShapeTuple
from costlens.results.stored import Document


@dataclass(frozen=True, slots=True)
class KerasLayer:
    """A built Keras layer: its weights as Keras holds them, and MACs from their shapes and the tensors' shapes."""

    name: str
    row: str
    kind: str
    kernel: ShapeTuple | None
    output: ShapeTuple
    trainable: int
    non_trainable: int
    macs: int


@dataclass(frozen=True, slots=True)
class WeightAgreement:
    """A row's weights in the file against those Keras holds, norms folded in double precision.

    ``largest_error`` is relative to the largest weight.
    """

    row: str
    compared: int
    largest_error: float


@dataclass(frozen=True, slots=True)
class OutputAgreement:
    """One output of Keras and of the file for the same random inputs.

    ``scale`` is the largest absolute value, ``deviation`` the standard deviation over all values and ``spread`` the
    mean over values of the standard deviation between inputs; ``largest_error`` is absolute.
    """

    name: str
    examples: int
    shape: ShapeTuple
    scale: float
    deviation: float
    spread: float
    largest_error: float

    @property
    def relative(self) -> float:
        """The largest error by the largest value; infinite where all values should be 0 and are not."""
        if self.scale:
            return self.largest_error / self.scale
        return float("inf") if self.largest_error else 0.0


@dataclass(frozen=True, slots=True)
class ConvertedOutput:
    """One output of a converted file beside that of the export, over all values of the same examples.

    name: its place among several. scale: the largest absolute value, ``deviation`` the standard deviation, both of the
    export's. step: what neighbouring integers differ by; 0 where the output is real numbers. noise: the root mean
    square of the differences.
    """

    name: str
    examples: int
    scale: float
    deviation: float
    step: float
    noise: float
    largest_error: float


@dataclass(frozen=True, slots=True)
class ExportFacts(Document):
    """Everything that was found out about one exported file; ``versions`` are those of the tools that made it.

    ``seconds`` is how long building, exporting and comparing took, without importing the tools; ``made`` is the day
    (UTC, ``2025-01-31``). No comparison reads them. In JSON an infinite error is ``Infinity``.
    """

    SCHEMA = "costlens.facts/3"
    REMEDY = "export the model again"
    __pydantic_config__: ClassVar[Any] = {"ser_json_inf_nan": "constants"}

    model: str
    seed: int
    opset: int
    file_bytes: int
    file_sha256: str
    versions: dict[str, str]
    keras_trainable: int
    keras_non_trainable: int
    keras: tuple[KerasLayer, ...]
    onnx: ModelCount
    weights: tuple[WeightAgreement, ...]
    outputs: tuple[OutputAgreement, ...]
    seconds: float = 0.0
    made: str = ""
