"""Layers that only move values, or do nothing at inference."""

from typing import Any

from costlens.export.recognition.keras.found import Found
from costlens.export.recognition.keras.plain import as_field, plain


def _padded(found: Found) -> str:
    return plain(found, amount=_pairs(found.settings.take("padding")))


def _cropped(found: Found) -> str:
    return plain(found, amount=_pairs(found.settings.take("cropping")))


def _pairs(given: Any) -> Any:
    """Return cells before and after each axis, as one number for all axes where they are all the same."""
    if isinstance(given, int):
        return given
    pairs = given if isinstance(given[0], list | tuple) else [given]  # one axis has one pair
    each = tuple(map(as_field, pairs))
    return each[0] if len(set(each)) == 1 and isinstance(each[0], int) else each


def _permuted(found: Found) -> str:
    return found.add("transpose", axes=tuple(place - 1 for place in found.settings.take("dims")))


def _reshaped(found: Found) -> str:
    return found.add("reshape", shape=tuple(found.settings.take("target_shape")))


def _upsampled(found: Found) -> str:
    return plain(found, "upsample", factor=as_field(found.settings.take("size")), mode=_mode(found))


def _mode(found: Found) -> str:
    return str(found.settings.take("interpolation", "nearest"))


def _resized(found: Found) -> str:
    """Say a resizing to fixed sizes: one of this package."""
    return plain(found, "resize", size=as_field(found.settings.take("sizes")))


def _idle(found: Found) -> str:
    """Say what does nothing at inference."""
    return found.add("dropout", rate=0)


def _same(found: Found) -> str:
    return found.inputs[0]


OPERATORS = {
    "ZeroPadding1D": _padded,
    "ZeroPadding2D": _padded,
    "ZeroPadding3D": _padded,
    "Cropping1D": _cropped,
    "Cropping2D": _cropped,
    "Cropping3D": _cropped,
    "Permute": _permuted,
    "Reshape": _reshaped,
    "UpSampling1D": _upsampled,
    "UpSampling2D": _upsampled,
    "UpSampling3D": _upsampled,
    "SpatialDropout1D": lambda found: found.add("dropout", rate=found.settings.take("rate")),
    "SpatialDropout2D": lambda found: found.add("dropout", rate=found.settings.take("rate")),
    "SpatialDropout3D": lambda found: found.add("dropout", rate=found.settings.take("rate")),
    "Resize": _resized,
    "StochasticDepth": _idle,
    "GaussianNoise": _idle,
    "GaussianDropout": _idle,
    "ActivityRegularization": _same,
    "Identity": _same,
}
