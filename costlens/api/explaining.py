"""The arithmetic made visible: ``explain`` as a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from costlens.api._options import Conv, about, named
from costlens.api.functions import Kinds, Network, Several
from costlens.api.model import words_of
from costlens.errors import UsageError
from costlens.sources._source import Asked

if TYPE_CHECKING:
    from costlens.arithmetic.precision import Precision
    from costlens.results.explanation import ConvolutionExplanation, FileRowExplanation, LayerExplanation
    from costlens.results.memory import MemoryExplanation


def explain(
    network: Network,
    layer: str = "",
    *,
    memory: bool = False,
    variant: str = "",
    kind: Kinds = None,
    only: Several = "",
    without: Several = "",
    precision: Precision | None = None,
    **conv: Unpack[Conv],
) -> LayerExplanation | FileRowExplanation | ConvolutionExplanation | MemoryExplanation:
    """Explain a layer of a network, or, for the word ``"conv"``, a convolution with these fields in every kind.

    memory: explains where the activations of the whole network lie while it runs.

    conv: ``input`` (its shape without the batch, channels last), ``kernel`` and ``filters``; ``stride``, ``dilation``,
    ``padding``, ``groups`` and ``bias`` as in a spec. UsageError for a layer that is not there.

    >>> explain("conv", input=(8, 8, 3), kernel=5, filters=256).standard_macs
    1228800
    """
    from costlens.tasks import explain as task

    if network == task.CONV:
        if layer or variant or kind or memory or precision:
            raise UsageError(
                "explain conv: layer, memory, variant, kind and precision are for a network; name one in place of conv"
            )
        missing = [name for name in ("input", "kernel", "filters") if name not in conv]
        if missing:
            raise UsageError(f"explain conv: {', '.join(missing)} missing: input=(8, 8, 3), kernel=5, filters=256")
        return task.convolution({"bias": False, **{k: v for k, v in conv.items() if k != "input"}}, conv["input"])
    if conv:
        raise UsageError(f"explain {network}: {', '.join(conv)}: only for explain conv; name a layer")
    if memory and layer:
        raise UsageError(f"explain {network}: memory is of the whole network; leave out layer")
    if not layer and not memory:
        raise UsageError(f"explain {network}: name a layer; count lists them")
    (word,) = words_of([network])
    found = task.network(word, Asked(named(variant), precision=precision, **about(kind, only, without)))
    return task.memory(found) if memory else task.layer(found, layer)
