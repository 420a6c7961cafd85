"""The first draft of the speech embedding: it does not build on 64×64, and the error says which layer and why."""

from __future__ import annotations

import pytest

from costlens.errors import SpecError
from costlens.spec.loading import loads

FIRST = """\
name: first_draft
knobs: {size: 64}
input: [size, size, 3]
defaults:
  conv: {kernel: 3, padding: valid, activation: relu}
layers:
  - conv: {filters: 32}
  - max_pool: 2
  - conv: {filters: 64}
  - max_pool: 2
  - conv: {filters: 128}
  - max_pool: 2
  - conv: {filters: 256}
  - max_pool: 2
  - conv: {filters: 512}
  - max_pool: 2
  - flatten
"""


def test_the_error_says_which_layer_and_why() -> None:
    with pytest.raises(SpecError) as caught:
        loads(FIRST, file="first_draft.yaml")
    assert [str(problem) for problem in caught.value.problems] == [
        "first_draft.yaml:15:5: layers[8].conv: conv5: conv: kernel 3 is larger than its padded input 2; "
        "use padding: same, a smaller kernel, or pool less before it"
    ]


def test_the_smallest_image_it_builds_on() -> None:
    """Backwards from one cell behind the last pool: 2, 4; 8, 10; 20, 22; 44, 46; 92, 94."""
    assert loads(FIRST, settings={"size": 94}).graph.outputs == ("flatten1",)
    with pytest.raises(SpecError, match="max_pool5: max_pool: kernel 2 is larger than its padded input 1"):
        loads(FIRST, settings={"size": 93})
