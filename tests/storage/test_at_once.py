"""Files that many processes add to at once: whatever the order, nothing of any process is lost."""

import multiprocessing
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from costlens.formats import comment
from costlens.results.page import Page, Say
from costlens.results.report import Report
from costlens.results.verification import VerifiedSpec
from costlens.tasks import _report_folder as report_folder
from costlens.tasks import _verification_file as verification_file
from tests.places import ROOT

ROUNDS = 14
PROCESSES = 4
NAMES = [f"net{letter}" for letter in "abcdefghijkl"]
"""What the processes add, each a part of its own; none of the names begins another."""


def _verify(page: Path, name: str) -> None:
    verification_file.include(page, VerifiedSpec(f"nets/{name}.yaml", "", (), {}, None, "not a spec"))


def _comment(page: Path, name: str) -> None:
    comment.include(page, name, Page("", [Say("a section")]))


def _report(made: Report, page: Path, name: str) -> None:
    report_folder.write(replace(made, name=name), page.parent, {})


def _together(add: Callable[[Path, str], None], page: Path, names: Iterable[str], start: float) -> None:
    time.sleep(max(0.0, start - time.time()))
    for name in names:
        add(page, name)


@pytest.mark.parametrize("kind", ["ledger", "comment", "index"])
def test_nothing_is_lost_where_processes_write_at_once(kind: str, tmp_path: Path) -> None:
    small = Report.from_json((ROOT / "reports" / "separable_example" / "report.json").read_text(encoding="utf-8"))
    small = replace(small, counts=small.counts[:1], ledgers=(), latency=None, layer_times=(), least=())
    add: Any = {"ledger": _verify, "comment": _comment, "index": partial(_report, small)}[kind]
    context = multiprocessing.get_context("fork")
    kept = 0
    for number in range(ROUNDS):
        page = tmp_path / str(number) / "README.md"
        page.parent.mkdir()
        start = time.time() + 0.05
        workers = [
            context.Process(target=_together, args=(add, page, NAMES[first::PROCESSES], start))
            for first in range(PROCESSES)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert [worker.exitcode for worker in workers] == [0] * PROCESSES
        text = page.read_text(encoding="utf-8")
        kept += all(name in text for name in NAMES)
    assert kept == ROUNDS
