"""Convolutions that need more than their names say."""

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.keras.found import Found
from costlens.export.recognition.keras.plain import activate, as_field, plain, refuse_left

_FIELDS = {"kernel_size": "kernel", "strides": "stride", "padding": "padding", "dilation_rate": "dilation"}


def _separable(found: Found) -> str:
    """Say a depthwise and a pointwise convolution: the one bias of Keras's is the pointwise one's."""
    settings = found.settings
    window = {ours: as_field(settings.take(theirs)) for theirs, ours in _FIELDS.items()}
    multiplier, filters, bias = (settings.take(name) for name in ("depth_multiplier", "filters", "use_bias"))
    activation = settings.take("activation")
    refuse_left(found)
    depthwise, *pointwise = found.weights
    middle = found.add("depthwise", part="depthwise", weights=[depthwise], **window, multiplier=multiplier, bias=False)
    made = found.add("conv", middle, kernel=1, filters=filters, bias=bias, weights=pointwise)
    return activate(found, made, activation)


def _transposed(found: Found) -> str:
    """Say a transposed convolution, whose output padding Keras means otherwise than PyTorch."""
    if found.settings.take("output_padding") is not None:
        raise NoKindError("output_padding of Keras's own meaning")
    return plain(found, "conv_transpose")


def _cut(found: Found) -> str:
    """Say a transposed convolution that cuts cells off: one of this package."""
    removed = found.settings.take("removed")
    more = tuple(max(-after, 0) for _, after in removed)
    return plain(found, "conv_transpose", padding=tuple((b, max(a, 0)) for b, a in removed), output_padding=more)


OPERATORS = {
    "SeparableConv1D": _separable,
    "SeparableConv2D": _separable,
    "Conv1DTranspose": _transposed,
    "Conv2DTranspose": _transposed,
    "Conv3DTranspose": _transposed,
    "ConvTranspose": _cut,
    "GroupedConv": lambda found: plain(found, "conv"),
}
