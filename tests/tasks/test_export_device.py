"""Files for devices: converted, compared with Keras before they are written, and nothing half written."""

import re
from pathlib import Path

import numpy as np
import pytest

from costlens.analysis.ledger import NOISE_TOLERANCE, converted_check
from costlens.results.facts import ConvertedOutput
from tests.fakes.command_line import Run

SPEC = """
name: dense
input: [12]
layers:
  - dense: {units: 16, activation: relu}
  - dense: 4
"""
# scale, deviation, step, noise, largest error: whether it agrees, a part of what is said
CONVERTED = [
    (2.0, 0.5, 0.0, 1e-6, 1e-5, True, "4 examples"),
    (2.0, 0.5, 0.0, 1e-3, 1e-2, False, "largest value 2"),
    (2.0, 0.5, 0.01, 0.2, 1.0, True, "step 0.01"),
    (2.0, 0.5, 0.01, 0.5 * NOISE_TOLERANCE + 0.011, 1.0, False, "standard deviation 0.5"),
    (2e-3, 1e-4, 1 / 256, 1e-3, 2e-3, True, "its agreement proves little"),
    (2.0, 0.5, 0.01, float("nan"), 1.0, False, "step 0.01"),
]


@pytest.mark.parametrize(("scale", "deviation", "step", "noise", "largest", "agrees", "said"), CONVERTED)
def test_an_output_of_integers_may_be_as_noisy_as_rounding_makes_it(
    scale: float, deviation: float, step: float, noise: float, largest: float, agrees: bool, said: str
) -> None:
    check = converted_check(ConvertedOutput("", 4, scale, deviation, step, noise, largest), "int8")
    assert check.agrees == agrees
    assert said in check.note


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "dense.yaml").write_text(SPEC)
    return tmp_path


@pytest.mark.tensorflow
def test_a_file_in_int8_and_the_same_as_an_array_of_c(here: Path, run: Run) -> None:
    done = run("export", "dense.yaml", "--format", "tflite", "--precision", "int8", columns="120")
    assert done.returncode == 0, done.stderr
    assert re.search(r"dense-int8.tflite: [\d,]+ bytes, 9 checks agree", done.stdout)
    assert "calibrated on random inputs" in done.stdout
    data = (here / "dense-int8.tflite").read_bytes()
    done = run("export", "dense.yaml", "--format", "c", "--precision", "int8", "-o", "model.h", "--format", "json")
    text = (here / "model.h").read_text()
    assert bytes(int(byte, 16) for byte in re.findall(r"0x([0-9a-f]{2})", text)) == data
    assert f"static const unsigned int model_len = {len(data)};" in text
    assert '"name": "model.h"' in done.stdout
    again = run("export", "dense.yaml", "--format", "c", "--precision", "int8", "-o", "other/model.h")
    assert (again.returncode, (here / "other" / "model.h").read_text()) == (0, text)

    # ranges of examples a thousand times as large give the input another step
    np.savez("large.npz", input=1000 * np.random.default_rng(0).standard_normal((8, 12)).astype(np.float32))
    done = run("export", "dense.yaml", "-o", "large.tflite", "--precision", "int8", "--calibration", "large.npz")
    assert done.returncode == 0, done.stderr
    assert "calibrated on 8 examples of large.npz" in done.stdout
    assert (here / "large.tflite").read_bytes() != data

    left = sorted(path.name for path in here.iterdir())
    np.savez("narrow.npz", input=np.ones((8, 11), np.float32))
    np.savez("named.npz", x=np.ones((8, 12), np.float32))
    for given, said in (
        (["--calibration", "narrow.npz"], "narrow.npz: input has shape 8×11, dense.yaml takes examples×12"),
        (["--calibration", "named.npz"], "named.npz: has no input, which dense.yaml takes; it has x"),
        (["--calibration", "none.npz"], "--calibration none.npz: no such file; write one with numpy.savez"),
        (["--calibration", "dense.yaml"], "--calibration dense.yaml: cannot be read as an .npz file"),
    ):
        done = run("export", "dense.yaml", "-o", "no.tflite", "--precision", "int8", *given, columns="200")
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    done = run("export", "dense.yaml", "-o", "no.tflite", "--calibration", "large.npz")
    assert (done.returncode, "only integers are calibrated; add --precision int8" in done.stderr) == (2, True)
    done = run("export", "dense.yaml", "-o", "/proc/no.tflite")
    assert done.returncode == 2
    assert sorted(path.name for path in here.iterdir()) == sorted([*left, "named.npz", "narrow.npz"])


def test_words_that_do_not_go_together(here: Path, run: Run) -> None:
    for given, said in (
        (["--format", "tflite", "-o", "no.onnx"], "no.onnx: --format tflite writes .tflite, and this name says onnx"),
        (["--format", "onnx", "-o", "no.tflite"], "no.tflite: --format onnx writes .onnx, and this name says tflite"),
        (["--format", "onnx", "--format", "c"], "--format onnx and c are two kinds of file; leave one out"),
        (["-o", "no.onnx", "--format", "json", "--format", "csv"], "json and csv are two ways to print"),
        (["-o", "no.onnx", "--precision", "int8"], "--precision int8: .onnx is written in fp32"),
        (["-o", "no.onnx", "--format", "jsn"], '(did you mean "json"?)'),
        ([], "export: which file? name it with --output"),
    ):
        done = run("export", "dense.yaml", *given, columns="200")
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert [path.name for path in here.iterdir()] == ["dense.yaml"]


@pytest.mark.tensorflow
def test_what_a_device_holds_is_part_of_the_ledger(here: Path, run: Run) -> None:
    done = run("verify", "dense.yaml", "--precision", "int8", columns="200")
    assert done.returncode == 0, done.stderr
    assert "bytes of weights, int8" in done.stdout
    assert "arena, int8" in done.stdout
    refused = run("verify", "dense.yaml", "--precision", "fp16")
    assert (refused.returncode, "litert has files in fp32 and int8 only" in refused.stderr) == (2, True)
