"""TensorFlow Lite Micro, by the interpreter of its Python package, whose allocator says what it takes for a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from costlens.errors import BenchError, RuntimeUnavailable
from costlens.errors.packages import install_of

NAME, PACKAGE = "TensorFlow Lite Micro", "tflite-micro"
_LIBRARY = "tflite_micro"
_STDERR = 2
_REGISTERED = re.compile(rb"_ZN6tflite5micro(?:10tflm_signal)?\d+Register_([A-Z0-9_]+)Ev\0")


def is_installed() -> bool:
    """Say whether the package is there, without importing it."""
    return find_spec(_LIBRARY) is not None


def require() -> None:
    """Raise RuntimeUnavailable, with the remedy, where the package is missing."""
    if not is_installed():
        raise RuntimeUnavailable(
            f"{NAME} needs {PACKAGE}, which is not installed; install it with: {install_of(PACKAGE)} "
            "(its index has it for Linux on x86-64 and Python 3.11 only)"
        )


def version() -> str:
    """Return the version of the package, empty where it is missing."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return ""


def run(path: Path, inputs: int, arena_bytes: int, log: Path) -> None:
    """Load a file into an arena of this size, run it once on zeros, and have the allocator tell into a log file.

    inputs: how many the file has. Call it in a process of its own: the interpreter may end it. BenchError where the
    file cannot be run.
    """
    import numpy as np

    runtime = import_module(_LIBRARY).runtime
    with _logged(log):
        try:
            interpreter = runtime.Interpreter.from_bytes(path.read_bytes(), arena_size=arena_bytes)
            for place in range(inputs):
                about = interpreter.get_input_details(place)
                interpreter.set_input(np.zeros(about["shape"], about["dtype"]), place)
            interpreter.invoke()
            interpreter.print_allocations()
        except (RuntimeError, ValueError) as problem:
            raise BenchError(f"{NAME} cannot run it: {problem}") from problem


@contextmanager
def _logged(log: Path) -> Iterator[None]:
    """Write into a file what libraries print on standard error meanwhile."""
    kept = os.dup(_STDERR)
    with log.open("wb") as file:
        os.dup2(file.fileno(), _STDERR)
    try:
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)


def operators() -> tuple[str, ...]:
    """Return the operators that the package's compiled library has kernels of, by its symbols, sorted.

    RuntimeUnavailable where the package is missing.
    """
    require()
    spec = find_spec(_LIBRARY)
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    (library,) = [path for folder in folders for path in folder.rglob("_runtime*.so")]
    return tuple(sorted({name.decode() for name in _REGISTERED.findall(library.read_bytes())}))
