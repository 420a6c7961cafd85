"""The rows of a model file folded by the paths in their names, as those of a spec are by its blocks."""

from collections.abc import Sequence
from dataclasses import replace

from costlens.results.counts import CountRow, ModelCount, add
from costlens.results.names import blocks, common_name, numbered


def folded(model: ModelCount, depth: int | None) -> ModelCount:
    """Return a count whose rows next to each other are one where the first ``depth`` parts of their names are equal.

    Parts are what ``/`` and ``.`` divide: ``/model.22/cv2/Conv`` has four. Totals stay as they are.
    """
    if depth is None:
        return model
    runs = blocks(model.rows, depth, lambda row: path(row.name))
    rows = [_folded(run) for run in runs]
    names = numbered([row.name for row in rows])  # a block that others interrupt is several rows
    return replace(model, rows=tuple(replace(row, name=name) for row, name in zip(rows, names, strict=True)))


def path(name: str) -> str:
    """Return the path in a node's name, its parts divided by dots.

    >>> path("/model.22/cv2/Conv"), path("stage1.conv")
    ('model.22.cv2.Conv', 'stage1.conv')
    """
    return name.strip("/").replace("/", ".")


def _folded(run: Sequence[CountRow]) -> CountRow:
    first, last = run[0], run[-1]
    if first is last:
        return first
    macs, flops, traffic = (add(getattr(row, name) for row in run) for name in ("macs", "flops", "traffic_bytes"))
    live = [row.live_bytes for row in run if row.live_bytes is not None]
    return CountRow(
        name=common_name([path(row.name) for row in run]),
        kind=f"{len(run)} nodes",
        input=first.input,
        inputs=first.inputs,
        output=last.output,
        deployed_params=add(row.deployed_params for row in run),
        macs=macs,
        flops=flops,
        weight_bytes=add(row.weight_bytes for row in run),
        traffic_bytes=traffic,
        live_bytes=max(live) if len(live) == len(run) else None,
        intensity=flops / traffic if flops is not None and traffic else None,
        macs_share=add(row.macs_share for row in run),
        dtype=next((row.dtype for row in run if row.deployed_params), first.dtype),
        uncounted=tuple(why for row in run for why in row.uncounted),
    )
