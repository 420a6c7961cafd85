"""Rows as a tree of blocks: names are hierarchical, ``block3.depthwise`` is a row of ``block3``."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from costlens.results.counts import CountRow

Rows = tuple[CountRow, ...]
Fields = Mapping[str, Mapping[str, str]]
"""Row name → what its layers say beyond their geometry, as text by field."""

_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Block:
    """A row, or the rows whose names begin alike; ``content`` is all that matters of them but that beginning."""

    path: str
    rows: Rows
    children: Mapping[str, Block] = field(repr=False)
    content: tuple[tuple[str, Hashable], ...] = field(repr=False)

    @property
    def outline(self) -> list[str]:
        """The names of the rows, seen from the block."""
        return [row.name[len(self.path) :] for row in self.rows]

    @property
    def contents(self) -> list[Hashable]:
        """The content of each row, whatever its name."""
        return [held for _, held in self.content]

    @property
    def is_row(self) -> bool:
        """Whether the block's own name is a row's."""
        return any(row.name == self.path for row in self.rows)


def network(rows: Sequence[CountRow], fields: Fields) -> Block:
    """Return the block that holds all rows; its name is empty."""
    return _block("", tuple(rows), {row.name: content(row, fields) for row in rows})


def content(row: CountRow, fields: Fields) -> Hashable:
    """Return all that a row says of itself but its name.

    Left out are its shares of the network and what is alive beside it: they change with other rows.
    """
    return (
        row.kind, row.convolution, row.section, row.inputs, row.output, row.kernel, row.stride, row.groups, row.params,
        row.trainable, row.kernels, row.deployed_params, row.macs, row.flops, row.traffic_bytes, row.uncounted,
        tuple(fields.get(row.name, {}).items()),
    )  # fmt: skip


def _block(path: str, rows: Rows, contents: Mapping[str, Hashable], depth: int = 0) -> Block:
    below: dict[str, list[CountRow]] = {}
    start = len(path) + (depth > 0)
    for row in rows:
        if depth == 0 or row.name != path:
            rest = row.name[start:]
            below.setdefault(rest.partition(".")[0] if depth < _DEEPEST else rest, []).append(row)
    children = {
        name: _block(f"{path}.{name}" if depth else name, tuple(some), contents, depth + 1)
        for name, some in below.items()
    }
    return Block(path, rows, children, tuple((row.name[len(path) :], contents[row.name]) for row in rows))
