"""Files written whole or not at all, by disks that are full, names that are too long and processes that are killed."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from costlens.errors import UsageError
from costlens.storage import lock
from costlens.storage.files import keep, require_room, scratch, write_together, write_whole

LONG = 100_000


@contextmanager
def almost_full() -> Iterator[None]:
    """Let no file grow beyond half of a long text, as on a disk with so much room left."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LONG // 2, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def held(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def age(path: Path, days: float) -> None:
    os.utime(path, (time.time() - days * 86400,) * 2)


def test_all_files_are_written_or_none(tmp_path: Path) -> None:
    short, long = tmp_path / "a.json", tmp_path / "a.md"
    write_together({short: "old", long: "old"})
    with almost_full(), pytest.raises(OSError, match="File too large"):
        write_together({short: "new", long: "x" * LONG})
    assert held(tmp_path) == {"a.json": "old", "a.md": "old"}
    write_together({short: "new", long: "x" * LONG})
    assert held(tmp_path) == {"a.json": "new", "a.md": "x" * LONG}


def test_a_folder_of_that_name_stops_all_files(tmp_path: Path) -> None:
    (tmp_path / "a.md").mkdir()
    with pytest.raises(IsADirectoryError):
        write_together({tmp_path / "a.json": "new", tmp_path / "a.md": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def _a_file(place: Path) -> Path:
    (place / "file").touch()
    return place / "file" / "a.md"


def _a_folder(place: Path) -> Path:
    (place / "a.md").mkdir()
    return place / "a.md"


UNUSABLE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a folder that takes no files": (lambda _: Path("/proc/self/a.md"), "/proc/self/a.md: cannot be written"),
    "a folder that is a file": (_a_file, "cannot be written: (Not a directory|File exists)"),
    "a file that is a folder": (_a_folder, "a.md: cannot be written: Is a directory"),
    "a name that is too long": (lambda place: place / ("x" * 250 + ".md"), "File name too long"),
}


@pytest.mark.parametrize("title", UNUSABLE)
def test_what_cannot_be_written_is_known_before_the_work(title: str, tmp_path: Path) -> None:
    make, words = UNUSABLE[title]
    with pytest.raises(UsageError, match=f"{words}.*; choose another place with -o"):
        require_room(make(tmp_path))


def test_room_is_needed_before_the_work_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("old")
    with almost_full(), pytest.raises(UsageError, match="cannot be written: File too large"):
        require_room(tmp_path / "a.md")
    require_room(tmp_path / "a.md")
    assert held(tmp_path) == {"a.md": "old"}


def test_work_that_is_done_is_kept_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    texts = {Path("/proc/self/x/a.json"): "{}", Path("/proc/self/x/a.md"): "# a"}
    with pytest.raises(UsageError, match=r"/proc/self: cannot be written: .*; what was found is kept in") as caught:
        keep(texts, Path("/proc/self"))
    (folder,) = elsewhere.iterdir()
    assert f"kept in {folder}; choose another folder with -o" in str(caught.value)
    assert held(folder) == {"a.json": "{}", "a.md": "# a"}


def test_drafts_that_a_killed_process_left_go_after_a_day_and_nothing_else(tmp_path: Path) -> None:
    names = (".a.md.costlens-old", ".a.md.costlens-young", ".a.md.swp", ".b.md.costlens-old")
    for name in names:
        (tmp_path / name).touch()
        age(tmp_path / name, 0.9 if "young" in name else 2)
    write_whole(tmp_path / "a.md", "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((*names[1:], "a.md"))


def test_temporary_folders_that_a_killed_process_left_go_after_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch() as old, scratch() as young:
        (old / "profile.json").touch()
        age(old, 2)
        with scratch() as third:
            assert (old.exists(), young.exists(), third.exists()) == (False, True, True)
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_is_held_for_long_is_an_error_and_then_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.0)
    with lock.alone(tmp_path), pytest.raises(TimeoutError, match="another process"), lock.alone(tmp_path):
        pass
    with lock.alone(tmp_path):
        assert list(tmp_path.iterdir()) == []


def test_a_killed_process_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import sys, time, pathlib; from costlens.storage.lock import alone\n"
        "with alone(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        monkeypatch.setattr(lock, "PATIENCE_S", 0.0)
        with pytest.raises(TimeoutError), lock.alone(tmp_path):
            pass
        holder.kill()
    with lock.alone(tmp_path):
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_is_asked_to_end_cleans_up(number: signal.Signals, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "spec.yaml")
    command = [sys.executable, "-m", "costlens", "count", str(tmp_path / "spec.yaml")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        with (tmp_path / "spec.yaml").open("w"):  # opens once the command reads it, and leaves it waiting
            running.send_signal(number)
            assert running.wait(30) == 130
        assert running.stderr is not None
        assert "Traceback" not in running.stderr.read()
