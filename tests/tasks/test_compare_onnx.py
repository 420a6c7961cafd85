"""ONNX files in a comparison, beside the specs that they were exported from: their figures, sizes and times."""

from pathlib import Path

import pytest

from costlens.results.comparison import ComparedModel, Comparison
from costlens.sources._source import Asked
from costlens.tasks._export_target import target
from costlens.tasks._tools import Tools
from costlens.tasks.compare import compare
from costlens.tasks.export import export
from tests.cases.onnx_drafts import CONVOLUTION_MACS, write_net
from tests.fakes.command_line import Run
from tests.places import SPECS

pytestmark = pytest.mark.measures

EXAMPLE = str(SPECS / "separable_example.yaml")


def compared(*words: str | Path, variants: tuple[str, ...] = ()) -> tuple[ComparedModel, ...]:
    return compare([str(word) for word in words], Asked(variants), tools=Tools()).models


def exported(folder: Path, variant: str = "as-written") -> Path:
    """Export the example."""
    export([EXAMPLE], Asked((variant,)), target(folder / "copied.onnx"), tools=Tools())
    return folder / "copied.onnx"


@pytest.mark.parametrize("variant", ["as-written", "factorized"])
def test_an_exported_file_has_the_figures_of_its_spec(variant: str, tmp_path: Path) -> None:
    copied = exported(tmp_path, variant)
    of_spec, of_file = compared(EXAMPLE, copied, variants=(variant,))
    for figure in ("macs", "deployed_params"):
        assert of_file.ratios[figure] == 1.0
        assert of_file.status[figure] == "complete"
    assert (of_file.figures.params, of_file.figures.file_bytes) == (None, copied.stat().st_size)
    assert copied.stat().st_size >= (of_spec.figures.weight_bytes or 0) > 0
    assert any("not known of an ONNX file, in which BatchNorm is folded" in note for note in of_file.notes)
    assert (of_spec.front, of_file.front) == (True, True)  # by deployed parameters, which both have


def test_a_file_is_counted_for_one_example(tmp_path: Path) -> None:
    (one,) = compared(write_net(tmp_path / "net.onnx", 2, batch=4))
    assert (one.label, one.figures.macs, one.figures.deployed_params) == ("net", 2 * CONVOLUTION_MACS, 2 * 9 * 32 * 32)
    assert one.status["traffic_bytes"] == "unavailable"  # weights are read once for all four


def test_the_size_of_a_file_holds_that_of_its_external_data(tmp_path: Path) -> None:
    import onnx

    whole = write_net(tmp_path / "net.onnx", 2)
    apart = tmp_path / "apart.onnx"
    onnx.save(onnx.load(whole), apart, save_as_external_data=True, location="apart.data", size_threshold=1024)
    weights = (tmp_path / "apart.data").stat().st_size
    assert weights >= 2 * 9 * 32 * 32 * 4 > apart.stat().st_size
    one, other = compared(whole, apart)
    assert other.figures.file_bytes == apart.stat().st_size + weights
    assert other.ratios["file_bytes"] == pytest.approx(1, rel=0.1)
    assert (one.figures.macs, one.figures.deployed_params) == (other.figures.macs, other.figures.deployed_params)
    (tmp_path / "apart.data").unlink()
    (lost,) = compared(apart)
    assert (lost.figures.file_bytes, lost.status["file_bytes"]) == (None, "unavailable")
    assert lost.notes[-1] == "its size is not known: a file of its external data is not beside it"


def test_a_spec_and_its_file_are_timed_for_real(run: Run, tmp_path: Path) -> None:
    """A network and a copy of its file: both have a time, and take about the same."""
    copied = exported(tmp_path)
    done = run("compare", EXAMPLE, str(copied), "--bench", "--quick", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = Comparison.from_json(done.stdout)
    of_spec, of_file = found.models
    assert found.timing is not None
    assert (found.timing.measured, found.timing.processes, found.timing.failed, found.failed) == (True, 3, (), ())
    for one in (of_spec, of_file):
        assert one.time is not None
        assert one.time.measured
        assert 0 < one.time.interval_ms[0] <= one.time.median_ms <= one.time.interval_ms[1]
    assert of_file.time_ratio is not None
    assert of_file.time_ratio.low is not None
    assert 0.1 < of_file.time_ratio.ratio < 10
    assert of_file.time_ratio.confidence == 0.75  # three processes settle nothing
    assert of_spec.figures.file_bytes == of_file.figures.file_bytes == copied.stat().st_size
    assert (of_spec.disagreement, of_file.disagreement) == ("", "")
    assert of_spec.front or of_file.front
