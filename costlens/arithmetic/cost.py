"""The arithmetic of cost, written once: what a contraction stores and multiplies, and how costs add up.

A *contraction* is a convolution, a dense layer or a matrix product. Its weights are a product of factors
(``K_h·K_w·M·N``) and each weight is used once per *position* (``D_h·D_w``), so

    kernels = ∏ factors        MACs = ∏ factors · ∏ positions

(Howard et al. 2017, MobileNets, section 3.1: ``D_K·D_K·M·N·D_F·D_F``). Bias adds are no MACs; padded positions count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import prod

FLOPS_PER_MAC = 2
FLOPS_PER_NORM = 2
BYTES_PER_VALUE = 4  # fp32


@dataclass(frozen=True, slots=True)
class Contraction:
    """Weights as factors, and the positions at which each weight is used once.

    ``fixed`` weights (a Fourier transform's, say) are given by a formula and not learned. Those ``of`` another layer
    are used again and stored there. Of a product of two tensors the second one is ``computed``: it stands where weights
    do, and none are stored.
    """

    factors: tuple[int, ...]
    positions: tuple[int, ...] = ()
    fixed: bool = False
    outputs: int = 0
    of: str = ""
    computed: bool = False

    @property
    def channels(self) -> int:
        """Number of output channels: the last factor where ``outputs`` is not given; of no weights none."""
        return 0 if self.computed else self.outputs or (self.factors[-1] if self.factors else 1)

    @property
    def factor(self) -> int:
        """How many numbers are multiplied with at each position."""
        return prod(self.factors)

    @property
    def weights(self) -> int:
        """Number of weights."""
        return 0 if self.computed else self.factor

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one example."""
        return self.factor * prod(self.positions)


def convolution(
    kernel: tuple[int, ...], in_channels: int, out_channels: int, positions: tuple[int, ...], groups: int = 1
) -> Contraction:
    """Return ``∏K · (M / groups) · N`` weights, each used at every output position.

    >>> convolution((3, 3), 32, 64, (56, 56)).macs == 3 * 3 * 32 * 64 * 56 * 56
    True
    """
    area = () if prod(kernel) == 1 else kernel
    return Contraction((*area, in_channels // groups, out_channels), positions)


def depthwise(kernel: tuple[int, ...], channels: int, positions: tuple[int, ...], multiplier: int = 1) -> Contraction:
    """Return ``∏K · M (· multiplier)`` weights, each used at every output position."""
    if multiplier == 1:
        return Contraction((*kernel, channels), positions)
    return Contraction((*kernel, channels, multiplier), positions, outputs=channels * multiplier)


def dense(in_units: int, out_units: int, positions: tuple[int, ...] = ()) -> Contraction:
    """Return a matrix product: ``in · out`` weights, applied at every leading position."""
    return Contraction((in_units, out_units), positions)


def interpolation(axes: int, values: int) -> Cost:
    """Return what values mixed of two neighbours on each of some axes take: ``2^axes`` products and one sum less.

    >>> interpolation(1, 10).flops, interpolation(2, 10).flops, interpolation(0, 10).flops
    (30, 70, 0)
    """
    return Cost(elementwise_flops=(2 ** (axes + 1) - 1) * values if axes else 0)


@dataclass(frozen=True, slots=True)
class Quotient:
    """A term of a ratio of two costs, as factors above and below the line.

    >>> str(Quotient((256,), (5, 3))), str(Quotient(below=(25,))), str(Quotient())
    ('256/(5·3)', '1/25', '1')
    """

    above: tuple[int, ...] = ()
    below: tuple[int, ...] = ()

    @property
    def value(self) -> float:
        """The term as a number."""
        return prod(self.above) / prod(self.below)

    def __str__(self) -> str:
        above, below = ("·".join(map(str, factors)) for factors in (self.above or (1,), self.below))
        if not below:
            return above
        return f"{above}/({below})" if len(self.below) > 1 else f"{above}/{below}"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a layer costs for one example; costs add with ``+``.

    ``bias`` and ``affine`` are trainable numbers beside the kernels (biases; a norm's gamma and beta), ``statistics``
    non-trainable ones beside the fixed weights (BatchNorm's moving mean and variance). ``elementwise_flops`` are the
    FLOPs that are not multiply-accumulates. ``uncounted`` lists what could not be counted, and why.
    """

    contractions: tuple[Contraction, ...] = ()
    bias: int = 0
    affine: int = 0
    statistics: int = 0
    elementwise_flops: int = 0
    uncounted: tuple[str, ...] = field(default=())

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.contractions + other.contractions,
            self.bias + other.bias,
            self.affine + other.affine,
            self.statistics + other.statistics,
            self.elementwise_flops + other.elementwise_flops,
            self.uncounted + other.uncounted,
        )

    @property
    def kernels(self) -> int:
        """Learned weights of contractions alone: what many papers call parameters."""
        return sum(c.weights for c in self.contractions if not (c.fixed or c.of))

    @property
    def trainable(self) -> int:
        """Kernels, biases, gammas and betas."""
        return self.kernels + self.bias + self.affine

    @property
    def non_trainable(self) -> int:
        """Moving statistics and fixed weights."""
        return self.statistics + sum(c.weights for c in self.contractions if c.fixed and not c.of)

    @property
    def params(self) -> int:
        """Every number the built Keras model stores."""
        return self.trainable + self.non_trainable

    @property
    def weights(self) -> int:
        """Weights of contractions, learned or fixed, that are stored here."""
        return sum(c.weights for c in self.contractions if not c.of)

    @property
    def scales(self) -> int:
        """Output channels of these weights, each of which has a scale in int8."""
        return sum(c.channels for c in self.contractions if c.weights and not c.of)

    @property
    def stored(self) -> tuple[object, ...]:
        """What the weights are, number by number of each sort; layers of equal ones can use the same weights."""
        return tuple((c.factors, c.fixed) for c in self.contractions), self.bias, self.affine, self.statistics

    def with_weights_of(self, owner: str) -> Cost:
        """Return what a further run costs with the weights that another layer stores: the work, and no parameters."""
        used = tuple(replace(c, of=owner) for c in self.contractions)
        return Cost(used, elementwise_flops=self.elementwise_flops, uncounted=self.uncounted)

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return sum(c.macs for c in self.contractions)

    @property
    def flops(self) -> int:
        """Two per multiply-accumulate, and the elementwise ones."""
        return FLOPS_PER_MAC * self.macs + self.elementwise_flops


def total(costs: Sequence[Cost]) -> Cost:
    """Add costs up.

    >>> total([]) == Cost(), total([Cost(bias=1)] * 3).bias
    (True, 3)
    """
    if len(costs) == 1:
        return costs[0]
    return Cost(
        tuple(contraction for cost in costs for contraction in cost.contractions),
        sum(cost.bias for cost in costs),
        sum(cost.affine for cost in costs),
        sum(cost.statistics for cost in costs),
        sum(cost.elementwise_flops for cost in costs),
        tuple(why for cost in costs for why in cost.uncounted),
    )


def formula(contractions: tuple[Contraction, ...]) -> str:
    """Write the weights with their numbers and the positions they are used at.

    Contractions that share their positions share one sum; fixed weights, computed numbers and those of another layer
    have their own.

    >>> formula((depthwise((3, 3), 64, (24, 16)), convolution((1, 1), 64, 128, (24, 16))))
    '3·3·64 + 64·128 = 8,768, × 24·16'
    >>> formula((dense(1024, 521),))
    '1024·521 = 533,504'
    >>> formula((Contraction((257, 64), (96,), fixed=True),))
    '257·64 = 16,448 fixed, × 96'
    >>> formula((Contraction((64, 49), (49,), computed=True),))
    '64·49 = 3,136 computed, × 49'
    >>> formula((Contraction((64, 10), (96,), of="dense1"),))
    '64·10 = 640 of dense1, × 96'
    """
    groups: dict[tuple[tuple[int, ...], str], list[Contraction]] = {}
    for contraction in contractions:
        groups.setdefault((contraction.positions, _sort(contraction)), []).append(contraction)
    return "; ".join(_one_sum(*alike, same) for alike, same in groups.items())


def _sort(contraction: Contraction) -> str:
    """Say what is multiplied with, where it is not the learned weights of the layer itself."""
    if contraction.computed:
        return " computed"
    return f"{' fixed' if contraction.fixed else ''}{contraction.of and f' of {contraction.of}'}"


def _one_sum(positions: tuple[int, ...], sort: str, contractions: list[Contraction]) -> str:
    written = " + ".join("·".join(map(_factor, c.factors)) for c in contractions)
    sum_ = f"{written} = {sum(c.factor for c in contractions):,}{sort}"
    return f"{sum_}, × {'·'.join(map(_factor, positions))}" if positions else sum_


def _factor(size: object) -> str:
    """Write a factor; a size that is a sum of free axes stands in parentheses."""
    written = str(size)
    return f"({written})" if " " in written else written
