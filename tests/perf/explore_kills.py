"""Kills: of an exploration's own process, of workers and of schedulers of a Dask cluster, at random moments.

Each run is killed and the same command repeated until it ends; then its table must be that of a run that nothing
stopped, byte for byte, and its journal must hold each point once. No figure depends on time. What was done is kept in
a folder, so ``--part N`` of a run does so many more, and ``--full`` goes on and writes the page. Run from the project's
root: python -m tests.perf.explore_kills [--full | --part N]
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.fakes.dask_cluster import DaskCluster
from tests.perf import _frame

SPEC = "specs/mobilenet_v1.yaml"
SPACE = ("--set", "alpha=0.25:1:0.125", "--set", "resolution=96:224:2", "--kind", "*=as-written,standard,grouped")
KILLS_A_RUN = 5
WANTED = {"driver": 100, "worker": 20, "scheduler": 5}
KEPT = Path(tempfile.gettempdir()) / f"costlens-explore-kills-{os.getuid()}.json"
LIMIT_S = 300


@dataclass
class Tally:
    """What was killed how often, how many runs ended with another table, and how many points were counted twice."""

    kills: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WANTED, 0))
    runs: int = 0
    other_tables: int = 0
    not_once: int = 0
    interrupted: int = 0


def command(cache: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    words = (*_frame.COSTLENS, "explore", SPEC, *SPACE, *more, "--format", "json")
    with out.open("wb") as stream:
        environment = {**os.environ, "COSTLENS_CACHE": str(cache)}
        return subprocess.Popen(words, env=environment, stdout=stream, stderr=subprocess.DEVNULL)


def begun(process: subprocess.Popen[bytes], cache: Path) -> None:
    """Wait until a command counts: there is a journal."""
    while process.poll() is None and not any(cache.rglob("*.jsonl")):
        time.sleep(0.01)


def finished(cache: Path, out: Path, *more: str) -> float:
    """Run the command to its end and return the seconds from where it began to count."""
    process = command(cache, out, *more)
    begun(process, cache)
    start = time.monotonic()
    if code := process.wait(timeout=LIMIT_S):
        raise SystemExit(f"explore ended with {code}")
    return time.monotonic() - start


def counted(cache: Path) -> Counter[int]:
    """Return how often a journal holds each point."""
    (journal,) = cache.rglob("*.jsonl")
    _, *lines = journal.read_bytes().splitlines()
    return Counter(row[0] for line in lines for row in json.loads(line))


def driver(draw: random.Random, cache: Path, out: Path, took_s: float, kills: int) -> None:
    """Kill the command at so many moments; what it had started ends with it."""
    done = 0
    while done < kills:
        process = command(cache, out, "--workers", "2")
        if draw.random() > 0.2:  # else while it starts
            begun(process, cache)
        time.sleep(draw.uniform(0.0, took_s / 2))
        if process.poll() is None:
            process.kill()
            done += 1
        process.wait()


def cluster(
    draw: random.Random, cache: Path, out: Path, took_s: float, dask: DaskCluster, *, whole: bool
) -> int | None:
    """Kill the scheduler, or one worker, while the command counts; return its exit code, None where it was done."""
    dask.start()
    process = command(cache, out, "--cluster", dask.address)
    begun(process, cache)
    time.sleep(draw.uniform(0.0, took_s / 2))
    if process.poll() is not None:
        return None
    victim = dask.scheduler if whole else dask.workers[draw.randrange(len(dask.workers))]
    assert victim is not None
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    return process.wait(timeout=LIMIT_S)


def one(
    what: str, draw: random.Random, tally: Tally, dask: DaskCluster, expected: bytes, took: Mapping[str, float]
) -> None:
    """Do one run and what repeats it, and add it to the tally."""
    with tempfile.TemporaryDirectory() as folder:
        cache, out = Path(folder) / "cache", Path(folder) / "out.json"
        if what == "driver":
            kills = min(KILLS_A_RUN, WANTED[what] - tally.kills[what])
            driver(draw, cache, out, took["pool"], kills)
            tally.interrupted += kills
            finished(cache, out, "--workers", "2")
        else:
            code = cluster(draw, cache, out, took["cluster"], dask, whole=what == "scheduler")
            kills = code is not None
            tally.interrupted += bool(code)
            dask.start()
            finished(cache, out, "--cluster", dask.address)
        tally.kills[what] += kills
        tally.runs += 1
        tally.other_tables += out.read_bytes() != expected
        tally.not_once += sum(times != 1 for times in counted(cache).values())


def measure(asked: int | bool) -> tuple[list[str], bool]:
    most = sum(WANTED.values()) if asked is True else int(asked) or 3
    tally = Tally(**json.loads(KEPT.read_text())) if asked and KEPT.exists() else Tally()
    draw = random.Random(tally.runs)
    with tempfile.TemporaryDirectory() as folder, DaskCluster(Path(folder)) as dask:
        out = Path(folder) / "whole.json"
        took = {"pool": finished(Path(folder) / "first", out, "--workers", "2")}
        expected = out.read_bytes()
        took["cluster"] = finished(Path(folder) / "second", out, "--cluster", dask.address)
        tally.other_tables += out.read_bytes() != expected
        for _ in range(most):
            left = [what for what, wanted in WANTED.items() if tally.kills[what] < wanted]
            if not left:
                break
            what = left[tally.runs % len(left)]
            one(what, draw, tally, dask, expected, took)
            _frame.progress([what, json.dumps(asdict(tally))])
            if asked:
                KEPT.write_text(json.dumps(asdict(tally)))
    rows = [[f"kills of {name}", str(tally.kills[what]), str(WANTED[what])] for what, name in NAMES.items()]
    rows += [
        ["runs that ended with another table", str(tally.other_tables), "0"],
        ["points that a journal does not hold once", str(tally.not_once), "0"],
    ]
    points = len(json.loads(expected)["points"])
    lines = [
        f"{tally.runs} explorations of {points:,} points of mobilenet_v1, each killed with SIGKILL at random moments "
        f"and repeated until it ended. {tally.interrupted} of the kills ended the command; where a worker died, "
        "another had its chunks.",
        "",
        *_frame.table(["what", "", "wanted"], rows),
    ]
    short = asked is True and any(tally.kills[what] < wanted for what, wanted in WANTED.items())
    return lines, bool(short or tally.other_tables or tally.not_once)


NAMES = {
    "driver": "the command, its table counted by two processes",
    "worker": "one of two Dask workers",
    "scheduler": "the Dask scheduler",
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        print("\n".join(measure(int(sys.argv[2]))[0]))
    else:
        _frame.run("explore_kills", "Kills of explorations", measure, machine=False)
