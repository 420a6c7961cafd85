"""The folder of reports: names, the index, and what else may lie there."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from costlens.errors import UsageError
from costlens.results.report import Report
from costlens.results.stored import to_json
from costlens.sources.report import report_at
from costlens.tasks import _report_folder as report_folder
from tests.places import ROOT


@cache
def small() -> Report:
    whole = Report.from_json((ROOT / "reports" / "separable_example" / "report.json").read_text(encoding="utf-8"))
    return replace(whole, counts=whole.counts[:1], ledgers=(), latency=None, layer_times=(), least=())


def test_settings_that_differ_have_folders_that_differ() -> None:
    settings = [{}, {"note": "a/b"}, {"note": "a b"}, {"note": "a_b"}, {"note": "é"}, {"note": "è"},
                {"a": 1, "b": 2}, {"a": "1-b=2"}, {"note": "../x"}]  # fmt: skip
    names = [report_folder.folder_name("net", given) for given in settings]
    assert len(set(names)) == len(settings)
    assert all("/" not in name and name.isascii() for name in names)
    assert report_folder.folder_name("net", {"alpha": 0.5, "classes": 10}) == "net-alpha=0.5-classes=10"


def _not_text(path: Path) -> None:
    path.write_bytes(b"caf\xe9")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link_to_nothing(path: Path) -> None:
    path.symlink_to("nowhere")


def _unreadable_json(path: Path) -> None:
    path.write_text('{"schema": 1}')


ODD: list[Callable[[Path], None]] = [Path.mkdir, _not_text, _pipe, _link_to_nothing, _unreadable_json]


def written(path: Path) -> tuple[int, ...]:
    """Return what changes where a file is replaced or written to."""
    found = path.lstat()
    return found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns


@pytest.mark.parametrize("make", ODD)
@pytest.mark.parametrize("name", ["README.md", "other/report.json"])
def test_what_else_lies_there_stops_no_report(name: str, make: Callable[[Path], None], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    make(tmp_path / name)
    before = written(tmp_path / name)
    folder = report_folder.write(small(), tmp_path, {})
    assert sorted(path.name for path in folder.iterdir()) == ["layers.csv", "report.html", "report.json", "report.md"]
    assert written(tmp_path / name) == before
    assert list(report_folder.read(tmp_path)) == [small().name]
    if name != "README.md":
        assert small().name in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_setting_too_long_for_a_folder_is_known_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"report.json: cannot be written: File name too long; choose another"):
        report_folder.prepare(tmp_path, [report_folder.folder_name("net", {"note": "x" * 300})])


def test_two_reports_in_one_folder_are_known_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="net: two reports would be written there; rename one of the specs"):
        report_folder.prepare(tmp_path, ["net", "net"])


@pytest.mark.parametrize("figure", ["weight_bytes", "macs"])
def test_a_number_that_no_count_reaches_is_refused(figure: str, tmp_path: Path) -> None:
    text = to_json(small())
    number = getattr(small().counts[0].totals, figure)
    (tmp_path / "report.json").write_text(text.replace(f'"{figure}": {number}', f'"{figure}": {"9" * 400}'))
    with pytest.raises(UsageError, match=r"report.json: a number of 400 digits, where counts have 19 at most; write"):
        report_at(tmp_path / "report.json")
