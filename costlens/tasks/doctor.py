"""``costlens doctor``: what of the stack is there, found without importing any of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

from costlens import runtimes
from costlens.bench.machine import machine_facts
from costlens.errors.packages import DISTRIBUTION, PACKAGES, PARTS, install
from costlens.results.stack import Cache, Kept, Missing, Package, Stack, State
from costlens.storage import contents
from costlens.storage.cache import directory, is_writable
from costlens.storage.contents import OTHERS, Item

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[^\]]*\])?(?P<limits>[^;]*)")
_LIMIT = re.compile(r"(?P<how><|>=)\s*(?P<version>[\d.]+)")
_PROVIDER = re.compile(r"onnxruntime_providers_(\w+)\.(?:so|dll|dylib)$")


def stack() -> Stack:
    """Look at everything; nothing heavy is imported."""
    machine = machine_facts()
    wanted = _wanted()
    packages = tuple(_package(name, part, wanted.get(_normal(name), "")) for name, part in PACKAGES.items())
    lacking = dict.fromkeys(package.part for package in packages if package.state in ("missing", "other version"))
    broken = [package for package in packages if package.state == "broken"]
    cards = f", {', '.join(machine.accelerators)}" if machine.accelerators else ""
    return Stack(
        costlens=_version(DISTRIBUTION) or "is not installed",
        python=machine.python,
        machine=f"{machine.os}, {machine.cpu}, {machine.cores_usable} cores{cards}",
        packages=packages,
        missing=(
            *(Missing(part, PARTS[part], install(part)) for part in lacking),
            *(Missing(one.part, f"{one.name}, whose files are gone", _again(one.name)) for one in broken),
        ),
        devices={name: devices for name in runtimes.names() if (devices := _devices(name))},
        tools={"git": _git()},
        cache=cache(),
    )


def cache() -> Cache:
    """Look at the folder of exports."""
    return Cache(str(directory()), is_writable(directory()), kept(contents.items()))


def kept(items: Iterable[Item]) -> tuple[Kept, ...]:
    """Return what is kept, by its sort."""
    return tuple(
        Kept(
            sort=sort,
            entries=len(found),
            bytes=sum(item.bytes for item in found),
            oldest=datetime.fromtimestamp(min(item.used for item in found), UTC).strftime("%Y-%m-%d"),
            removed=sort != OTHERS,
        )
        for sort, group in groupby(sorted(items, key=lambda item: item.sort), key=lambda item: item.sort)
        if (found := list(group))
    )


def _package(name: str, part: str, wanted: str) -> Package:
    names = next((runtime.packages for runtime in _runtimes() if name in runtime.packages), (name,))
    found = next((told for each in names if (told := _version(each))), None)
    state: State = "missing" if found is None else "ok" if _is_within(found, wanted) else "other version"
    if found and find_spec(_module(name)) is None:
        state = "broken"
    return Package(name, part, found, wanted, state)


def _again(package: str) -> str:
    names = next((runtime.packages for runtime in _runtimes() if package in runtime.packages), (package,))
    there = next(name for name in names if _version(name))
    return f"pip install --force-reinstall --no-deps {there}"


def _module(package: str) -> str:
    return {"protobuf": "google", "ruamel.yaml": "ruamel"}.get(package, package.replace("-", "_"))


def _runtimes() -> list[runtimes.Runtime]:
    return [runtimes.get(name) for name in runtimes.names()]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _wanted() -> Mapping[str, str]:
    """Return the versions that costlens states, by normal names; nothing where costlens itself is not installed."""
    try:
        lines = requires(DISTRIBUTION) or ()
    except PackageNotFoundError:
        return {}
    found = (_REQUIREMENT.match(line) for line in lines)
    return {_normal(match["name"]): match["limits"].strip() for match in found if match}


def _normal(name: str) -> str:
    """Write a package's name as metadata may have it (PEP 503).

    >>> _normal("ruamel.yaml")
    'ruamel-yaml'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_within(found: str, wanted: str) -> bool:
    """Say whether a version is within limits as costlens states them.

    >>> [_is_within(found, "<2,>=1.23") for found in ("1.23.2", "1.9", "2.0", "1.24rc1")]
    [True, False, False, True]
    """
    ours = _numbers(found)
    limits = [(match["how"], _numbers(match["version"])) for match in _LIMIT.finditer(wanted)]
    return all(ours < limit if how == "<" else ours >= limit for how, limit in limits)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", re.split(r"[a-z+]", text)[0]))


def _devices(name: str) -> tuple[str, ...]:
    """Return where a runtime can run, by the libraries that came with it; none where it is not installed."""
    found = find_spec(runtimes.get(name).library.partition(".")[0])
    if found is None or not found.submodule_search_locations:
        return ()
    folders = [Path(place) / "capi" for place in found.submodule_search_locations]
    files = (file.name for folder in folders if folder.is_dir() for file in folder.iterdir())
    extra = {match[1] for file in files if (match := _PROVIDER.search(file))} & set(runtimes.get(name).devices)
    return ("cpu", *sorted(extra))


def _git() -> str | None:
    program = shutil.which("git")
    if program is None:
        return None
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return told.removeprefix("git version").strip()
