"""The work of reading and counting a network grows as its layers do, and no faster: calls are counted, not time."""

import sys
from types import FrameType
from typing import Any

import pytest

from costlens.network.count import counted_variants
from costlens.spec.loading import loads

SPECS = {
    "a chain": "{conv: {filters: 8, kernel: 3, norm: batch, activation: relu}}",
    "residuals": "{residual: {body: [{conv: {filters: 8, kernel: 3}}, {conv: {filters: 8, kernel: 3}}]}}",
    "branches": "{branches: [[{conv: {filters: 4, kernel: 3}}], [{separable: {filters: 4, kernel: 5}}]]}",
}


def calls(layer: str, times: int) -> int:
    """Return how many Python functions are called for a network of that many layers, read and counted."""
    called = 0

    def seen(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal called
        called += event == "call"

    text = f"name: n\ninput: [8, 8, 8]\nlayers: [{{repeat: {{times: {times}, layers: [{layer}]}}}}]\n"
    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        counted_variants(loads(text).graph, ("as-written", "standard", "separable"))
    finally:
        sys.setprofile(before)
    return called


@pytest.mark.many
@pytest.mark.parametrize("title", SPECS)
def test_twice_the_layers_are_twice_the_work(title: str) -> None:
    calls(SPECS[title], 2)  # what is imported or cached on the first call is no work of the second
    fixed, some, twice = (calls(SPECS[title], times) for times in (1, 31, 61))
    assert twice - fixed < 2.2 * (some - fixed)
