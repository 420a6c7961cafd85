"""Real inputs from an ``.npz`` file (``--input-data``), held to the inputs of a model: names, types and shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from costlens.errors import UsageError, did_you_mean

Signature = Sequence[tuple[str, str, Sequence[int | str] | None]]
"""The inputs of a model: name, type as NumPy calls it, and sizes, names where they are free; None where not known."""


def shapes_of(path: Path, inputs: Signature, model: str, *, option: str = "--input-data") -> dict[str, tuple[int, ...]]:
    """Return the shapes of the arrays for a model's inputs; UsageError where they do not fit, with all that does not.

    inputs: what the model takes. model, option: its name, and that of the option that gives the file, in messages.
    """
    held = _headers(path, option)
    problems = [*_names(path, held, inputs, model)]
    free: dict[str, tuple[int, str]] = {}
    for name, dtype, sizes in inputs:
        if name not in held:
            continue
        kind, shape = held[name]
        if dtype and kind != dtype:
            problems.append(
                f"{path}: {name} is of type {kind}, {model} takes {dtype}; save {name}.astype({_astype(dtype)})"
            )
        if 0 in shape:
            problems.append(f"{path}: {name} is empty, of shape {_written(shape)}; give at least one of everything")
        if sizes is not None:
            problems += _sizes(path, name, shape, sizes, free, model)
    if problems:
        raise UsageError("\n".join(problems))
    return {name: held[name][1] for name, _, _ in inputs}


def refuse_sizes(path: Path, given: Mapping[str, object], model: str) -> None:
    """Raise UsageError for sizes that are given beside the arrays, which have theirs."""
    if given:
        raise UsageError(f"{model}: {next(iter(given))} is given a size, and {path} has one; leave one of the two out")


def _headers(path: Path, option: str) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return the types and shapes of a file's arrays without their numbers; UsageError where it cannot be read."""
    from zipfile import BadZipFile, ZipFile

    from numpy.lib import format as npy

    if not path.is_file():
        raise UsageError(f"{option} {path}: no such file; write one with numpy.savez({str(path)!r}, NAME=ARRAY)")
    found = {}
    try:
        with ZipFile(path) as held:
            for name in held.namelist():
                with held.open(name) as file:
                    version = npy.read_magic(file)
                    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
                    shape, _, dtype = read(file)
                kind = "string" if dtype.kind in "US" else "object" if dtype.hasobject else dtype.name
                found[name.removesuffix(".npy")] = (kind, tuple(map(int, shape)))
    except (BadZipFile, OSError, ValueError, EOFError) as problem:
        raise UsageError(
            f"{option} {path}: cannot be read as an .npz file: {problem}; write one with numpy.savez"
        ) from None
    return found


def _names(path: Path, held: Mapping[str, object], inputs: Signature, model: str) -> list[str]:
    names = [name for name, _, _ in inputs]
    lacking = [
        f"{path}: has no {name}, which {model} takes{did_you_mean(name, held) or f'; it has {_listed(held)}'}"
        for name in names
        if name not in held
    ]
    strange = [
        f"{path}: {model} has no input {name}{did_you_mean(name, names) or f'; it takes {_listed(names)}'}"
        for name in held
        if name not in names
    ]
    return lacking + strange


def _sizes(
    path: Path,
    name: str,
    shape: tuple[int, ...],
    sizes: Sequence[int | str],
    free: dict[str, tuple[int, str]],
    model: str,
) -> list[str]:
    """Return what is wrong with a shape; ``free`` holds the sizes that axes have by now, and where from."""
    fits = f"{path}: {name} has shape {_written(shape)}, {model} takes {_written(sizes)}"
    if len(shape) != len(sizes):
        return [f"{fits}; give it {len(sizes)} axes"]
    problems = []
    for index, (size, wanted) in enumerate(zip(shape, sizes, strict=True)):
        if isinstance(wanted, int):
            if size != wanted:
                problems.append(f"{fits}; axis {index} must be {wanted}")
            continue
        known, where = free.setdefault(wanted, (size, name))
        if known != size:
            problems.append(f"{fits}; {wanted} is {size} here and {known} in {where}, and must be one size")
    return problems


def _written(sizes: Sequence[int | str]) -> str:
    return "×".join(map(str, sizes)) or "()"


def _listed(names: Mapping[str, object] | Sequence[str]) -> str:
    return ", ".join(names) or "nothing"


def _astype(dtype: str) -> str:
    return "str" if dtype == "string" else repr(dtype)
