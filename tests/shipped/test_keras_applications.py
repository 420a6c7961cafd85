"""The page of keras.applications: all networks are on it, and some are counted again."""

from math import prod
from pathlib import Path

import pytest

from costlens import frameworks
from costlens.readers.keras import read
from tests.cases.keras_shapes import SPECS, applications, macs, made
from tests.places import ROOT

PAGE = Path(ROOT) / "reports" / "perf" / "keras_applications.md"
COUNTED = ("MobileNetV2", "EfficientNetV2B0", "NASNetMobile")
"""Networks that are built fast and have what the others have."""


def lines() -> dict[str, dict[str, str]]:
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    header, _, *networks = rows
    return {row[0]: dict(zip(header, row, strict=False)) for row in networks}


def test_the_page_holds_every_network_and_all_its_numbers_agree() -> None:
    page = lines()
    assert sorted(page) == sorted(applications(frameworks.keras()))
    assert "All numbers of a row are equal." in PAGE.read_text(encoding="utf-8")
    for name, row in page.items():
        assert (row["not counted"], row["MACs by shapes"]) == ("0", row["MACs"]), name
        assert row["MACs of the spec"].strip() in ("", row["MACs"]), name
        assert bool(row["MACs of the spec"].strip()) == (name in SPECS), name
    files = [row["MACs of the file"] for row in page.values() if row["MACs of the file"].strip()]
    assert len(files) == 10
    assert all(row["MACs of the file"].strip() in ("", row["MACs"]) for row in page.values())


@pytest.mark.parametrize("name", COUNTED)
def test_a_network_counts_as_the_page_says(name: str) -> None:
    model = made(frameworks.keras(), name)
    totals, row = read(model).totals, lines()[name]
    assert f"{totals.params:,} {totals.trainable:,} {totals.macs:,}" == " ".join(
        row[figure] for figure in ("parameters", "trainable", "MACs")
    )
    assert totals.params == model.count_params()
    assert totals.trainable == sum(prod(weight.shape) for weight in model.trainable_weights)
    assert totals.macs == macs(model)
