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


OPERATORS = {
    "BatchNormalization": _over_channels,
    "LayerNormalization": _over_channels,
    "GroupNormalization": _over_channels,
    "UnitNormalization": _over_channels,
    "Rescaling": _rescaling,
    "Normalization": _normalization,
}
