"""Runtimes: load a model file and run it on inputs already in place; one file per runtime.

A file holds one ``Runtime``. Its name is the runtime's name; nothing else lists it. The session's ``Fingerprint`` holds
what a model runs on: provider, threads, optimisation level, build.
"""

from functools import cache

from costlens.discovery import class_in, module_names
from costlens.errors import UsageError, did_you_mean
from costlens.runtimes._inputs import Input, Inputs, said
from costlens.runtimes._runtime import DEVICES, Device, DeviceSession, Fingerprint, Options, Runtime, Session

__all__ = [
    "DEFAULT", "DEVICES", "Device", "DeviceSession", "Fingerprint", "Input", "Inputs", "Options", "Runtime", "Session",
    "get", "names", "said",
]  # fmt: skip

DEFAULT = "onnxruntime"
"""Runs what is exported, and the models of a machine's bounds."""


def names() -> tuple[str, ...]:
    """Return the runtimes there are, by file name, sorted.

    >>> DEFAULT in names()
    True
    """
    return module_names(__path__)


@cache
def get(name: str) -> Runtime:
    """Return the runtime of a name, one object for all; UsageError with the nearest known name otherwise.

    The runtime's library is imported when the runtime starts, not here.
    """
    if name not in names():
        known = ", ".join(names())
        raise UsageError(f"runtime {name!r} is unknown{did_you_mean(name, names())}; known: {known}")
    return class_in(__name__, name, Runtime)()  # type: ignore[type-abstract]  # to look for
