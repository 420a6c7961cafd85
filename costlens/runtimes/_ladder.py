"""Nets of few to many small kernels, written on the fly: by these the runtime's profiler is weighed.

The longest also tells the pace of a machine (``bench/pace.py``), which tables keep: other nets ask for other tables.
"""

from pathlib import Path
from typing import Any

from costlens.runtimes._onnx_file import save

LENGTHS = (4, 12, 24, 48)
"""How many nodes each net has."""
_CHANNELS = 16
_TENSOR = ("float32", (1, _CHANNELS, 24, 24))
"""Large enough that a kernel finds its input moved out of the nearest cache by the profiler, as a network's does."""
_PER_CHANNEL = (_CHANNELS, 1, 1)
_STEPS = {
    "Conv": ((_CHANNELS, *_PER_CHANNEL), (_CHANNELS,)),
    "Sigmoid": (),
    "Add": (_PER_CHANNEL,),
    "Mul": (_PER_CHANNEL,),
}
"""The shapes of what each reads besides: what is written down of a kernel grows with its inputs. None is fused."""


def write_ladder(folder: Path) -> tuple[Path, ...]:
    """Write the nets and return their files."""
    return tuple(_write(folder / f"rung-{length}.onnx", length) for length in LENGTHS)


def _write(path: Path, length: int) -> Path:
    import numpy

    random = numpy.random.default_rng(0)
    nodes: list[tuple[str, str, str]] = []
    weights: dict[str, Any] = {}
    for index in range(length):
        op, shapes = list(_STEPS.items())[index % len(_STEPS)]
        stored = [f"w{index}.{place}" for place, _ in enumerate(shapes)]
        weights |= {
            name: random.standard_normal(shape).astype("float32") for name, shape in zip(stored, shapes, strict=True)
        }
        nodes.append((op, " ".join((f"t{index}", *stored)), f"t{index + 1}"))
    save(path, nodes, {"t0": _TENSOR}, {f"t{length}": _TENSOR}, weights)
    return path
