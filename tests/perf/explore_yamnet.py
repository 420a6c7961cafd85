"""YAMNet's family: a kind of convolution for each block, 10,000 sampled mixes, the front, its best points measured.

The kernels of YAMNet in all kinds are timed first, so that each point is predicted before it is measured. What was
counted and timed is kept in the cache: a run that ended goes on. Run alone on a quiet machine, which takes about half
an hour: ``python -m tests.perf.explore_yamnet``. Fewer points show that it works: ``--points 200 --measured 2 --quick
-o FOLDER``.
"""

import argparse
import csv
import io
import sys
from pathlib import Path

import costlens as cl
from costlens.errors import MachineTooNoisy
from costlens.formats import csv as csv_format
from costlens.formats import html, markdown
from costlens.formats.pages.exploration import page
from costlens.formats.pictures import exploration as picture
from costlens.results.exploration import Exploration
from costlens.sources._source import Asked
from costlens.tasks import predict as predicting
from costlens.tasks._tools import Tools

SPEC = "specs/yamnet.yaml"
KINDS = ("separable", "standard", "grouped", "factorized", "bottleneck")
BLOCKS = range(2, 14)
FRONT = ("macs", "params", "traffic_bytes")
FOLDER = Path("reports/explore_yamnet")


def explored(points: int, measured: int, seed: int, quick: bool) -> Exploration:
    """Count the mixes, and measure the best."""
    kinds = {f"stage{block}": KINDS for block in BLOCKS}
    return cl.explore(SPEC, kind=kinds, sample=points, seed=seed, front=FRONT, measure=measured, quick=quick)


def front_csv(found: Exploration) -> str:
    """Return the rows of points that are on the front or were measured."""
    head, *rows = csv.reader(io.StringIO(csv_format.render(page(found))))
    kept = {one.point for one in found.times.points} if found.times else set()
    out = io.StringIO()
    on = [row for row in rows if row[head.index("front")] == "yes" or int(row[0]) in kept]
    csv.writer(out, lineterminator="\n").writerows([head, *on])
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--measured", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="three processes a point, and no kernels are timed")
    parser.add_argument("-o", dest="folder", type=Path, default=FOLDER)
    asked = parser.parse_args()
    if not asked.quick:
        try:
            predicting.fill([SPEC], Asked(variants=("as-written", *KINDS)), tools=Tools())
        except MachineTooNoisy as error:  # then kernels are modelled by those that are known
            print(error, file=sys.stderr)
    found = explored(asked.points, asked.measured, asked.seed, asked.quick)
    texts = {
        "explore.md": markdown.render(page(found, picture="front.svg")),
        "explore.html": html.render(page(found)),
        "front.csv": front_csv(found),
        "front.svg": picture.svg(found),
    }
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (asked.folder / name).write_text(text, encoding="utf-8")
    print(texts["explore.md"])
    if found.failures:
        raise SystemExit("\n".join(map(str, found.failures)))


if __name__ == "__main__":
    main()
