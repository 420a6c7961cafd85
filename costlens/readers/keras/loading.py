"""A file, or a function of a module → a Keras model. Code that a file holds is never run."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from costlens import frameworks
from costlens.errors import UsageError, did_you_mean, first_line

_SUFFIXES = {b"PK\x03\x04": ".keras", b"\x89HDF": ".h5"}
_BY_CODE = "name the code that makes the model: python:package.module:function"
_UNKNOWN = re.compile(
    r"Could not locate (?:class|function) '([^']+)'|Unknown (?:layer|object|activation function)s?:? '([^']+)'"
)


def load(path: Path, name: str) -> Any:
    """Return the model of a ``.keras`` or ``.h5`` file; ``name`` is the file in messages.

    Keras's safe mode stays on. UsageError for a file that holds code, or layers that are not Keras's, or no model.
    """
    frameworks.spare_gpus()
    keras = frameworks.keras()
    if not path.is_file():
        raise UsageError(f"{name}: no such file; name a Keras model that is there, a spec or a report")
    try:
        with frameworks.silence(), _suffixed(path) as file:
            return keras.saving.load_model(file, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises what it likes
        raise UsageError(f"{name}: {_refusal(str(error), error)}") from error


@contextmanager
def _suffixed(path: Path) -> Iterator[Path]:
    """Yield a file under a name that ends as Keras wants it, by its first bytes."""
    if path.suffix in _SUFFIXES.values():
        yield path
        return
    with path.open("rb") as stream:
        head = stream.read(4)
    with TemporaryDirectory(prefix="costlens-") as folder:
        link = Path(folder) / f"model{_SUFFIXES.get(head, '.keras')}"
        link.symlink_to(path.resolve())
        yield link


def _refusal(said: str, error: Exception) -> str:
    if "safe_mode" in said or "unsafe" in said.lower() or "arbitrary code" in said:
        return f"holds a Lambda layer or other Python code, which is not run from a file; {_BY_CODE}"
    if found := _UNKNOWN.search(said):
        return f"uses {found[1] or found[2]}, which is not Keras's and not in the file; {_BY_CODE}"
    if "No model config found" in said:
        return f"holds weights without a model; {_BY_CODE}"
    return f"Keras cannot load it: {type(error).__name__}: {first_line(error)}"


def imported(code: str) -> Any:
    """Return the model that ``package.module:name`` names: a Keras model, or what a function without arguments returns.

    Modules are found in the working directory, too. UsageError where it cannot be imported, fails, or is no model.
    """
    frameworks.spare_gpus()
    keras = frameworks.keras()
    module_name, colon, name = code.partition(":")
    if not (module_name and colon and name):
        raise UsageError(f"python:{code}: expected python:package.module:function, where the function returns a model")
    try:
        with _working_directory():
            module = import_module(module_name)
            known = [one for one in vars(module) if not one.startswith("_")]
            found: Any = module
            for part in name.split("."):
                if not hasattr(found, part):
                    raise UsageError(f"python:{code}: {module_name} has no {name}{did_you_mean(name, known)}")
                found = getattr(found, part)
            made = found if isinstance(found, keras.layers.Layer) else found()
    except UsageError:
        raise
    except Exception as error:  # it is code of anybody's
        raise UsageError(f"python:{code}: cannot be made: {type(error).__name__}: {first_line(error)}") from error
    if not isinstance(made, keras.layers.Layer):
        raise UsageError(f"python:{code}: returns {type(made).__name__}; a Keras model or layer was expected")
    return made


@contextmanager
def _working_directory() -> Iterator[None]:
    """Find modules in the working directory first, as ``python -m`` does."""
    sys.path.insert(0, str(Path.cwd()))
    try:
        yield
    finally:
        sys.path.remove(str(Path.cwd()))
