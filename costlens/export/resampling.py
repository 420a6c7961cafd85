"""Resampling as the operation that runtimes have for it, which Keras offers for images and half pixels alone."""

from collections.abc import Sequence
from typing import Any

from costlens import frameworks
from costlens.export.keras_layer import keras_layer


def resize(keras: Any) -> Any:
    """Return the class of a Keras layer that gives the spatial axes other sizes."""

    @keras.saving.register_keras_serializable(package="costlens")
    class Resize(keras_layer(keras)):  # type: ignore[misc]
        """``(B, H, W, C) -> (B, *sizes, C)``, also over one spatial axis, or three, as ``Resampling`` defines it.

        Nearest values that no whole factor repeats are chosen by their places: a runtime that rounds a place on the
        border between two values decides by chance.
        """

        def __init__(self, sizes: Sequence[int], mode: str, align_corners: bool, **kwargs: Any) -> None:
            super().__init__({"sizes": tuple(sizes), "mode": mode, "align_corners": align_corners}, **kwargs)

        def call(self, x: Any) -> Any:
            sizes, mode, corners = self.settings.values()
            if mode == "bilinear":
                return _over_images(x, sizes, "ResizeBilinear", align_corners=corners, half_pixel_centers=not corners)
            if any(new % old for new, old in zip(sizes, x.shape[1:-1], strict=True)):
                return _chosen(x, sizes)
            return _over_images(x, sizes, "ResizeNearestNeighbor", half_pixel_centers=True)

    return Resize


def _over_images(x: Any, sizes: Sequence[int], operation: str, **settings: bool) -> Any:
    """Run an operation on images over one to three axes: those of a volume plane by plane, then along its depth."""
    tf = frameworks.tensorflow()

    def image(x: Any, *sizes: int) -> Any:
        return getattr(tf.raw_ops, operation)(images=x, size=sizes, **settings)

    if len(sizes) == 1:
        return tf.squeeze(image(tf.expand_dims(x, 1), 1, *sizes), 1)
    if len(sizes) == 2:  # noqa: PLR2004
        return image(x, *sizes)
    (depth, height, width), (old, *plane, channels) = sizes, x.shape[1:]
    planes = image(tf.reshape(x, (-1, *plane, channels)), height, width)
    column = image(tf.reshape(planes, (-1, old, height * width, channels)), depth, height * width)
    return tf.reshape(column, (-1, *sizes, channels))


def _chosen(x: Any, sizes: Sequence[int]) -> Any:
    for axis, (new, old) in enumerate(zip(sizes, x.shape[1:-1], strict=True), 1):
        if new != old:
            places = [(2 * index + 1) * old // (2 * new) for index in range(new)]
            x = frameworks.tensorflow().gather(x, places, axis=axis)
    return x
