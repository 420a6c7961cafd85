"""What a spec says, once read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costlens.analysis.budgets import TIME, Limit
from costlens.arithmetic.figures import Figure, FigureError
from costlens.errors import UsageError, did_you_mean
from costlens.network.graph import Graph
from costlens.network.precisions import FLOAT, Precisions
from costlens.network.variants import Mix
from costlens.results.counts import FIGURES, LeftAlone, in_bytes

EXPECTED = tuple(FIGURES)
"""The counts a published figure can be given for."""
LIMITED = (*(name for name in FIGURES if name != "intensity"), TIME)
"""What a budget can limit: every total that is a cost, and the time."""
_MEANT = {
    **dict.fromkeys(("size", "bytes", "weights", "weight", "model_size", "rom"), "weight_bytes"),
    **dict.fromkeys(("peak", "activations", "memory", "ram", "activation_bytes"), "peak_activation_bytes"),
    **dict.fromkeys(("int8", "size_int8", "weights_int8"), "weight_bytes_int8"),
    **dict.fromkeys(("mac", "madds", "mult_adds", "multadds"), "macs"),
    **dict.fromkeys(("parameters", "param", "total_params"), "params"),
    **dict.fromkeys(("arena", "tensor_arena", "sram"), "arena_bytes"), "flash": "flash_bytes",
    "time": "latency_ms", "traffic": "traffic_bytes", "peak_int8": "peak_activation_bytes_int8",
}  # fmt: skip


def limit(name: str, text: str) -> Figure:
    """Read what a budget allows at most: a size where the name says bytes; ValueError with what was expected.

    A change in percent is relative to the same figure of a base.

    >>> limit("macs", "600M").value, limit("weight_bytes", "20MB").value, limit("macs", "+5%").relative
    (600000000, 20000000, True)
    """
    if text.rstrip().endswith("%"):
        if name == TIME:
            raise FigureError("expected a time in ms; costlens diff --base REVISION --bench compares times", text)
        return Figure.parse_change(text)
    return _absolute(name, text)


def flag(name: str, written: object, *, timed_before: bool = False) -> Limit:
    """Read a limit of an option; UsageError for an unknown figure, and for an amount that is none.

    timed_before: there may be an earlier time, which a change in percent is relative to.

    >>> flag("macs", "600M").amount.value
    600000000
    """
    pair = f"--budget {name}={written}"
    if name not in LIMITED:
        raise UsageError(f"{pair}: {name}: unknown figure{other_figure(name)}")
    text = str(written)
    try:
        if name == TIME and timed_before and text.rstrip().endswith("%"):
            return Limit("flag", name, Figure.parse_change(text))
        return Limit("flag", name, limit(name, text))
    except ValueError as error:
        raise UsageError(f"{pair}: {error}") from None


def _absolute(name: str, text: str) -> Figure:
    return Figure.parse_bytes(text) if in_bytes(name) else Figure.parse(text)


def published(name: str, text: str) -> Figure:
    """Read a published figure; FigureError too for one that is rounded so far that it checks nothing.

    >>> published("macs", "569M").value, published("params", "1").value, published("weight_bytes", "14.2MB").value
    (569000000, 1, 14200000)
    """
    figure = _absolute(name, text)
    if figure.value <= figure.unit and figure.unit > 1:
        below = figure.value + figure.unit
        raise FigureError(f"expected a figure with more digits: {text} holds for every count below {below:,}", text)
    return figure


def other_figure(name: str, known: Sequence[str] = LIMITED) -> str:
    """Say which figure an unknown word probably means, or which figures exist.

    >>> other_figure("size"), other_figure("latency")
    (' (did you mean "weight_bytes"?)', ' (did you mean "latency_ms"?)')
    """
    return did_you_mean(_MEANT.get(name, name), known) or f"; known: {', '.join(known)}"


@dataclass(frozen=True, slots=True)
class Spec:
    """A network as its spec describes it; ``knobs`` after settings, ``file`` as it was given.

    ``limits`` are the published figures that it quotes, and then its budget. ``variants`` are its own mixes of kinds,
    and ``left_alone`` the convolutions that the kinds it gives by name could not change. ``precisions``: of its layers.
    """

    name: str
    title: str
    source: str
    file: str
    knobs: Mapping[str, int | float | str]
    graph: Graph
    limits: tuple[Limit, ...] = ()
    variants: tuple[Mix, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    precisions: Precisions = FLOAT

    def variant(self, name: str) -> str | Mix:
        """Return what a variant's name stands for: a mix of its own, or a kind of convolution by its name."""
        return next((mix for mix in self.variants if mix.name == name), name)
