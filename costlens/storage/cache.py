"""Exports kept by content: the same graph, seed, tools and code give the same folder, whole or not at all.

The facts about an export may have an entry of their own: they are small, prove a network without its file, and are
kept when the file has gone.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from costlens.errors import ExportError
from costlens.errors.packages import DISTRIBUTION
from costlens.network.graph import Graph
from costlens.network.layers import layer_names
from costlens.storage.files import DAY_S, reason

_TOOLS = ("tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime", "numpy")
_MADE_BY = (
    "export/**/*.py", "network/layers/**/*.py", "network/graph.py", "readers/onnx/**/*.py", "results/facts.py",
    "results/counts.py", "results/names.py", "arithmetic/cost.py", "arithmetic/shapes.py", "network/fields.py",
    "frameworks.py", "readers/keras/**/*.py",
)  # fmt: skip
_WHOLE = "whole.json"
_FACTS = ".facts"
_FACTS_AGE_S = 90 * DAY_S

LIMIT_BYTES = 10 * 10**9
"""Entries unused for a day are removed, the longest unused first, while they take more than this.

Entries of facts are not among them: they go when they were not used for ninety days.
"""


def tool_versions() -> dict[str, str]:
    """Return the versions of costlens and of the tools an export depends on, without importing them."""
    return {"costlens": _version(DISTRIBUTION), **versions(_TOOLS)}


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of packages, ``absent`` for one that is not installed."""
    return {name: _version(name) for name in packages}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


@cache
def _digests(made_by: tuple[str, ...] = _MADE_BY) -> dict[str, str]:
    """Return a digest of each file of the code that makes exports and their facts, or of other code."""
    package = Path(__file__).parent.parent
    files = (file for part in made_by for file in sorted(package.glob(part)))
    return {file.relative_to(package).as_posix(): _digest(file) for file in files}


def _code(kinds: set[str]) -> list[tuple[str, str]]:
    """Return the code that an export comes from: a changed line makes the old entries unreachable.

    Files of layer kinds that the graph does not use are left out: a new kind leaves every entry where it is.
    """
    unused = {f"network/layers/{name}.py" for name in layer_names() if name not in kinds}
    return [(file, digest) for file, digest in _digests().items() if file not in unused]


def key(graph: Graph, seed: int) -> str:
    """Return the key of a graph's export: 64 hexadecimal digits."""
    content = {
        "name": graph.name,
        "inputs": graph.inputs,
        "nodes": [
            (node.name, node.row, node.inputs, node.layer.kind(), node.layer.values(), node.weights)
            for node in graph.nodes
        ],
        "outputs": graph.outputs,
        "seed": seed,
        "versions": tool_versions(),
        "code": _code({node.layer.kind() for node in graph.nodes}),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=True).encode()).hexdigest()


def content_key(content: Mapping[str, Any], made_by: tuple[str, ...] = ()) -> str:
    """Return the key of an export that is made from other things than a graph: 64 hexadecimal digits.

    made_by: globs of the code that makes it, in the package, where that is not the code that makes exports.
    """
    code = [*_digests(made_by).items()] if made_by else _code(set())
    made = {**content, "versions": tool_versions(), "code": code}
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()


def code_key(made_by: tuple[str, ...]) -> str:
    """Return what is equal where this code of the package is: 64 hexadecimal digits. ``made_by``: its globs."""
    return hashlib.sha256(json.dumps(_digests(made_by), sort_keys=True).encode()).hexdigest()


def facts_key(key: str) -> str:
    """Return the key of the entry that holds the facts about an export and nothing else."""
    return f"{key}{_FACTS}"


def directory() -> Path:
    """Return where exports are kept: ``$COSTLENS_CACHE``, else ``costlens`` in ``$XDG_CACHE_HOME`` or ``~/.cache``.

    Where that needs a home folder and there is none, or the usual folder cannot be written, it is a folder of this
    user in the temporary one, with a note.
    """
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    own = os.environ.get("COSTLENS_CACHE")
    chosen = own or str(Path(base) / "costlens")
    try:
        place = Path(chosen).expanduser()
    except RuntimeError:
        return _elsewhere(chosen, "no such home folder")
    return place if own or is_writable(place) else _elsewhere(str(place), "cannot be written")


