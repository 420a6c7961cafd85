"""One measurement at a time on a machine: another waits and says so, and goes on when the first one ends."""

import tempfile
import threading
from pathlib import Path

import pytest

from costlens.errors import BenchError
from costlens.storage import measuring
from costlens.storage.measuring import measuring_alone


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_second_measurement_waits_for_the_first() -> None:
    said: list[str] = []
    waits = threading.Event()

    def second() -> None:
        with measuring_alone(waits.set):
            said.append("second")

    with measuring_alone(lambda: said.append("nobody is waited for")):
        other = threading.Thread(target=second)
        other.start()
        assert waits.wait(10)
        said.append("first")
    other.join(10)
    assert said == ["first", "second"]


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_PATIENCE_S", 0.0)
    too_long = "another process has been measuring for an hour"
    with measuring_alone(str), pytest.raises(BenchError, match=too_long), measuring_alone(str):
        pytest.fail("it was held")


def test_where_nothing_can_be_locked_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "costlens-measuring").write_text("a file, no folder", encoding="utf-8")
    with measuring_alone(lambda: pytest.fail("nobody is there")):
        pass
