"""Second step: install costlens in its own environment, unless a working one was kept from an earlier job.

Without ``bench`` only the packages that counting needs are installed (``count`` in pyproject.toml): a fiftieth of all.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import job


def main() -> None:
    """Hand on the path of the command ``costlens``."""
    environment = Path(os.environ["ENVIRONMENT"])
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    whole = environment / "whole"
    if not (whole.exists() and _works(programs / "costlens")):
        broken = ["--clear"] if whole.exists() else []
        _run(sys.executable, "-m", "venv", *broken, environment)
        install = (programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        if job.asked_for("BENCH"):
            _run(*install, "--constraint", job.ROOT / "constraints.txt", job.ROOT)
        else:
            _run(*install, "--constraint", job.ROOT / "constraints.txt", *needed_to_count())
            _run(*install, "--no-deps", job.ROOT)
        whole.touch()
    job.hand_on("costlens", programs / "costlens")


def needed_to_count() -> list[str]:
    """Return the requirements of costlens that counting needs, with their versions."""
    project = tomllib.loads((job.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = set(project["dependency-groups"]["count"])
    return [line for line in project["project"]["dependencies"] if re.split(r"[^\w.-]", line)[0] in needed]


def _works(program: Path) -> bool:
    """Say whether a program runs: the Python of a kept environment may have gone."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _run(*command: str | Path) -> None:
    elsewhere = Path(os.environ["RUNNER_TEMP"])  # Python could import a file of the checkout instead of a module
    done = subprocess.run(command, cwd=elsewhere, check=False)
    if done.returncode:
        raise job.Stopped(f"costlens could not be installed: {command[0]} ended with {done.returncode}; see above")


if __name__ == "__main__":
    sys.exit(job.ended(main))