@cache
def is_writable(place: Path) -> bool:
    """Say whether a folder can be written, or be made if it is not there, as a file without a name shows."""
    there = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return True
    except OSError:
        return False


@cache
def _elsewhere(chosen: str, why: str) -> Path:
    from logging import getLogger

    user = os.getuid() if sys.platform != "win32" else 0
    place = Path(tempfile.gettempdir()) / f"costlens-{user}"
    with suppress(OSError):
        place.mkdir(mode=0o700)
    if place.is_symlink() or (sys.platform != "win32" and place.exists() and place.stat().st_uid != user):
        place = Path(tempfile.mkdtemp(prefix="costlens-"))  # somebody else's: what lies there is not to be trusted
    getLogger("costlens").warning(
        "%s: %s; exports are kept in %s. COSTLENS_CACHE chooses another folder.", chosen, why, place
    )
    return place


def entry(key: str, make: Callable[[Path], None]) -> Path:
    """Return the folder kept under a key, making it where it is missing or not whole.

    ``make`` fills an empty folder. It becomes the entry when it is complete: another process sees all of it or
    nothing, and of two that make the same entry at once the first is kept. ExportError where the place cannot be
    written, a full disk say; what ``make`` raises passes through and leaves nothing behind.
    """
    place = directory() / key
    if find(key):
        with suppress(OSError):  # a read-only cache serves as well; its age is then that of its making
            os.utime(place)
        return place
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{key[:12]}-", dir=place.parent, ignore_cleanup_errors=True) as folder:
            draft = Path(folder)
            make(draft)
            _seal(draft)
            _install(draft, place)
            _trim(place)
    except OSError as error:
        raise ExportError(
            f"{place.parent}: exports cannot be kept there: {reason(error)}; "
            "free space, or set COSTLENS_CACHE to another folder"
        ) from error
    return place


def find(key: str) -> Path | None:
    """Return the folder kept under a key, if it is there and whole."""
    place = directory() / key
    return place if _is_whole(place) else None


def _seal(draft: Path) -> None:
    """Write, last of all, what the folder holds."""
    held = _held(draft)
    with (draft / _WHOLE).open("w", encoding="utf-8") as file:
        json.dump(held, file)
        file.flush()
        os.fsync(file.fileno())


def _is_whole(place: Path) -> bool:
    """Say whether a folder holds what it held when it was sealed: the same files with the same bytes.

    Every byte is read: a disk may change one and leave the time of the file as it was.
    """
    try:
        return bool(json.loads((place / _WHOLE).read_bytes()) == _held(place))
    except (OSError, ValueError):
        return False


def _held(folder: Path) -> dict[str, str]:
    """Return the digest of each file of an entry, by its path in it."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    digests = {file.relative_to(folder).as_posix(): _digest(file) for file in files}
    digests.pop(_WHOLE, None)
    return digests


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _install(draft: Path, place: Path) -> None:
    """Rename the draft to its place; where another process was faster, its entry stays."""
    for _ in range(2):
        try:
            draft.rename(place)
            return
        except OSError:
            if _is_whole(place):
                return
            if not place.exists():
                raise
            # A broken entry is moved aside before it is removed: a rename is seen whole or not at all.
            with TemporaryDirectory(prefix=".broken-", dir=place.parent, ignore_cleanup_errors=True) as aside:
                place.rename(Path(aside) / place.name)
    raise OSError(f"{place} is being changed by another process")


def _trim(kept: Path) -> None:
    """Remove drafts that a killed process left and facts long unused, then the longest unused entries above the limit.

    What was used within a day stays: another process may be reading it.
    """
    entries = []
    for folder in kept.parent.iterdir():
        with suppress(OSError):  # another process trims too
            age_s = time.time() - folder.stat().st_mtime
            if not folder.is_dir() or folder == kept or age_s <= DAY_S:
                continue
            is_facts = folder.name.endswith(_FACTS)
            if folder.name.startswith(".") or (is_facts and age_s > _FACTS_AGE_S):
                shutil.rmtree(folder, ignore_errors=True)
            elif not is_facts:
                size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
                entries.append((age_s, size, folder))
    total = sum(size for _, size, _ in entries)
    for _, size, folder in sorted(entries, reverse=True):
        if total > LIMIT_BYTES:
            shutil.rmtree(folder, ignore_errors=True)
            total -= size
