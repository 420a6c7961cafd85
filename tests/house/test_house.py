"""The rules of the house, executed: linter, types, import contracts, files of one purpose."""

import re
import subprocess
import sys
from pathlib import Path

from tests import needs
from tests.house.rooms import arrows, floors
from tests.places import ROOT

SCRIPTS = Path(sys.executable).parent


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    run(sys.executable, "-m", "ruff", "check", "costlens", "tests", ".github")


def test_mypy_strict_finds_nothing() -> None:
    run(sys.executable, "-m", "mypy")


def test_imports_point_downwards_only() -> None:
    run(str(SCRIPTS / "lint-imports"))


def test_files_stay_readable() -> None:
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for folder in ("costlens", "tests", ".github")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {name: lines for name, lines in sizes.items() if lines > 400} == {}


def test_no_room_without_a_purpose_in_its_name() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "core"}
    assert [path for path in (ROOT / "costlens").rglob("*.py") if path.stem in vague] == []


def test_no_test_module_is_a_library() -> None:
    """What several test modules share is in tests/cases, tests/fakes or tests/draw."""
    imported = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for name in needs.module(path).imports.values()
        if re.match(r"tests(\.\w+)*\.test_", name)
    }
    assert imported == set()


def test_rooms_and_floors_are_few_and_no_room_imports_in_a_circle() -> None:
    found = arrows()
    assert len(found) <= 20, sorted(found)
    assert len(floors(found)) <= 11, floors(found)
