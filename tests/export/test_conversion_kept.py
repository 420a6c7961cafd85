"""Converted files without a conversion: when they are made again, and how long the one that is tried may take."""

import shutil
from pathlib import Path

import pytest

from costlens.bench.process import ProcessFailed
from costlens.export import conversions as conversion
from costlens.export.conversions import _comparison
from costlens.export.conversions._conversion import code
from costlens.export.conversions.onnxruntime_int8 import OnnxruntimeInt8
from costlens.storage import cache
from tests.places import ROOT


@pytest.fixture
def onnx(tmp_path: Path) -> Path:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"a network")
    return path


def test_a_changed_line_or_version_makes_a_converted_file_again(
    onnx: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "costlens"
    shutil.copytree(ROOT / "costlens", package)

    def changed(place: str) -> bool:
        file, digest, own = package / place, code.__wrapped__, package / "runtimes/litert.py"
        before = digest(package, own)
        file.write_text(file.read_text() + "# changed\n")
        return bool(digest(package, own) != before)

    made_by = ["export/conversions/_keras.py", "export/passes/__init__.py", "export/keras_model.py"]
    made_by += ["network/layers/conv.py"]
    made_by += [f"runtimes/{name}.py" for name in ("litert", "onnxruntime", "_inputs")]
    assert [place for place in made_by if not changed(place)] == []
    others = ("tasks/sweep.py", "commands/sweep.py", "runtimes/tensorflow.py")
    assert [place for place in others if changed(place)] == []

    known: dict[str, str] = {}
    monkeypatch.setattr(cache, "versions", lambda names: {name: known.get(name, "absent") for name in names})
    source, made = conversion.Source(onnx, "0" * 64), OnnxruntimeInt8()
    plain = made.key(source, 1)
    known["onnxruntime-gpu"] = "1.31"
    assert made.key(source, 1) != plain


def test_a_file_that_never_answers_has_a_deadline_by_its_size(onnx: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _comparison.deadline_s(onnx) == pytest.approx(300.0)
    folder = onnx.with_name("variables")
    folder.mkdir()
    with (folder / "variables.data").open("wb") as file:
        file.truncate(10**9)
    assert _comparison.deadline_s(onnx) == pytest.approx(400.0)
    asked = []

    def hangs(module: str, job: object, kind: type, deadline_s: float, *, remedy: str) -> None:
        asked.append(deadline_s)
        raise ProcessFailed(f"it may hang; {remedy}")

    monkeypatch.setattr(_comparison, "in_child", hangs)
    with pytest.raises(ProcessFailed, match=r"it may hang; leave its runtime out \(--runtime\)"):
        _comparison.predict("litert", onnx, [])
    assert asked == [pytest.approx(400.0)]
