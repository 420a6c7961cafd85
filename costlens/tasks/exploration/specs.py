"""Points of an exploration as specs: each file is read again and is the network of its point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.errors import UsageError
from costlens.sources._source import Asked
from costlens.storage.files import write_together, writing
from costlens.tasks.exploration.space import kinds, settings
from costlens.tasks.new import variant_as_spec

if TYPE_CHECKING:
    from costlens.results.exploration import Exploration
    from costlens.sources._word import Word

_REMEDY = "choose another folder with --write"


def chosen(found: Exploration, numbers: Sequence[int]) -> list[int]:
    """Return the numbers of the points to write, those of the front unless others are named.

    UsageError for a point that is not there, or that is no network.
    """
    for number in numbers:
        if not 0 < number <= len(found.points):
            raise UsageError(f"--points {number}: expected a number from 1 to {len(found.points):,}")
        if reason := found.points[number - 1].reason:
            raise UsageError(f"--points {number}: is no network: {reason}")
    return [*dict.fromkeys(numbers)] or [number for number, _ in found.front]


def write_specs(word: Word, found: Exploration, numbers: Sequence[int], folder: Path) -> list[Path]:
    """Write the specs of points of a family, named by their numbers, and the blocks files that they include.

    Nothing is written where a file that is there is another one; UsageError says so.
    """
    texts: dict[Path, bytes] = {}
    for number in numbers:
        values = found.points[number - 1].values
        member = replace(word, settings={**word.settings, **settings(found.axes, values)})
        name = f"{found.name}_{number}"
        made = variant_as_spec(member, Asked(kinds=kinds(found.axes, values)), name=name, folder=folder)
        texts[folder / f"{name}.yaml"] = made.text.encode()
        texts |= {folder / beside: content for beside, content in made.files.items()}
    with writing(folder, _REMEDY):
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in texts.items():
            if path.exists() and path.read_bytes() != content:
                raise UsageError(f"{path}: is there, and is not what would be written; {_REMEDY}")
        write_together(texts)
    return [*texts]
