"""Which rows of a file, and of its variants, are of which convolution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from costlens.readers.onnx import file
from costlens.rewriting.sites import Site, steps_of

Ends = Mapping[str, tuple[str, str]]
"""By the name of a convolution the tensor that it reads and the one that it makes, norms and activations included."""


def ends(model: Any, sites: Iterable[Site]) -> dict[str, tuple[str, str]]:
    """Return where each convolution that can be rewritten begins and ends in a parsed file."""
    node = model.graph.node
    return {
        site.name: (node[site.members[0]].input[0], node[(site.tail or site.members)[-1]].output[0])
        for site in sites
        if site.layer
    }


def owners(path: Path, known: Ends) -> dict[str, str]:
    """Return the convolution of each row that lies between such a beginning and its end; other rows are left out.

    A rewrite keeps the names of tensors between convolutions, so the same ends hold in every variant of a file.
    """
    model = file.model(path)
    rows = {index: row for index, (row, _) in steps_of(model).items()}
    makers = {name: index for index, node in enumerate(model.graph.node) for name in node.output if name}
    found: dict[str, str] = {}
    for site, (start, end) in known.items():
        open_, seen = [end], {start}
        for tensor in open_:  # grows while it is walked
            index = makers.get(tensor)
            if tensor in seen or index is None:
                continue
            seen.add(tensor)
            if index in rows:
                found[rows[index]] = site
            open_ += model.graph.node[index].input
    return found
