"""Times of points that were measured a short while ago: a run that was interrupted does not measure them again."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.bench import wire
from costlens.bench.machine import kernels_key, machine_facts
from costlens.results.point_times import PointTime
from costlens.results.stored import to_json
from costlens.storage import cache
from costlens.storage.files import DAY_S, write_whole
from costlens.tasks._proof import SEED

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.network.graph import Graph

_MEASURES = ("bench/*.py", "runtimes/*.py", "results/point_times.py", "tasks/_kept_times.py")


def place_of(graph: Graph, written: Graph, plan: Protocol) -> Path:
    """Return where the time of a graph beside another is kept: by both, the plan, the machine and the code."""
    machine, _ = kernels_key(machine_facts(), cache.tool_versions()["onnxruntime"], plan.threads)
    graphs = (cache.key(graph, SEED), cache.key(written, SEED))
    key = cache.content_key({"graphs": graphs, "plan": asdict(plan), "machine": machine}, _MEASURES)
    return cache.directory() / "times" / f"{key}.json"


def find(place: Path) -> PointTime | None:
    """Return a time of the last day; None where there is none."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        if time.time() - place.stat().st_mtime < DAY_S:
            found: PointTime = wire.read(PointTime, json.loads(place.read_text(encoding="utf-8")))
            return found
    return None


def keep(place: Path, found: PointTime) -> None:
    """Keep a time that can be believed; those older than a day are removed. What cannot be written is not kept."""
    if found.problem or found.noisy:
        return
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        for other in place.parent.glob("*.json"):
            if time.time() - other.stat().st_mtime > DAY_S:
                other.unlink()
        write_whole(place, to_json(replace(found, predicted=None, unpredicted="")))
