"""The rows of a model file folded by the paths in their names, as those of a spec are by its blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from costlens.results.counts import CountRow, ModelCount, add
from costlens.results.names import blocks, common_name, inputs_beside, numbered


def folded(model: ModelCount, depth: int | None) -> ModelCount:
    """Return a count whose rows next to each other are one where the first ``depth`` parts of their names are equal.

    Parts are what ``/`` and ``.`` divide: ``/model.22/cv2/Conv`` has four. Totals stay as they are.
    """
    if depth is None:
        return model
    runs = blocks(model.rows, depth, lambda row: path(row.name))
    rows = [_folded(run) for run in runs]
    names = numbered([row.name for row in rows])  # a block that others interrupt is several rows
    called = _called(model, runs, names)
    folded_rows = (
        replace(row, name=name, reads=_reads(run, name, called))
        for row, name, run in zip(rows, names, runs, strict=True)
    )
    return replace(model, rows=tuple(folded_rows))


def _called(model: ModelCount, runs: Sequence[Sequence[CountRow]], names: Sequence[str]) -> dict[str, str]:
    """Return the new name of each row and input."""
    before, after = (inputs_beside(rows, model.inputs) for rows in ((row.name for row in model.rows), names))
    inputs = {before[name]: after[name] for name in model.inputs}
    return inputs | {row.name: name for name, run in zip(names, runs, strict=True) for row in run}


def _reads(run: Sequence[CountRow], name: str, called: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a run of rows reads that it does not make itself."""
    return tuple(dict.fromkeys(each for row in run for one in row.reads if (each := called.get(one, one)) != name))


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
