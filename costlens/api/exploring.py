"""The family of a spec: ``explore`` as a function."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from costlens.api._options import Measuring, plan_if, several, working
from costlens.api.functions import Network, Several
from costlens.api.model import words_of
from costlens.api.recalling import Keep, Place

if TYPE_CHECKING:
    from costlens.arithmetic.precision import Precision
    from costlens.results.exploration import Exploration


def explore(
    network: Network,
    *,
    knobs: Mapping[str, object] | None = None,
    kind: Mapping[str, Several] | None = None,
    sample: int | None = None,
    seed: int = 0,
    sampler: str = "sobol",
    from_: Path | str | None = None,
    where: Several = (),
    front: Several = ("macs", "params"),
    workers: int | None = None,
    cluster: str = "",
    precision: Precision | None = None,
    measure: str | int = "",
    record: bool = False,
    db: Place = None,
    **measuring: Unpack[Measuring],
) -> Exploration:
    """Count every network of a spec's knobs and kinds of convolution, and mark those that no other beats.

    knobs: values by knob, ``{"alpha": [0.5, 1.0], "resolution": "128:224:32"}``. kind: kinds by globs on names of
    convolutions, ``{"*": ["standard", "separable"]}``. sample: so many points, drawn by the seed with ``"sobol"`` or
    ``"lhs"``. from_: a CSV file of points instead. where: what a point must keep, ``"macs < 300M"``. front: figures or
    knobs, ``"alpha:max"`` where more is better. workers: processes. cluster: a Dask cluster that counts, and times
    points, instead.
    precision: of all sizes. measure: points to build, prove and time beside the network as written, ``"front"``, a
    number of points or ``"front,20"``; the result's ``times`` holds what was predicted beside what was measured. What
    an interrupted call has counted and timed is kept.

    >>> [point.totals.macs for point in explore("mobilenet_v1", knobs={"alpha": [0.5, 1.0]}).points]
    [149497088, 568740352]
    """
    from costlens.tasks import explore as task
    from costlens.tasks import measure_points as timing

    plan = plan_if("explore", bool(measure), measuring, asks='measure="front"')
    to_time = timing.wanted(str(measure)) if measure else None

    (word,) = words_of([network])
    wish = task.Wish(
        set=[f"{name}={_values(values)}" for name, values in (knobs or {}).items()],
        kinds=[f"{glob}={','.join(several(kinds))}" for glob, kinds in (kind or {}).items()],
        sample=sample,
        seed=seed,
        sampler=sampler,
        points=None if from_ is None else Path(from_),
        where=several(where),
        front=several(front),
        workers=workers,
        precision=precision,
        cluster=cluster,
    )
    keep = Keep("explore", [word], record, db)
    with working() as tools:
        found = task.explore(word, wish, tools=tools)
        if to_time and plan:
            found = timing.measured(word, found, to_time, plan, tools=tools, cluster=cluster, workers=workers)
    keep(found, found.failures)
    return found


def _values(values: object) -> str:
    given = several(values)
    return ",".join(str(value).lower() if isinstance(value, bool) else str(value).replace(" ", "") for value in given)
