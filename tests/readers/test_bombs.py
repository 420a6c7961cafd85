"""No small file takes much time or memory: each of these is counted, or refused, in a process of its own."""

from pathlib import Path

import pytest

from tests.cases.onnx_bombs import BOMBS
from tests.cases.onnx_cases import save
from tests.fakes.judged_models import FAULTS, LIMIT_BYTES, Judge, counted


@pytest.fixture(scope="module")
def count() -> Judge:
    return Judge(counted)


@pytest.mark.parametrize("title", BOMBS)
def test_a_bomb_takes_little(title: str, tmp_path: Path, count: Judge) -> None:
    verdict = count(str(save(tmp_path / "m.onnx", *BOMBS[title]())))
    assert verdict.word not in FAULTS, verdict
    assert verdict.held_bytes < LIMIT_BYTES
