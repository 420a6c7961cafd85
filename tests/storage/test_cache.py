"""The cache: one folder for one content, whole or not there, whatever happens while it is made."""

import ast
import errno
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from costlens.errors import ExportError
from costlens.network import layers
from costlens.network.graph import Graph
from costlens.network.layers import layer_names
from costlens.storage import cache
from tests.cases.networks import graph, layer, mixed

KEY = "ab" * 32


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def writing(text: str = "whole", calls: list[str] | None = None) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / "model.onnx").write_text(text)
        (folder / "facts.json").write_text("{}")
        if calls is not None:
            calls.append(text)

    return make


def net(**fields: object) -> Graph:
    return graph((8, 6, 3), ("c", layer("conv", **{"filters": 4, "kernel": 3, **fields})), ("c.r", layer("relu")))


DIFFERENT: dict[str, tuple[Graph, int]] = {
    "another seed": (net(), 1),
    "another field": (net(bias=False), 0),
    "another field of a default": (net(dilation=2), 0),
    "another input": (graph((8, 7, 3), ("c", layer("conv", filters=4, kernel=3)), ("c.r", layer("relu"))), 0),
    "another name of a node": (graph((8, 6, 3), ("d", layer("conv", filters=4, kernel=3)), ("d.r", layer("relu"))), 0),
    "another output": (replace(net(), outputs=("c",)), 0),
    "another layer": (graph((8, 6, 3), ("c", layer("conv", filters=4, kernel=3)), ("c.r", layer("relu6"))), 0),
    "another model name": (replace(net(), name="other"), 0),
}


@pytest.mark.parametrize("title", DIFFERENT)
def test_other_content_has_another_key(title: str) -> None:
    assert cache.key(*DIFFERENT[title]) != cache.key(net(), 0)


def test_equal_content_has_one_key() -> None:
    assert cache.key(mixed(), 0) == cache.key(mixed(), 0)
    section = replace(net(), nodes=tuple(replace(node, section="body") for node in net().nodes))
    assert cache.key(section, 0) == cache.key(net(), 0)


def test_another_version_of_a_tool_has_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache.key(net(), 0)
    monkeypatch.setattr(cache, "tool_versions", lambda: {"tensorflow": "9.9"})
    assert cache.key(net(), 0) != before


def test_code_that_makes_exports_is_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before, digests = cache.key(net(), 0), cache._digests()
    for file, other in (("export/proof.py", True), ("network/layers/conv.py", True), ("network/layers/_base.py", True),
                        ("readers/onnx/reader.py", True), ("network/graph.py", True),
                        ("network/layers/elu.py", False)):  # fmt: skip
        monkeypatch.setattr(cache, "_digests", lambda changed=file: {**digests, changed: "other"})
        assert file in digests
        assert (cache.key(net(), 0) != before) == other, file


