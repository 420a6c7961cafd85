"""How far two days of one machine are apart: the networks of two pages of predictions, as they were measured.

``python -m tests.perf.prediction_days OLDER.md`` compares ``reports/perf/prediction.md`` with an older one; nothing is
timed. A prediction is of a machine, so it cannot be nearer to both days than they are to each other.
"""

import sys
from pathlib import Path

from costlens.prediction import predict
from tests.perf._frame import FOLDER, table
from tests.perf.pack_prediction import PACKED, unpacked
from tests.perf.predict import by_place, line, mixes, networks, place, places

CELLS = 9
"""A network's line of the page has so many."""
HEADERS = ("networks", "of", "median", "mean", "within ±3 %", "±5 %", "±10 %")


def measured(page: Path) -> dict[str, float]:
    """Return the milliseconds of a page's networks."""
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in page.read_text("utf-8").splitlines()]
    return {row[0]: float(row[1]) for row in cells if len(row) == CELLS and row[1].replace(".", "").isdigit()}


def page(older: dict[str, float], newer: dict[str, float]) -> list[str]:
    """Write how far networks, and ratios to the first form of each, are apart."""
    kernels, _ = unpacked(PACKED)
    cold: list[tuple[str, str, float]] = []
    first: dict[str, float] = {}
    networks_apart: dict[str, list[float]] = {}
    ratios_apart: dict[str, float] = {}
    for model in sorted([*networks(10**6), *mixes()], key=lambda one: (one.count.name, one.count.variant)):
        family, form = model.count.name, model.count.variant
        name = f"{family} {form}"
        if not model.graph or name not in older or name not in newer:
            continue
        apart = newer[name] / older[name]
        cold.append((family, form, predict(model.graph, kernels).cold))
        networks_apart.setdefault(place(cold[-1][-1]), []).append(apart - 1)
        if family in first:
            ratios_apart[name] = apart / first[family] - 1
        first.setdefault(family, apart)
    rows = [line(f"networks {where}", networks_apart[where]) for where in sorted(networks_apart)]
    return table(HEADERS, [*rows, *by_place(ratios_apart, places(cold)), line("all ratios", [*ratios_apart.values()])])


if __name__ == "__main__":
    text = "\n".join([
        "# One machine on two days", "",
        "The quickest process of each network of `prediction.md`, and its ratio to the first form of its network,",
        "beside the same figures of an older page of such a machine. Nothing is predicted here.", "",
        *page(measured(Path(sys.argv[1])), measured(FOLDER / "prediction.md")), "",
    ])  # fmt: skip
    print(text, end="")
    (FOLDER / "prediction_days.md").write_text(text, encoding="utf-8")
