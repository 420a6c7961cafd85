"""Activations as layers of their own."""

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.keras.found import Found
from costlens.export.recognition.keras.plain import activate, plain, refuse_left

_SIX = 6.0


def _activation(found: Found) -> str:
    return activate(found, found.inputs[0], found.settings.take("activation"), part="")


def _relu(found: Found) -> str:
    settings = found.settings
    top, slope, least = (settings.take(name) for name in ("max_value", "negative_slope", "threshold"))
    refuse_left(found)
    if least:
        raise NoKindError(f"threshold: {least}")
    if slope and top is None:
        return found.add("leaky_relu", slope=slope)
    if slope:
        raise NoKindError(f"negative_slope: {slope} beside max_value: {top}")
    if top in (None, _SIX):
        return found.add("relu" if top is None else "relu6")
    return found.add("minimum", found.add("relu", part="relu"), value=top)


def _prelu(found: Found) -> str:
    shared = tuple(each - 1 for each in found.settings.take("shared_axes") or ())
    return plain(found, shared_axes=None if shared == (*range(found.rank - 1),) else shared)


OPERATORS = {"Activation": _activation, "ReLU": _relu, "PReLU": _prelu}
