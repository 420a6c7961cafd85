"""First step: choose the folders of the environment and the exports, and the keys that keep them between jobs."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path

import job

from costlens import __version__


def main() -> None:
    """Hand on two folders and three keys."""
    kept = Path(os.environ["RUNNER_TEMP"]) / "costlens"
    machine = f"{platform.system()}-{platform.machine()}-{platform.python_version()}".lower()
    extent = "bench" if job.asked_for("BENCH") else "count"
    digest = _digest_of_costlens()
    exports = f"costlens-exports-{__version__}-"
    job.hand_on("environment", kept / f"{platform.python_version()}-{extent}-{digest}")  # a job may want several
    job.hand_on("environment-key", f"costlens-environment-{machine}-{extent}-{digest}")
    job.hand_on("exports", kept / "exports")
    job.hand_on("exports-key", exports + _digest_of_specs())
    job.hand_on("exports-like", exports)


def _digest_of_costlens() -> str:
    """Return a digest of everything that is installed, and of the Python that the environment uses."""
    digest = hashlib.sha256(f"{sys.base_prefix}\0".encode())
    inside = (path for room in ("costlens", "specs", "docs") for path in (job.ROOT / room).rglob("*"))
    installed = [path for path in inside if path.is_file() and "__pycache__" not in path.parts]
    for path in (job.ROOT / "pyproject.toml", job.ROOT / "constraints.txt", *sorted(installed)):
        digest.update(f"{path.relative_to(job.ROOT).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _digest_of_specs() -> str:
    """Return a digest of all specs as git stores them, and of the input that chooses among them."""
    command = ["git", "ls-files", "--stage", "-z", "--", "*.yaml", "*.yml"]
    listed = subprocess.run(command, capture_output=True, check=False)
    return hashlib.sha256(listed.stdout + job.given("SPECS").encode()).hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(job.ended(main))
