"""Second step: install costlens in its own environment, unless a working one was kept from an earlier job.

Without ``bench`` only the packages that counting needs are installed: a fiftieth of all.
"""

from __future__ import annotations

import os
import subprocess
import sys
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
        extra = "[keras]" if job.asked_for("BENCH") else ""
        _run(*install, "--constraint", job.ROOT / "constraints.txt", f"{job.ROOT}{extra}")
        whole.touch()
    job.hand_on("costlens", programs / "costlens")


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
