"""What the cache holds, and that clearing it removes what costlens made and nothing else."""

import os
import time
from pathlib import Path

import pytest

from costlens.prediction.table import Conditions, Table, store
from costlens.storage import cache, contents
from costlens.storage.lock import alone
from tests.fakes.command_line import Run

EXPORT, PROOF = "a" * 64, "b" * 64 + ".facts"
BOUNDS, KERNELS = "bounds-0123456789abcdef.json", "kernels-0123456789abcdef.jsonl"
OLD_DRAFT, DRAFT = ".0123456789ab-old_one", ".0123456789ab-young_0"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fill a cache with one of each sort, beside a folder that it links to."""
    made = tmp_path / "cache"
    monkeypatch.setenv("COSTLENS_CACHE", str(made))
    for name in (EXPORT, PROOF, OLD_DRAFT, DRAFT):
        (made / name).mkdir(parents=True)
        (made / name / "file").write_bytes(bytes(1000))
    (made / BOUNDS).write_bytes(bytes(10))
    (made / KERNELS).write_bytes(bytes(20))
    (made / "explorations" / "0123").mkdir(parents=True)
    (made / "explorations" / "0123" / "points.jsonl").write_bytes(bytes(30))
    (made / "notes.txt").write_bytes(bytes(7))
    (made / "my folder").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious").write_bytes(bytes(5000))
    (made / ("c" * 64)).symlink_to(tmp_path / "outside")
    (made / EXPORT / "link").symlink_to(tmp_path / "outside")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(made / OLD_DRAFT, (two_days_ago, two_days_ago))
    return made


def test_each_sort_is_told_with_its_size(place: Path) -> None:
    found = {item.path.name: (item.sort, item.bytes) for item in contents.items()}
    assert found == {
        EXPORT: ("exports", 1000),  # what it links to is not its own
        PROOF: ("proofs", 1000),
        OLD_DRAFT: ("drafts", 1000),
        DRAFT: ("drafts", 1000),
        BOUNDS: ("machine", 10),
        KERNELS: ("machine", 20),
        "explorations": ("explorations", 30),
        "notes.txt": ("of others", 7),
        "my folder": ("of others", 0),
        "c" * 64: ("of others", found["c" * 64][1]),
    }


def test_clearing_leaves_what_is_not_ours_what_is_outside_and_what_is_being_made(place: Path) -> None:
    removed = contents.clear()
    assert {item.path.name for item in removed} == {EXPORT, PROOF, OLD_DRAFT, BOUNDS, KERNELS, "explorations"}
    assert {path.name for path in place.iterdir()} == {DRAFT, "notes.txt", "my folder", "c" * 64}
    assert (place.parent / "outside" / "precious").stat().st_size == 5000
    assert contents.clear() == []


def test_what_the_cache_makes_is_known(place: Path) -> None:
    contents.clear()
    key = "d" * 64
    for name in (key, cache.facts_key(key)):
        cache.entry(name, lambda folder: (folder / "model.onnx").write_text("x") and None)  # type: ignore[func-returns-value]
    kernels = store(Table(Conditions("0" * 16, "a machine")), {})
    assert {item.path.name for item in contents.clear()} == {key, f"{key}.facts", kernels.name}
    assert cache.find(key) is None


def test_points_that_are_being_counted_stay(place: Path) -> None:
    with alone(place / "explorations" / "0123"):
        assert "explorations" not in {item.path.name for item in contents.clear()}
    assert {item.path.name for item in contents.clear()} == {"explorations"}


def test_points_that_were_counted_are_known(place: Path, run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "x.yaml"
    spec.write_text("name: x\ninput: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernel: 3}}]\n", encoding="utf-8")
    contents.clear()
    assert run("explore", str(spec), "--kind", "*=standard,separable").returncode == 0
    assert [item.sort for item in contents.clear()] == ["explorations"]


def test_clearing_waits_for_the_lock(place: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setattr("costlens.storage.lock.PATIENCE_S", 0.05)
    with alone(place):
        done = run("cache", "clear")
    assert (done.returncode, "another process of costlens holds it" in done.stderr) == (2, True)
    assert (place / EXPORT).is_dir()


def test_the_command_says_what_it_removed_and_what_is_left(place: Path, run: Run) -> None:
    shown = run("cache", columns="200").stdout
    assert f"Cache: {place}, 4.0 KiB" in shown
    cleared = run("cache", "clear", columns="200").stdout
    assert f"Removed 3.0 KiB from {place}." in cleared
    assert "left: drafts (1), which another process may be making" in cleared
    assert "left: of others (3), not touched" in cleared
    assert "nothing to remove" in run("cache", "clear", columns="200").stdout


def test_where_there_is_no_folder_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "none"))
    for words in (("cache",), ("cache", "size"), ("cache", "clear")):
        assert run(*words, columns="200").returncode == 0
    assert not (tmp_path / "none").exists()
    (tmp_path / "none").touch()
    assert run("cache").stderr == f"{tmp_path / 'none'}: not a directory; set COSTLENS_CACHE to another folder\n"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder here that nobody can write")
def test_a_home_that_cannot_be_written_is_a_temporary_folder_and_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache._elsewhere.cache_clear()
    monkeypatch.delenv("COSTLENS_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/proc/nohome")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert cache.directory() == tmp_path / f"costlens-{os.getuid()}"
    (note,) = {record.getMessage() for record in caplog.records}
    assert note.startswith("/proc/nohome/.cache/costlens: cannot be written; exports are kept in")
    cache._elsewhere.cache_clear()
