"""Toys in the rooms of the house: every process that is started here finds them where their own files would be."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.places import ROOT

STARTUP = """
from importlib import import_module
from pathlib import Path
for room in Path(__file__).parent.glob("costlens.*"):
    import_module(room.name).__path__.append(str(room))
"""
"""Python runs it when it starts."""


@dataclass(frozen=True)
class Toys:
    """A folder with a folder for each room, and what else tests need beside."""

    folder: Path

    def file(self, name: str) -> str:
        """Return a file as an argument."""
        return str(self.folder / name)

    def python(self, *arguments: str, code: int = 0) -> str:
        """Run Python in the root of the project; return what it printed."""
        environment = {"COLUMNS": "120", "COSTLENS_CACHE": str(self.folder / "cache")}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment | {"PYTHONPATH": os.pathsep.join([str(self.folder), str(ROOT)])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def costlens(self, *arguments: str, code: int = 0) -> str:
        """Run the command line."""
        return self.python("-m", "costlens", *arguments, code=code)


def toys(folder: Path, files: Mapping[str, str]) -> Toys:
    """Write files into a folder: ``costlens.formats/toy.py`` is a format."""
    for name, text in {**files, "sitecustomize.py": STARTUP}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return Toys(folder)
