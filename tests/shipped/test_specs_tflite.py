"""Small specs written for LiteRT count as the specs: the file's operators against the graph, row sums and totals."""

import re
from pathlib import Path
from typing import Any

import pytest

from costlens.export.conversions import model_file
from costlens.network.layers._recurrent import Recurrent
from costlens.readers.tflite import read
from costlens.results.counts import ModelCount
from tests.cases.counted import load, variants_of
from tests.cases.exported import exported
from tests.cases.small_specs import for_litert
from tests.places import ROOT

pytestmark = pytest.mark.tensorflow

ZEROS = re.compile(r"([\d,]+) of its parameters are biases of zeros")


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COSTLENS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def zeros(notes: tuple[str, ...]) -> int:
    """Return how many parameters are zeros that the converter added as biases."""
    return sum(int(said[1].replace(",", "")) for note in notes if (said := ZEROS.match(note)))


def of_onnx_alone(file: str) -> int:
    """Return how many biases of recurrent layers an ONNX operator has beside Keras's, which are those of LiteRT."""
    graph = load(ROOT / file).graph
    recurrent = [node for node in graph.nodes if isinstance(node.layer, Recurrent) and not node.weights]
    costs = ((node.layer, graph.input_shapes(node)) for node in recurrent)
    return sum(layer.deployed(*shapes) - layer.cost(*shapes).params for layer, shapes in costs)


def of_blocks(file: str, counted: ModelCount) -> int:
    """Return the MACs that LiteRT adds where it cuts a signal into ``dilation`` blocks, which rounds its length up."""
    graph = load(ROOT / file).graph
    cut = {row.name.split("/")[-3].removesuffix("_1") for row in counted.rows if row.kind == "BATCH_TO_SPACE_ND"}
    layers = [(node.layer, graph.input_shapes(node)) for node in graph.nodes if node.name in cut]
    return sum(layer.cost(*of).macs // of[0][0] * (-of[0][0] % layer.dilation) for layer, of in layers)


@pytest.mark.parametrize("file", for_litert(), ids=lambda file: Path(file).stem)
def test_a_spec_and_its_file_for_litert_have_one_count(file: str) -> None:
    spec = variants_of(file)[0].totals
    counted = read(model_file(exported(ROOT / file), "litert"))
    assert (counted.totals.macs, counted.status["macs"]) == ((spec.macs or 0) + of_blocks(file, counted), "complete")
    stored = (counted.totals.deployed_params or 0) - zeros(counted.notes)
    assert stored == (spec.deployed_params or 0) - of_onnx_alone(file)
    assert counted.totals.weight_bytes == 4 * (counted.totals.deployed_params or 0)


@pytest.mark.parametrize("name", ["separable_example", "ds_cnn_s", "keyword_head"])
def test_a_spec_in_int8_has_the_same_count_in_fewer_bytes(name: str) -> None:
    spec = variants_of(f"specs/{name}.yaml")[0].totals
    counted = read(model_file(exported(ROOT / "specs" / f"{name}.yaml"), "litert", "int8"))
    assert (counted.totals.macs, counted.status["macs"]) == (spec.macs, "complete")
    stored = (counted.totals.deployed_params or 0) - zeros(counted.notes)
    assert stored == spec.deployed_params
    assert (spec.deployed_params or 0) <= (counted.totals.weight_bytes or 0) < 2 * (counted.totals.deployed_params or 0)
