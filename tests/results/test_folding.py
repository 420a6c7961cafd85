"""Rows of model files fold by the paths in their nodes' names; sums stay what they were."""

import pytest

from costlens.results.counts import CountRow, ModelCount, Totals
from costlens.results.folding import folded

ROWS = [
    ("/model.0/conv/Conv", "Conv", 100),
    ("/model.0/act/Mul", "Mul", 0),
    ("/model.1/Conv", "Conv", 50),
    ("Reshape_7", "Reshape", 0),
    ("/model.0/again/Conv", "Conv", 7),
]


def count(macs: list[int | None] | None = None) -> ModelCount:
    rows = tuple(
        CountRow(name, kind, macs=own, deployed_params=1, live_bytes=own, input=(1,), output=(number,))
        for number, ((name, kind, _), own) in enumerate(zip(ROWS, macs or [row[2] for row in ROWS], strict=True))
    )
    return ModelCount(name="net", batch=1, totals=Totals(macs=157), status={}, uncounted=(), rows=rows)


# depth, the rows with their kinds and MACs
FOLDED = [
    (None, [(name, kind, macs) for name, kind, macs in ROWS]),
    (1, [("model", "3 nodes", 150), ("Reshape_7", "Reshape", 0), ("/model.0/again/Conv", "Conv", 7)]),
    (2, [("model.0", "2 nodes", 100), *ROWS[2:]]),
    (9, ROWS),
]


@pytest.mark.parametrize(("depth", "expected"), FOLDED, ids=str)
def test_rows_of_one_block_are_one(depth: int | None, expected: list[tuple[str, str, int]]) -> None:
    found = folded(count(), depth)
    assert [(row.name, row.kind, row.macs) for row in found.rows] == expected
    assert sum(row.deployed_params or 0 for row in found.rows) == len(ROWS)
    assert found.totals.macs == sum(row.macs or 0 for row in found.rows)


def test_a_block_is_from_its_first_input_to_its_last_output_and_is_not_known_where_a_part_is_not() -> None:
    block = folded(count([None, 3, 4, 5, 6]), 1).rows[0]
    assert (block.input, block.output, block.macs, block.live_bytes) == ((1,), (2,), None, None)


def test_a_block_that_is_interrupted_is_several_rows_of_different_names() -> None:
    rows = tuple(CountRow(name, "Conv", macs=1, deployed_params=0) for name in ("a/1", "a/2", "b", "a/3", "a/4"))
    found = folded(ModelCount(name="n", batch=1, totals=Totals(), status={}, uncounted=(), rows=rows), 1)
    assert [row.name for row in found.rows] == ["a", "b", "a #2"]
