"""The wheel, installed as a user does it: what each part can do in an environment that has nothing else."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

MOST_MB = {"base": 50, "onnx": 250}
"""costlens and what it needs, without pip: docs/installing.md says 40 and 209 MB."""
IN_THE_BASE = {"graphlay", "jinja2", "protobuf", "pydantic", "rich", "ruamel.yaml", "simpleeval"}
IN_ONNX = {"numpy", "onnx", "onnxruntime"}
COUNTING = [
    (("count", "yamnet:standard?classes=10", "--format", "json"), '"macs"'),
    (("count", "net.onnx", "--format", "csv"), "3888"),
    (("list", "yamnet", "--counts", "--format", "csv"), "69165056"),
    (("compare", "yamnet", "mobilenet_v1", "--format", "markdown"), "568,740,352"),
    (("diff", "yamnet", "mobilenet_v1", "--format", "markdown"), "568,740,352"),
    (("check", "yamnet", "net.onnx", "--budget", "macs=70M"), "2 models"),
    (("explain", "resnet50", "--layer", "stem"), "standard"),
    (("count", "yamnet", "--format", "html"), "</html>"),
    (("docs", "counting"), "multiply-accumulate"),
    (("new", "mine"), "layers:"),
    (("cache",), "nothing"),
]
LACKING = [
    (("verify", "yamnet"), "keras"),
    (("export", "yamnet", "-o", "y.onnx"), "keras"),
    (("count", "net.keras"), "keras"),
    (("bench", "net.onnx", "--quick"), "onnx"),
    (("profile", "net.onnx"), "onnx"),
    (("verify", "net.onnx"), "onnx"),
    (("verify", "net.tflite"), "litert"),
    (("count", "net.onnx", "--execute"), "onnx"),
    (("machine",), "onnx"),
]
WITH_ONNX = [
    (("verify", "net.onnx"), "verified"),
    (("bench", "net.onnx", "--quick"), "net.onnx"),
    (("count", "net.onnx", "--execute", "--format", "csv"), "3888"),
    (("count", "yamnet", "--format", "markdown"), "69,165,056"),
]


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    told = {"HOME": str(folder), "COSTLENS_CACHE": str(folder / "cache"), "COLUMNS": "200"}
    versions = {"PIP_CONSTRAINT": str(ROOT / "constraints.txt")}
    return subprocess.run(command, cwd=folder, env=kept | told | versions, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel; skip without a package index."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    if run(sys.executable, "-m", "pip", "download", "--no-deps", "simpleeval", folder=folder).returncode:
        pytest.skip("there is no package index to install from")
    return built


def made(folder: Path, wheel: Path) -> Path:
    """Make a folder with small model files, and beside it an environment with the wheel."""
    from tests.cases.onnx_cases import node, save, weight
    from tests.cases.tflite_files import Op, T, net, x

    environment, here = folder / "environment", folder / "here"
    here.mkdir()
    save(here / "net.onnx", [node("Conv", ["x", "w"], ["y"])], {"x": [1, 3, 8, 8]}, [weight("w", 4, 3, 3, 3)])
    net(here / "net.tflite", [x(1, 4), T("y", (1, 4))], Op("RELU", ["x"], ["y"]))
    (here / "net.keras").touch()
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip(here, "install", str(wheel))
    return here


def pip(place: Path, *words: str) -> None:
    done = run(place.parent / "environment" / "bin" / "python", "-m", "pip", "--quiet", *words, folder=place)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    return made(tmp_path_factory.mktemp("base"), wheel)


@pytest.fixture(scope="module")
def onnx(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """Run the line that is named where the base cannot time an ONNX file."""
    place = made(tmp_path_factory.mktemp("onnx"), wheel)
    line = re.search(r"install it with: pip (install .*)$", costlens(place, "bench", "net.onnx").stderr, re.MULTILINE)
    assert line
    pip(place, *shlex.split(line[1]))
    return place


def costlens(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(place.parent / "environment" / "bin" / "costlens", *words, folder=place)


def there(place: Path) -> set[str]:
    """Return the packages that doctor finds to be there, and as they should be."""
    found = json.loads(costlens(place, "doctor", "--format", "json").stdout)
    states = {package["name"]: package["state"] for package in found["packages"]}
    assert set(states.values()) == {"ok", "missing"}
    return {name for name, state in states.items() if state == "ok"}


def megabytes(place: Path) -> float:
    (site,) = (place.parent / "environment").glob("lib/python*/site-packages")
    installed = (file for file in site.rglob("*") if file.relative_to(site).parts[0] not in ("pip", "setuptools"))
    return sum(file.stat().st_size for file in installed if file.is_file()) / 10**6


@pytest.mark.parametrize(("words", "expected"), COUNTING, ids=[" ".join(words) for words, _ in COUNTING])
def test_the_base_counts(words: tuple[str, ...], expected: str, base: Path) -> None:
    done = costlens(base, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert expected in done.stdout


@pytest.mark.parametrize(("words", "extra"), LACKING, ids=[" ".join(words[:2]) for words, _ in LACKING])
def test_what_needs_more_names_the_line_that_installs_it(words: tuple[str, ...], extra: str, base: Path) -> None:
    done = costlens(base, *words)
    assert (done.returncode, done.stdout) == (5, "")
    assert f'install it with: pip install "costlens-nn[{extra}]"' in done.stderr


def test_the_base_is_small(base: Path) -> None:
    assert there(base) == IN_THE_BASE
    assert megabytes(base) < MOST_MB["base"]


@pytest.mark.parametrize(("words", "expected"), WITH_ONNX, ids=[" ".join(words) for words, _ in WITH_ONNX])
def test_the_line_that_is_named_installs_what_runs_onnx_files(
    words: tuple[str, ...], expected: str, onnx: Path
) -> None:
    done = costlens(onnx, *words)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_onnx_files_run_without_tensorflow(onnx: Path) -> None:
    assert there(onnx) == IN_THE_BASE | IN_ONNX
    assert megabytes(onnx) < MOST_MB["onnx"]
    lacking = costlens(onnx, "verify", "yamnet")
    assert (lacking.returncode, 'pip install "costlens-nn[keras]"' in lacking.stderr) == (5, True)


OTHER_PYTHONS = ("3.12", "3.13")
SHOWN = """
import json, sys
from pathlib import Path
from costlens.results.report import Report
from costlens.tasks._report_folder import texts
print(json.dumps(texts(Report.from_json(Path(sys.argv[1]).read_text(encoding="utf-8")))))
"""


@pytest.mark.parametrize("version", OTHER_PYTHONS)
def test_every_python_writes_the_same_pages(
    version: str, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYENV_VERSION", version)  # where pyenv holds several, one is asked for so
    python = shutil.which(f"python{version}")
    if python is None or run(python, "-c", "import venv", folder=tmp_path).returncode:
        pytest.skip(f"Python {version} is not on this machine")
    assert run(python, "-m", "venv", tmp_path / "environment", folder=tmp_path).returncode == 0
    place = tmp_path / "here"
    place.mkdir()
    pip(place, "install", str(wheel))
    report = ROOT / "reports" / "yamnet" / "report.json"
    shown = run(tmp_path / "environment" / "bin" / "python", "-c", SHOWN, report, folder=place)
    assert shown.returncode == 0, shown.stderr
    pages = json.loads(shown.stdout)
    assert {"report.html", "report.md", "report.svg", "layers.csv"} <= pages.keys()
    assert pages == {name: report.with_name(name).read_text(encoding="utf-8") for name in pages}
