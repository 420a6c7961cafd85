"""Processes that time keep to the last cores, as many as they have threads."""

import os
from pathlib import Path

import pytest

from costlens.bench import worker
from costlens.bench.pinning import can_pin, pin
from costlens.bench.protocol import Protocol
from costlens.bench.worker import Job


@pytest.mark.parametrize(("threads", "kept"), [(1, {7}), (2, {3, 7}), (9, {1, 3, 7})])
def test_a_process_keeps_to_the_last_of_its_cores(
    threads: int, kept: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[set[int]] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {7, 1, 3}, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", lambda pid, cores: chosen.append({*cores}), raising=False)
    pin(threads)
    assert chosen == [kept]


def test_where_the_system_cannot_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    assert not can_pin()
    pin(1)


@pytest.mark.parametrize("pinned", [False, True])
def test_only_a_plan_that_says_so_pins_its_processes(pinned: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(worker, "pin", asked.append)
    monkeypatch.setattr(worker, "measure", lambda *given: "samples")
    job = Job("time", Protocol(threads=2, pinned=pinned), {"net": Path("net.onnx")})
    assert worker._do(job, lambda said: None) == "samples"  # type: ignore[comparison-overlap]
    assert asked == ([2] if pinned else [])