def test_layer_files_import_no_other_layer_kind() -> None:
    """A key holds the files of the layer kinds that a graph uses, and no other kind's."""
    names = set(layer_names())
    for file in sorted(Path(str(layers.__file__)).parent.glob("*.py")):
        modules = [node.module for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
        leaves = [(name or "").removeprefix("costlens.network.layers.") for name in modules]
        assert [name for name in leaves if name in names] == [], file.name


def test_versions_name_the_tools_without_importing_them() -> None:
    versions = cache.tool_versions()
    assert {"costlens", "tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime"} <= set(versions)
    assert all(versions.values())


def test_an_entry_is_made_once() -> None:
    calls: list[str] = []
    first, second = cache.entry(KEY, writing("a", calls)), cache.entry(KEY, writing("b", calls))
    assert (first, calls) == (second, ["a"])
    assert (first / "model.onnx").read_text() == "a"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"COSTLENS_CACHE": "/a/b"}, "/a/b"),
        ({"COSTLENS_CACHE": "~/b", "HOME": "/h"}, "/h/b"),
        ({"COSTLENS_CACHE": "", "XDG_CACHE_HOME": "/x"}, "/x/costlens"),
        ({"COSTLENS_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/costlens"),
    ],
)
def test_where_it_is(variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache.directory() == Path(expected)


@pytest.mark.parametrize("chosen", ["~nosuchuser/x", ""])
def test_without_a_home_it_is_a_temporary_folder_and_a_note(
    chosen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache._elsewhere.cache_clear()
    monkeypatch.setenv("COSTLENS_CACHE", chosen)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as where neither HOME nor the user is known
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    place = cache.directory()
    assert cache.entry(KEY, writing()).parent == place == tmp_path / f"costlens-{os.getuid()}"
    (note,) = {record.getMessage() for record in caplog.records}
    assert note.startswith(chosen or "~/.cache/costlens")
    assert f"kept in {place}. COSTLENS_CACHE" in note
    cache._elsewhere.cache_clear()
    place.rename(tmp_path / "moved")
    place.symlink_to("moved")
    assert cache.directory() != place


class _StoppedError(Exception):
    pass


@pytest.mark.parametrize("error", [_StoppedError, KeyboardInterrupt])
def test_what_fails_leaves_nothing(error: type[BaseException], place: Path) -> None:
    def make(folder: Path) -> None:
        (folder / "model.onnx").write_text("half")
        raise error

    with pytest.raises(error):
        cache.entry(KEY, make)
    assert list(place.iterdir()) == []


def test_a_full_disk_is_a_clear_error(place: Path) -> None:
    def make(folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(ExportError, match=r"cache: .*No space left on device; free space, or set COSTLENS_CACHE"):
        cache.entry(KEY, make)
    assert list(place.iterdir()) == []


def test_a_place_that_is_no_folder_is_a_clear_error(place: Path) -> None:
    place.write_text("a file")
    with pytest.raises(ExportError, match=r"cannot be kept there: .*set COSTLENS_CACHE to another folder"):
        cache.entry(KEY, writing())


def _truncate(entry: Path) -> None:
    (entry / "model.onnx").write_text("who")


def _let_a_byte_rot(entry: Path) -> None:
    before = (entry / "model.onnx").stat()
    (entry / "model.onnx").write_text("whOle")
    os.utime(entry / "model.onnx", ns=(before.st_atime_ns, before.st_mtime_ns))


def _empty_it(entry: Path) -> None:
    for file in entry.iterdir():
        file.unlink()


HARMS: dict[str, Callable[[Path], object]] = {
    "a cut file": _truncate,
    "a changed byte": lambda entry: (entry / "model.onnx").write_text("whOle"),
    "a changed byte, the same time": _let_a_byte_rot,
    "other facts": lambda entry: (entry / "facts.json").write_text("[]"),
    "a stray file": lambda entry: (entry / "other.onnx").touch(),
    "a missing file": lambda entry: (entry / "facts.json").unlink(),
    "no seal": lambda entry: (entry / "whole.json").unlink(),
    "a cut seal": lambda entry: (entry / "whole.json").write_text('{"model'),
    "an empty folder": _empty_it,
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_broken_entry_is_made_again(harm: str, place: Path) -> None:
    HARMS[harm](cache.entry(KEY, writing()))
    calls: list[str] = []
    entry = cache.entry(KEY, writing("again", calls))
    assert (calls, (entry / "model.onnx").read_text()) == (["again"], "again")
    assert [child.name for child in place.iterdir()] == [KEY]


def test_files_in_folders_of_an_entry_belong_to_it(place: Path) -> None:
    def make(folder: Path) -> None:
        (folder / "variables").mkdir()
        (folder / "variables" / "data").write_text("numbers")

    assert cache.find(KEY) is None
    entry = cache.entry(KEY, make)
    assert cache.find(KEY) == entry
    (entry / "variables" / "data").write_text("others")
    assert cache.find(KEY) is None
    assert (cache.entry(KEY, make) / "variables" / "data").read_text() == "numbers"


def test_a_copied_entry_with_other_times_is_still_whole() -> None:
    entry = cache.entry(KEY, writing())
    os.utime(entry / "model.onnx", ns=(1, 1))
    calls: list[str] = []
    cache.entry(KEY, writing("again", calls))
    assert calls == []


def _compete(text: str, ready: str, out: str) -> None:
    def make(folder: Path) -> None:
        (folder / "model.onnx").write_text(text * 1000)
        Path(ready, text).touch()
        deadline = time.monotonic() + 200
        while len(list(Path(ready).iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)

    entry = cache.entry(KEY, make)
    Path(out, text).write_text(json.dumps([str(entry), (entry / "model.onnx").read_text()]))


def test_two_processes_at_once_get_one_whole_entry(tmp_path: Path, place: Path) -> None:
    ready, out = tmp_path / "ready", tmp_path / "out"
    ready.mkdir()
    out.mkdir()
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_compete, args=(text, str(ready), str(out))) for text in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
    assert [worker.exitcode for worker in workers] == [0, 0]
    seen = [json.loads(file.read_text()) for file in sorted(out.iterdir())]
    assert seen[0] == seen[1]
    assert seen[0][1] in ("a" * 1000, "b" * 1000)
    assert [child.name for child in place.iterdir()] == [KEY]


def test_long_unused_entries_and_left_drafts_go(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    oldest, older = cache.entry("11" * 32, writing("x" * 600)), cache.entry("22" * 32, writing("x" * 600))
    (place / ".33-left").mkdir()
    for age_days, folder in ((3, oldest), (2, older), (2, place / ".33-left")):
        os.utime(folder, (time.time() - age_days * 86400,) * 2)
    monkeypatch.setattr(cache, "LIMIT_BYTES", 1500)
    cache.entry(KEY, writing())
    assert sorted(child.name for child in place.iterdir()) == ["22" * 32, KEY]


def test_facts_outlive_the_limit_and_go_when_no_one_used_them_for_long(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, ancient = (cache.entry(cache.facts_key(digit * 64), writing("x" * 600)) for digit in "12")
    model = cache.entry("33" * 32, writing("x" * 600))
    for age_days, folder in ((80, old), (100, ancient), (2, model)):
        os.utime(folder, (time.time() - age_days * 86400,) * 2)
    monkeypatch.setattr(cache, "LIMIT_BYTES", 1)
    cache.entry(KEY, writing())
    assert sorted(child.name for child in place.iterdir()) == sorted([old.name, KEY])


def test_an_entry_in_use_is_not_unused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = cache.entry("11" * 32, writing("x" * 600))
    os.utime(used, (time.time() - 3 * 86400,) * 2)
    cache.entry("11" * 32, writing())
    monkeypatch.setattr(cache, "LIMIT_BYTES", 1)
    cache.entry(KEY, writing())
    assert used.is_dir()
