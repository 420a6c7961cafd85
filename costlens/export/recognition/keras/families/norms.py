"""Norms, whose axis must be the channels, and what puts inputs in order."""

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.keras.found import Found
from costlens.export.recognition.keras.plain import axis, plain, refuse_left


def _over_channels(found: Found) -> str:
    along = axis(found.settings.take("axis", -1), found)
    if along not in (-1, (-1,)):
        raise NoKindError(f"axis: {along} behind the batch; norms are of the channels, the last axis")
    return plain(found)


def _rescaling(found: Found) -> str:
    scale, offset = found.settings.take("scale"), found.settings.take("offset")
    refuse_left(found)
    if isinstance(scale, list | tuple) or isinstance(offset, list | tuple):
        raise NoKindError("a scale of each channel")
    if not offset:
        return found.add("multiply", value=float(scale))
    return found.add("add", found.add("multiply", value=float(scale), part="scale"), value=float(offset))


def _normalization(found: Found) -> str:
    along = axis(found.settings.take("axis"), found)
    if along not in (-1, (-1,)):
        raise NoKindError(f"axis: {along} behind the batch; statistics are of the channels, the last axis")
    if found.settings.take("invert"):
        raise NoKindError("invert: True")
    mean, variance = found.settings.take("mean"), found.settings.take("variance")
    refuse_left(found)
    if mean is None:
        return found.add("normalization")
    return found.add("normalization", mean=mean, variance=variance)


def _layer_scale(found: Found) -> str:
    found.settings.take("projection_dim")  # the channels
    return plain(found, "scale")


def _channel_affine(found: Found) -> str:
    """Say a learned factor of each channel, and perhaps a shift: one of this package."""
    return plain(found, "affine" if found.settings.take("center") else "scale")


OPERATORS = {
    "BatchNormalization": _over_channels,
    "LayerNormalization": _over_channels,
    "GroupNormalization": _over_channels,
    "UnitNormalization": _over_channels,
    "ChannelAffine": _channel_affine,
    "LayerScale": _layer_scale,
    "Rescaling": _rescaling,
    "Normalization": _normalization,
}
