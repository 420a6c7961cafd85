"""A kind of convolution is one file: a toy one, written into the room of a fresh process, is known everywhere."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.process


HALVES = '''
"""Halves: two groups."""

from costlens.arithmetic.cost import Quotient
from costlens.network.variants._kind import ConvolutionKind


class Halves(ConvolutionKind):
    """Conv K_h×K_w M → N in two groups: K_h·K_w·M·N/2 weights."""

    formula = "1/2 of it"

    def refusal(self, layer, shape):
        odd = layer.filters % 2 or shape[-1] % 2
        return super().refusal(layer, shape) or ("odd channels" if odd else None)

    def parts(self, layer, shape):
        return (("both", layer.model_copy(update={"groups": 2})),)

    def terms(self, layer, shape):
        return (Quotient(below=(2,)),)
'''
SPEC = """
name: toy
input: [8, 8, 4]
defaults: {conv: {bias: false, norm: batch}}
layers:
- conv: {name: a, filters: 6, kernel: 3}
- halves: {name: b, filters: 4, kernel: 3, activation: relu}
- conv: {name: c, filters: 5, kernel: 3}
"""
MAIN = """
import sys
import costlens.network.variants
costlens.network.variants.__path__.append(sys.argv.pop(1))
from costlens.__main__ import main
main()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("toy")
    (made / "kinds").mkdir()
    (made / "kinds" / "halves.py").write_text(HALVES)
    (made / "toy.yaml").write_text(SPEC)
    return made


def costlens(folder: Path, *arguments: str) -> str:
    """Run the command line in a process whose kinds of convolution include those of the folder."""
    done = subprocess.run(
        [sys.executable, "-c", MAIN, str(folder / "kinds"), *arguments],
        cwd=ROOT, env={"COLUMNS": "120", "COSTLENS_CACHE": str(folder / "cache")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_listed_with_its_formula(folder: Path) -> None:
    assert "halves" in costlens(folder, "kinds")
    assert "MACs ÷ standard: 1/2 of it" in costlens(folder, "kinds", "halves")
    assert '"$ref": "#/definitions/halves"' in costlens(folder, "schema")
    assert "halves" in costlens(folder, "count", "--help")


def test_it_is_a_word_of_specs_and_takes_the_defaults_of_conv(folder: Path) -> None:
    rows = list(csv.DictReader(costlens(folder, "count", str(folder / "toy.yaml"), "--format", "csv").splitlines()))
    assert [row["name"] for row in rows] == ["a", "b.both", "c"]
    # six channels in two groups, no bias, and a norm of 4·4 numbers
    assert (rows[1]["convolution"], int(rows[1]["params"])) == ("halves", 3 * 3 * 3 * 4 + 16)


def test_it_is_a_variant_beside_the_others(folder: Path) -> None:
    text = costlens(folder, "count", str(folder / "toy.yaml"), "--variant", "all")
    assert "halves: 1 convolution left alone: 1 odd channels" in text
    standard, halves = (
        costlens(folder, "count", str(folder / "toy.yaml"), "--variant", kind, "--format", "csv").count(",3×3,")
        for kind in ("standard", "halves")
    )
    assert standard == halves == 3


@pytest.mark.tensorflow
def test_it_is_built_exported_and_proven(folder: Path) -> None:
    text = costlens(folder, "verify", str(folder / "toy.yaml"), "--variant", "halves")
    assert "toy · halves: all agree" in text
