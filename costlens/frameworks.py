"""The heavy libraries, imported late, quietly and with the settings that exports need."""

import gc
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from functools import cache
from typing import Any

from costlens.errors import RuntimeUnavailable, not_installed
from costlens.errors.packages import install_of

_STDERR = 2
_SETTINGS = {"image_data_format": "channels_last", "floatx": "float32", "dtype_policy": "float32"}


@cache
def tensorflow() -> Any:
    """Import TensorFlow (5–8 s the first time) without its log lines; RuntimeUnavailable where that fails."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # oneDNN's convolution of 1 channel, stride (1, s), is wrong
    with _importing("tensorflow"):
        import tensorflow as module
    return module


def spare_gpus() -> None:
    """Keep TensorFlow from reserving the memory of GPUs, which a measurement needs, unless it is already in use."""
    if "tensorflow" not in sys.modules:
        with silence():
            tensorflow().config.set_visible_devices([], "GPU")


@cache
def keras() -> Any:
    """Import Keras on TensorFlow; RuntimeUnavailable when it runs on another backend."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    tensorflow()
    with _importing("keras"):
        import keras as module
    backend = module.config.backend()
    if backend != "tensorflow":
        raise RuntimeUnavailable(
            f"Keras runs on {backend}, exports need its TensorFlow backend; set KERAS_BACKEND=tensorflow, "
            'or "backend": "tensorflow" in ~/.keras/keras.json'
        )
    return module


def release() -> None:
    """Drop Keras's global state and the cycles that keep built models in memory, where Keras was imported.

    A process that makes hundreds of models stays at one size. Keras numbers its layers from the start again.
    """
    if "keras" in sys.modules:
        keras().backend.clear_session()
        gc.collect()


@cache
def tf2onnx() -> Any:
    """Import tf2onnx."""
    keras()
    with _importing("tf2onnx"):
        import tf2onnx as module
    return module


@cache
def onnxruntime() -> Any:
    """Import onnxruntime."""
    with _importing("onnxruntime"):
        import onnxruntime as module
    module.set_default_logger_severity(3)
    return module


@contextmanager
def _importing(name: str) -> Iterator[None]:
    try:
        with silence():
            yield
    except ImportError as error:
        broken = RuntimeUnavailable(f"{name} cannot be imported ({error}); install it with: {install_of(name)}")
        raise not_installed(error) or broken from error


@contextmanager
def silence() -> Iterator[None]:
    """Keep the frameworks' log lines, warnings and raw writes to standard error off the terminal."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), _native_stderr_away():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


@contextmanager
def _native_stderr_away() -> Iterator[None]:
    """Point file descriptor 2 elsewhere; Python's own ``sys.stderr`` keeps the terminal, for progress bars."""
    try:
        sys.stderr.flush()
        shown = os.dup(_STDERR)
        ours = sys.stderr.fileno() == _STDERR
    except (OSError, ValueError, AttributeError):  # no such descriptor, or a sys.stderr that is not a file
        yield
        return
    with (
        tempfile.TemporaryFile() as away,
        os.fdopen(shown, "w", encoding="utf-8") as terminal,
        redirect_stderr(terminal if ours else sys.stderr),
    ):
        os.dup2(away.fileno(), _STDERR)
        try:
            yield
        finally:
            terminal.flush()
            os.dup2(shown, _STDERR)


@contextmanager
def keras_settings() -> Iterator[None]:
    """Build with channels last, float32 and no mixed precision, whatever the user's Keras settings are."""
    config = keras().config
    before = {name: getattr(config, name)() for name in _SETTINGS}
    try:
        for name, value in _SETTINGS.items():
            getattr(config, f"set_{name}")(value)
        yield
    finally:
        for name, value in before.items():
            getattr(config, f"set_{name}")(value)
