"""What a walk over a graph yields: the steps of a run, and the tensors between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.sizes import AnySize, Size
from costlens.readers.onnx.operators import Operator, Out
from costlens.readers.onnx.tensor import Source, Tensor


class WalkError(Exception):
    """A graph cannot be what it says; the message names the node."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a node with given operands is: shared by nodes that are equal, since networks repeat themselves.

    ``missing`` says why its multiply-accumulates are not known, and is empty where they are.
    """

    entry: Operator
    outs: Sequence[Out] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    cost: Cost | None = field(default_factory=Cost)
    missing: str = ""


@dataclass(slots=True)
class Step:
    """A node that computes something in a run, ``times`` as often as the graph.

    ``sources``: the stored numbers that it is the first to use.
    """

    name: str
    op: str
    inputs: Sequence[Tensor | None]
    known: Known
    outputs: Sequence[Tensor | None] = ()
    times: AnySize = 1
    sources: tuple[Source, ...] = ()

    @property
    def entry(self) -> Operator:
        """What is known of its operator."""
        return self.known.entry

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Its attributes by name."""
        return self.known.attributes

    @property
    def cost(self) -> Cost | None:
        """What one of its runs costs; None where that is not known."""
        return self.known.cost

    @property
    def macs(self) -> AnySize | None:
        """Multiply-accumulates of all its runs; None where they are not known before a run."""
        found = None if self.cost is None else self.cost.macs * self.times
        return None if isinstance(found, Size) and found.of_data else found

    @property
    def uncounted(self) -> str:
        """Why the multiply-accumulates are not known; empty where they are."""
        if self.cost is None or self.macs is not None:
            return self.known.missing
        found = self.cost.macs * self.times
        return f"only a run decides {', '.join(found.of_data)}; it takes {found} MACs"


@dataclass(slots=True)
class Walk:
    """What a walk found: steps in the order of a run, the inputs and outputs of the graph, notes.

    ``conditions``: sizes that must be 0 or more for all of this to hold, and the node that needs each; ``equal``: sizes
    that must be equal, ``always`` those of them that every run needs: of nodes that no other node holds.
    """

    steps: list[Step] = field(default_factory=list)
    inputs: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor | None] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    conditions: dict[Size, str] = field(default_factory=dict)
    equal: dict[tuple[AnySize, AnySize], str] = field(default_factory=dict)
    always: set[tuple[AnySize, AnySize]] = field(default_factory=set)

    @property
    def macs(self) -> AnySize:
        """Multiply-accumulates of all steps whose are known."""
        return sum(step.macs for step in self.steps if step.macs is not None)


class Scope(dict[str, Tensor]):
    """The tensors of a graph by name; those of the graph around it are seen through it."""

    __slots__ = ("outer",)

    def __init__(self, outer: Self | None = None) -> None:
        super().__init__()
        self.outer = outer

    def __missing__(self, name: str) -> Tensor:
        if self.outer is None:
            raise KeyError(name)
        return self.outer[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a tensor of this graph or of one around it."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (self.outer is not None and name in self.outer)


@dataclass(frozen=True, slots=True)
class Place:
    """Where nodes are walked: the tensors they see, what their names begin with, and how often they run.

    ``depth``: how many graphs and functions are around them. ``given``: the attributes that the function around them
    was called with.
    """

    scope: Scope
    prefix: str = ""
    times: AnySize = 1
    depth: int = 0
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holder:
    """A node that holds graphs, with its operands, its attributes, its name and its place."""

    node: Any
    inputs: Sequence[Tensor | None]
    attributes: Mapping[str, Any]
    name: str
    place: Place

    def graph(self, name: str) -> Any:
        """Return a graph that the node holds; WalkError where it does not."""
        found = self.attributes.get(name)
        if not hasattr(found, "node"):
            raise WalkError(f"{self.name}: {self.node.op_type} has no {name}")
        return found

    def bind(self, outs: Sequence[Tensor]) -> None:
        """Give the outputs their names."""
        for name, tensor in zip(self.node.output, outs, strict=False):
            if name:
                self.place.scope[name] = tensor
