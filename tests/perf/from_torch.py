"""Networks of torchvision as ONNX files → counts and specs: what was proven of each, or what is missing.

``torch_files.py`` writes the files into a folder; then, from the project's root:
COSTLENS_TORCH_FILES=FOLDER PYTHONPATH=. python tests/perf/from_torch.py [--full]
"""

import json
import os
import time
from pathlib import Path

import _frame

from costlens.errors import CostlensError
from costlens.sources._source import Asked, Model
from costlens.sources.find import models
from costlens.spec.loading import loads
from costlens.tasks._recognised import proven_file

FEW = ("mobilenet_v2-dynamo", "squeezenet1_1-script")
HEADERS = (
    "file", "nodes", "parameters", "torchvision's", "MACs", "torchvision's, G", "rows", "outputs, relative", "s",
)  # fmt: skip


def measure(full: bool) -> tuple[list[str], bool]:
    """Return the page, and whether a count differs from torchvision's."""
    folder = Path(os.environ["COSTLENS_TORCH_FILES"])
    facts = json.loads((folder / "facts.json").read_text())
    rows, missing, differ = [], [], []
    for path in sorted(folder.glob("*.onnx")):
        if not full and path.stem not in FEW:
            continue
        (model,) = models([str(path)], Asked())
        told = facts[path.stem.rpartition("-")[0]]
        if model.macs is None or abs(model.macs / 1e9 - told["gmacs"]) > 0.001:  # as it is printed
            differ.append(f"{path.stem}: {(model.macs or 0) / 1e9:.3f} G MACs, torchvision {told['gmacs']} G")
        row = row_of(path, model, told)
        (rows if isinstance(row, list) else missing).append(row)
        _frame.progress(row if isinstance(row, list) else [row])
    every = len(rows) + len(missing)
    lines = [
        f"{every} files, of each network one by each of PyTorch's exporters. All {every} are counted; "
        f"{len(rows)} become specs: these have the parameters and MACs of the file, their text is read as the same "
        "graph, and with the file's weights their outputs agree to 1e-4 of the largest value.",
        "",
        "torchvision's figures are those that it prints for its weights. Exporters fold norms and leave biases of "
        "zeros out, so files hold fewer parameters.",
        "",
        *_frame.table(HEADERS, rows),
        "",
        *([f"{len(differ)} have other MACs than torchvision prints:", ""] if differ else []),
        *(f"- {one}" for one in differ),
        *([""] if differ else []),
        f"{len(missing)} files become no spec:",
        "",
        *(f"- {one}" for one in missing),
    ]
    return lines, bool(differ)


def row_of(path: Path, model: Model, told: dict[str, float]) -> list[str] | str:
    """Return the row of a file, or what of it has no kind."""
    start = time.monotonic()
    try:
        proven = proven_file(model, path.stem.replace("-", "_"))
    except CostlensError as error:
        first, *others = str(error).splitlines()
        why = others[0].strip() if others else first
        return f"{path.stem}: {first.partition(': ')[2].removesuffix('; nothing was written')}; the first: {why}"
    graph = loads(proven.text).graph
    return [
        path.stem, str(len(model.count.rows)), f"{model.count.totals.deployed_params:,}", f"{told['parameters']:,}",
        f"{model.macs:,}", f"{told['gmacs']:.3f}", str(len(list(graph.rows()))), f"{proven.worst:.0e}",
        f"{time.monotonic() - start:.0f}",
    ]  # fmt: skip


if __name__ == "__main__":
    _frame.run("from_torch", "Networks of torchvision as specs", measure, machine=False)
