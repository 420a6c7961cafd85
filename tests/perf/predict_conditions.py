"""How far predictions of two threads, and of batches of eight, are from what is measured: ten networks each.

Run alone on a quiet machine: ``python -m tests.perf.predict_conditions [NETWORKS]``. Networks, tables and protocol are
those of ``tests.perf.predict``, which is of one thread and one example; larger networks are left out, as a call of
eight takes seconds. Kernels take half an hour. ``COSTLENS_PERF_KEPT`` keeps what was measured.
"""

from itertools import product

from tests.perf._frame import run, table
from tests.perf._kept import Condition, kept_here
from tests.perf.predict import COPIED, HEADERS, SUMMED, cases, errors, line, near, networks, row_of

CONDITIONS = (Condition(threads=2), Condition(batch=8))
MOST_MACS = 10**9
ROUNDS, PROCESSES = 3, 5
"""Each network is timed in so many rounds: for minutes two cores may hand on work at less than half of their pace."""
WANTED, WITHIN = 0.90, 0.10


def measure(limit: int) -> tuple[list[str], bool]:
    """Return the page and whether a goal is missed."""
    few = [model for model in networks(10**6) if (model.macs or 0) < MOST_MACS][:limit]
    with kept_here() as kept:
        for one, number in product(CONDITIONS, range(1, ROUNDS + 1)):
            for place, model in enumerate(few):
                kept.taken(model, one, copied=place % COPIED == 0, least=number * PROCESSES if one.threads > 1 else 1)
        found = {one: cases(kept, few, one, kept.table(few, one)) for one in CONDITIONS}
    off = {one: errors(made, lambda case: case.predicted.milliseconds) for one, (made, _) in found.items()}
    text = [
        f"{len(few)} networks each, predicted by kernels that were timed with as many threads and examples. Wanted: "
        f"{WANTED:.0%} within ±{WITHIN:.0%}.",
        f"Two threads: measured is the quickest process of {ROUNDS} rounds, some minutes apart.",
        "",
        *table(SUMMED, [line(str(one), each) for one, each in off.items()]),
    ]
    for one, (made, failed) in found.items():
        far = [f"{each.name} {by:+.0%}" for each, by in zip(made, off[one], strict=True) if abs(by) > WITHIN]
        text += ["", f"{one}, more than {WITHIN:.0%} off: {', '.join(far) or 'none'}.", ""]
        text += table(HEADERS, [row_of(each) for each in made])
        text += [*([""] if failed else []), *(f"- not measured: {each}" for each in failed)]
    return text, any(near(each, WITHIN) < WANTED for each in off.values())


if __name__ == "__main__":
    run("prediction_conditions", "Predicted and measured milliseconds: threads and batches", measure, runs=10)
