"""What doctor says of a stack that is whole, that is not, and of the cache."""

import json
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest

from costlens.errors.packages import PACKAGES
from costlens.tasks import doctor
from tests.fakes.command_line import Run

# what is installed, beside the rest; what is said of the package; the line that mends it
CASES: list[tuple[dict[str, str | None], str, str, str]] = [
    ({"onnx": None}, "onnx", "missing", 'pip install "costlens-nn[onnx]"'),
    ({"onnx": "1.22.0"}, "onnx", "other version", 'pip install "costlens-nn[onnx]"'),
    ({"tensorflow": "2.22.1"}, "tensorflow", "other version", 'pip install "costlens-nn[keras]"'),
    ({"ai-edge-litert": None}, "ai-edge-litert", "missing", 'pip install "costlens-nn[litert]"'),
    ({"rich": "14.9"}, "rich", "other version", "pip install costlens-nn"),
    ({"ruamel.yaml": "0.20"}, "ruamel.yaml", "other version", "pip install costlens-nn"),
    ({"onnxruntime": None, "onnxruntime-gpu": "1.31.0"}, "onnxruntime", "ok", ""),
]
REQUIRED = [
    "rich<16,>=15.0", "ruamel-yaml<0.20,>=0.19", 'onnx<2,>=1.23; extra == "onnx"',
    'onnxruntime<2,>=1.31; extra == "onnx"', 'tensorflow<2.22,>=2.21; extra == "keras"',
]  # fmt: skip


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str | None]:
    """Return the versions that are told, which a test may change: at first all are there as they are wanted."""
    found: dict[str, str | None] = dict.fromkeys(PACKAGES, "99.0")
    found |= {"rich": "15.2", "ruamel.yaml": "0.19.1"}
    found |= {"onnx": "1.23.0", "onnxruntime": "1.31.1", "tensorflow": "2.21.0"}

    def version(name: str) -> str:
        told = found.get(name)
        if told is None:
            raise metadata.PackageNotFoundError(name)
        return told

    monkeypatch.setattr(doctor, "version", version)
    monkeypatch.setattr(doctor, "requires", lambda _: REQUIRED)
    monkeypatch.setattr(doctor, "find_spec", lambda _: Found(()))
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    return found


class Found:
    """What finds a module: its folders."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        self.submodule_search_locations = folders


def told(run: Run) -> Mapping[str, object]:
    done = run("doctor", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize(("changed", "package", "state", "line"), CASES)
def test_what_is_missing_or_of_another_version_is_told_with_its_line(
    changed: dict[str, str | None], package: str, state: str, line: str, installed: dict[str, str | None], run: Run
) -> None:
    installed |= changed
    found = doctor.stack()
    states = {each.name: each.state for each in found.packages}
    assert states == dict.fromkeys(PACKAGES, "ok") | {package: state}
    assert [missing.install for missing in found.missing] == ([line] if line else [])
    assert (line or "Every package is there.") in run("doctor", columns="200").stdout


def test_a_package_whose_files_are_gone_is_put_back(
    installed: dict[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed |= {"onnxruntime": None, "onnxruntime-gpu": "1.31.0"}
    monkeypatch.setattr(doctor, "find_spec", lambda name: None if name == "onnxruntime" else Found(()))
    found = doctor.stack()
    assert [one.name for one in found.packages if one.state == "broken"] == ["onnxruntime"]
    (missing,) = found.missing
    assert missing.install == "pip install --force-reinstall --no-deps onnxruntime-gpu"


def test_devices_are_those_whose_library_came_with_the_runtime(
    installed: dict[str, str | None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "capi").mkdir()
    for name in ("shared", "cuda", "tensorrt"):
        (tmp_path / "capi" / f"libonnxruntime_providers_{name}.so").touch()
    monkeypatch.setattr(doctor, "find_spec", lambda name: Found((str(tmp_path),)) if name == "onnxruntime" else None)
    assert doctor.stack().devices == {"onnxruntime": ("cpu", "cuda", "tensorrt")}


def test_without_git_or_an_installed_costlens_the_rest_is_told(
    installed: dict[str, str | None], monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    def missing(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "requires", missing)
    monkeypatch.setenv("PATH", "")
    found = told(run)
    assert found["tools"] == {"git": None}
    assert {package["wanted"] for package in found["packages"]} == {""}  # type: ignore[attr-defined]
    assert "git is missing" in run("doctor", columns="200").stdout


def test_it_says_where_the_cache_is(installed: dict[str, str | None], run: Run, tmp_path: Path) -> None:
    assert told(run)["cache"] == {"folder": str(tmp_path / "cache"), "is_writable": True, "kept": []}
    assert f"Cache: {tmp_path / 'cache'}, nothing" in run("doctor", columns="300").stdout


@pytest.mark.process
def test_it_imports_nothing_heavy() -> None:
    import subprocess

    code = "import sys; from costlens.tasks.doctor import stack; stack(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"tensorflow", "keras", "onnx", "onnxruntime", "numpy", "pandas", "matplotlib", "ai_edge_litert"}
    assert heavy.isdisjoint(loaded)
    assert "costlens.tasks.doctor" in loaded
