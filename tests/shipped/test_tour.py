"""The notebook: it runs from a clean cache, and shows what is committed wherever that is not a time.

COSTLENS_RENEW_GOLDEN=1 writes what it shows now. Cells whose outputs are of one machine are tagged ``times``.
"""

import os
import re
from copy import deepcopy
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.places import ROOT

TOUR = ROOT / "reports" / "tour.ipynb"
pytestmark = [pytest.mark.tensorflow, pytest.mark.measures]
MOST_BYTES = 200_000


def committed() -> Any:
    return nbformat.read(TOUR, as_version=4)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run the notebook as somebody does who has just installed costlens."""
    clean = tmp_path_factory.mktemp("clean")
    places = {name: str(clean / name) for name in ("COSTLENS_CACHE", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "TMPDIR")}
    (clean / "TMPDIR").mkdir()
    asked = {**os.environ, **places, "PYTHONPATH": str(ROOT), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    asked.pop("COLUMNS", None)
    notebook = deepcopy(committed())
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute(cwd=str(clean), env=asked)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}
    if os.environ.get("COSTLENS_RENEW_GOLDEN"):
        nbformat.write(notebook, TOUR)
    return notebook


def shown(notebook: Any) -> list[tuple[str, Any]]:
    """Return what the cells show, without what differs from run to run: times, and how long the steps took."""
    return [
        (cell.source, [each for each in cell.outputs if each.output_type != "display_data"])
        for cell in notebook.cells
        if cell.cell_type == "code" and "times" not in cell.metadata.get("tags", ())
    ]


def test_it_shows_what_is_committed(ran: Any) -> None:
    assert shown(ran) == shown(committed())


def test_what_takes_long_is_one_line_that_says_how_it_ended(ran: Any) -> None:
    lines = [each.data for cell in ran.cells for each in cell.get("outputs", ()) if each.output_type == "display_data"]
    assert len(lines) == 4
    for line in lines:
        assert re.fullmatch(r"done: (?:[a-z ]+ \d+ s(?:, )?)+", line["text/plain"])
    names = [each.get("name") for cell in ran.cells for each in cell.get("outputs", ())]
    assert "stderr" not in names


def test_every_result_is_a_table_and_text(ran: Any) -> None:
    results = [each.get("data", {}) for cell in ran.cells for each in cell.get("outputs", ())]
    tables = [data for data in results if "text/markdown" in data]
    assert len(tables) >= 8
    for data in tables:
        assert "<table>" in data["text/html"]
        assert not re.match(r"\w+\(", data["text/plain"]) or data["text/plain"].startswith("Model(")


def test_what_is_committed_is_small_and_of_no_machine() -> None:
    text = TOUR.read_text(encoding="utf-8")
    assert len(text.encode()) <= MOST_BYTES
    assert not re.search(r"/tmp|/home|/root|/Users|[A-Z]:\\\\|\\u001b|\"execution\"", text)
    for cell in committed().cells:
        assert cell.cell_type == "markdown" or not [each for each in cell.outputs if each.output_type == "error"]


def test_its_links_lead_to_files() -> None:
    linked = {target for cell in committed().cells for target in re.findall(r"\]\((\.\.[^)#\s]+)", cell.source)}
    assert len(linked) >= 6
    for target in linked:
        assert (TOUR.parent / target).exists(), target
