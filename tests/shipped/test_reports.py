"""The committed reports: current, whole and proven."""

import json
from dataclasses import asdict
from hashlib import sha256

import pytest

from costlens.results.report import Report
from tests.cases.counted import counts, load
from tests.places import ROOT, committed
from tests.shipped import picture, screenshots
from tests.shipped.rerender import pages

REPORTS = ROOT / "reports"
FOLDERS = sorted(path.parent.name for path in REPORTS.glob("*/report.json"))

MOST_BYTES, MOST_BYTES_OF_A_PAGE = 200_000, 25_000


def stale(folder: str) -> str:
    """Return what a committed report that is not current is brought up to date with."""
    return f"stale: run `costlens report specs/{folder}.yaml`"


def test_every_report_is_one_of_a_spec() -> None:
    assert FOLDERS
    assert [folder for folder in FOLDERS if not (ROOT / "specs" / f"{folder}.yaml").exists()] == []


def test_every_committed_page_is_what_today_s_formats_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    old = [path for path, text in pages() if path.read_text(encoding="utf-8") != text]
    assert old == [], "stale: run `python -m tests.shipped.rerender`"


@pytest.mark.parametrize("folder", FOLDERS)
def test_reports_say_what_the_specs_count_today(folder: str) -> None:
    report = json.loads((REPORTS / folder / "report.json").read_text(encoding="utf-8"))
    now = counts(load(ROOT / "specs" / f"{folder}.yaml"), ("all",))
    assert report["counts"] == json.loads(json.dumps([asdict(model) for model in now])), stale(folder)


@pytest.mark.parametrize("folder", FOLDERS)
def test_reports_are_proven(folder: str) -> None:
    report = Report.from_json((REPORTS / folder / "report.json").read_text(encoding="utf-8"))
    assert report.proven, stale(folder)
    assert len(report.ledgers) == len(report.counts), stale(folder)
    assert all(expectation.holds for expectation in report.expectations)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_report_can_be_read_in_a_repository(folder: str) -> None:
    assert (REPORTS / folder / "report.md").stat().st_size <= MOST_BYTES_OF_A_PAGE


def test_the_picture_of_the_readme_is_of_the_report() -> None:
    made = picture.PICTURE.read_bytes()
    reports = (picture.digest(), sha256(committed(picture.REPORT / "report.json")).hexdigest())
    assert picture.noted(made) in reports, "stale: run `python -m tests.shipped.picture`"
    assert len(made) <= MOST_BYTES
    assert f"]({picture.PICTURE.relative_to(ROOT).as_posix()})" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_each_screenshot_is_there_and_small() -> None:
    kept = {path.stem: path.read_bytes() for path in screenshots.FOLDER.iterdir()}
    assert kept.keys() == screenshots.SHOTS.keys() == screenshots.SEVEN.keys()
    for name, found in kept.items():
        assert found.startswith(b"\x89PNG"), name
        assert len(found) <= MOST_BYTES, name
