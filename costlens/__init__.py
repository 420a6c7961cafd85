"""costlens: what a network costs, what another kind of convolution would cost, and proof of the numbers.

>>> import costlens as cl
>>> cl.load("specs/separable_example.yaml").count().totals.macs
53952
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, whose import would be most of the time that importing this takes

__version__ = "0.1.0"

if TYPE_CHECKING:
    from typing import Any

    from costlens.api import CostlensError, Model, from_keras, from_onnx, load, report, summary

__all__ = ["CostlensError", "Model", "__version__", "from_keras", "from_onnx", "load", "report", "summary"]


def __getattr__(name: str) -> Any:
    """Import the interface when it is first used, so that the command line starts with what it needs only."""
    if name in __all__:
        from costlens import api

        return getattr(api, name)
    raise AttributeError(f"module 'costlens' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names of the interface, which completion shows."""
    return sorted(__all__)
