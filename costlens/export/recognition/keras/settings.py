"""The settings of a Keras layer, which are either read, or what the layer has anyway, or not understood."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

_OF_TRAINING = (
    "name", "trainable", "dtype", "seed", "momentum", "autocast", "build_config", "compile_config", "registered_name",
    "batch_input_shape", "activity_regularizer", "dynamic", "unroll", "zero_output_for_mask", "flash_attention",
    "beta_init", "sparse", "rate_scheduler", "noise_shape", "quantization_config", "lora_rank", "lora_alpha",
)  # fmt: skip
"""Settings that change nothing of what a layer computes at inference in 32-bit numbers."""
_OF_WEIGHTS = ("_initializer", "_regularizer", "_constraint", "_dropout")
"""Endings of such settings."""
_WANTED = {"data_format": ("channels_last", None), "rms_scaling": (False,)}


class Settings:
    """The settings of one Keras layer, by name; those that were asked for are noted as read."""

    def __init__(self, layer: Any) -> None:
        self._all: dict[str, Any] = layer.get_config()
        self._defaults = dict(_defaults(type(layer)))
        self._read: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._all

    def take(self, name: str, otherwise: Any = None) -> Any:
        """Return a setting, which counts as read."""
        self._read.add(name)
        return self._all.get(name, otherwise)

    def left(self) -> dict[str, Any]:
        """Return the settings that were not read and are not what a layer has unless told otherwise."""
        return {
            name: value
            for name, value in self._all.items()
            if name not in self._read
            and name not in _OF_TRAINING
            and not name.endswith(_OF_WEIGHTS)
            and not self._usual(name, value)
        }

    def _usual(self, name: str, value: Any) -> bool:
        if name in _WANTED:
            return value in _WANTED[name]
        return bool(name in self._defaults and _same(value, self._defaults[name]))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return [*one] == [*other]
    return bool(one == other) and type(one) in (type(other), type(None), bool, int, float, str)


def _defaults(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield the defaults of a class's settings, those of its bases first."""
    for each in reversed(cls.__mro__):
        if "__init__" in vars(each):
            for name, parameter in inspect.signature(vars(each)["__init__"]).parameters.items():
                if parameter.default is not parameter.empty:
                    yield name, parameter.default
