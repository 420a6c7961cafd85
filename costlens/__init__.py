"""costlens: what a network costs, what another kind of convolution would cost, and proof of the numbers.

>>> import costlens as cl
>>> cl.load("specs/separable_example.yaml").count().totals.macs
53952
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as typing has it, whose import would be most of the time that importing this takes

__version__ = "0.1.0"

if TYPE_CHECKING:
    from typing import Any

    from costlens.api import (
        CostlensError,
        Model,
        advise,
        bench,
        check,
        compare,
        count,
        diff,
        explain,
        explore,
        export,
        from_keras,
        from_onnx,
        history,
        load,
        predict,
        profile,
        report,
        summary,
        sweep,
        verify,
    )

__all__ = [
    "CostlensError", "Model", "__version__", "advise", "bench", "check", "compare", "count", "diff", "explain",
    "explore", "export", "from_keras", "from_onnx", "history", "load", "predict", "profile", "report", "summary",
    "sweep", "verify",
]  # fmt: skip


class _Interface(type(sys)):  # type: ignore[misc]  # the type of modules
    """This module, in which a function keeps its name where Python imports a room of that name: bench, export."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in __all__ and isinstance(value, type(sys))):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Interface


def __getattr__(name: str) -> Any:
    """Import the interface when it is first used, so that the command line starts with what it needs only."""
    if name in __all__:
        from costlens import api

        return getattr(api, name)
    raise AttributeError(f"module 'costlens' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names of the interface, which completion shows."""
    return sorted(__all__)
