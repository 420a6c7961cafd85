"""The committed tables of the papers: every figure as expected, every remark true, every page a table."""

import re
from functools import cache
from math import prod

import pytest

from costlens.network.count import count
from costlens.results.published import PublishedDocument, PublishedFigure
from costlens.tasks.tables import tables
from tests.cases.counted import load
from tests.cases.networks import MOBILENET, mobilenet, yamnet
from tests.places import ROOT

FOLDER = ROOT / "reports" / "published"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def committed(name: str) -> PublishedDocument:
    """Compare one of the committed documents, once for all tests."""
    return tables((FOLDER / f"{name}.yaml").relative_to(ROOT))


@pytest.fixture
def at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in the repository, whence the documents' paths are relative."""
    monkeypatch.chdir(ROOT)


@pytest.mark.usefixtures("at_root")
@pytest.mark.parametrize("name", NAMES)
def test_every_figure_is_as_expected(name: str) -> None:
    assert committed(name).unexpected == ()


def test_every_page_is_of_a_document() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.md")) == sorted(["README", *NAMES])


@pytest.mark.parametrize("name", [*NAMES, "README"])
def test_pages_are_tables_that_github_reads(name: str) -> None:
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    tables = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    assert tables
    for table in tables:
        rows = [re.split(r"(?<!\\)\|", line) for line in table.splitlines()]
        assert {len(row) for row in rows} == {len(rows[0])}
        assert {len(line) for line in table.splitlines()} == {len(table.splitlines()[0])}
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (FOLDER / link).exists(), link


def lines(name: str, label: str) -> list[PublishedFigure]:
    """Return the lines of a committed document whose label begins so."""
    return [line for line in committed(name).figures if line.label.startswith(label)]


def remark(name: str, label: str) -> str:
    """Return the one remark of those lines."""
    (said,) = {line.remark for line in lines(name, label) if line.remark}
    return said


@pytest.mark.usefixtures("at_root")
def test_what_remarks_say_of_slips_read_literally() -> None:
    printed = (*MOBILENET[:12], (2, 1024))
    for name, label, net in (
        ("yamnet", "stem", yamnet(image=(96, 64, 3))),
        ("mobilenet", "stage13.depthwise", mobilenet(stages=printed)),
    ):
        assert f"{count(net).totals.macs:,}" in remark(name, label)
    assert f"{count(yamnet(stages=printed)).totals.macs:,}" in " ".join(
        line.remark for line in lines("yamnet", "stage13.depthwise")
    )


@pytest.mark.usefixtures("at_root")
def test_what_remarks_say_of_other_counts() -> None:
    """BC-ResNet: 2 a normalised value and 1 a ReLU's besides; DS-CNN: 2 a MAC and 1 a bias."""
    for line in (each for each in lines("modern", "BC-ResNet") if each.known):
        settings = dict(pair.split("=") for pair in line.counted)
        net = load("specs/bc_resnet_1.yaml", settings).graph
        values = [(node.layer.kind(), prod(net.shapes[node.name])) for node in net.nodes]
        beside = sum(size * (2 * ("norm" in kind) + (kind == "relu")) for kind, size in values)
        assert line.figure is not None
        assert line.figure.holds(count(net).totals.macs + beside), line.label
    for line in lines("modern", "DS-CNN"):
        rows = count(load(f"specs/ds_cnn_{line.label[-1].lower()}.yaml").graph).rows
        assert line.figure is not None
        assert line.figure.holds(sum(2 * row.macs + (prod(row.output) if row.macs else 0) for row in rows)), line.label
    shuffles = [line for line in lines("modern", "ShuffleNet") if line.known and line.figure]
    above = [100 * line.figure.value / float(line.ours) - 100 for line in shuffles if line.figure]
    assert [round(percent, 1) for percent in above] == [0.8, 1.1, 1.3]
