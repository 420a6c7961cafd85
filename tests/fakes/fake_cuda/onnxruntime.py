"""A library in onnxruntime's place whose machine has a card: it sleeps instead of computing, and counts copies.

A measuring process imports it where this folder is on PYTHONPATH. A model file holds the milliseconds of a call.
"""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy

__version__ = "9.9"
COPY_S = 0.04
PROVIDERS = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
GraphOptimizationLevel = SimpleNamespace(ORT_ENABLE_ALL=99)


def get_available_providers() -> list[str]:
    return PROVIDERS


def get_build_info() -> str:
    return "fake build"


def preload_dlls() -> None:
    pass


def set_default_logger_severity(level: int) -> None:
    pass


class SessionOptions(SimpleNamespace):
    def add_session_config_entry(self, name: str, value: str) -> None:
        pass


class OrtValue:
    def __init__(self, array: Any, device: str) -> None:
        self.array, self.device = array, device

    @classmethod
    def ortvalue_from_numpy(cls, array: Any, device: str, number: int) -> OrtValue:
        return cls(array, device)

    def update_inplace(self, array: Any) -> None:
        assert self.device == "cuda"
        time.sleep(COPY_S)


class IoBinding:
    def __init__(self) -> None:
        self.devices: set[str] = set()

    def bind_ortvalue_input(self, name: str, value: OrtValue) -> None:
        self.devices.add(value.device)

    def bind_output(self, name: str, device: str) -> None:
        self.devices.add(device)

    def copy_outputs_to_cpu(self) -> list[Any]:
        time.sleep(2 * COPY_S)
        return [numpy.zeros(1)]

    def synchronize_inputs(self) -> None:
        pass

    def synchronize_outputs(self) -> None:
        pass


class InferenceSession:
    def __init__(self, path: str, sess_options: Any, providers: list[Any], enable_fallback: int) -> None:
        self.call_s = float(Path(path).read_text()) / 1e3
        self.granted = [one if isinstance(one, str) else one[0] for one in providers]
        self.given = {one[0]: one[1] for one in providers if not isinstance(one, str)}

    def get_providers(self) -> list[str]:
        return self.granted

    def get_provider_options(self) -> dict[str, dict[str, str]]:
        return {name: self.given.get(name, {}) for name in self.granted}

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name="image", shape=["N", 4], type="tensor(float)")]

    def get_outputs(self) -> list[Any]:
        return [SimpleNamespace(name="scores", shape=["N", 3], type="tensor(float)")]

    def io_binding(self) -> IoBinding:
        return IoBinding()

    def run_with_iobinding(self, binding: IoBinding) -> None:
        time.sleep(self.call_s)
