"""A file and its convolutions: looked at without its weights, written anew into the cache, and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from costlens.errors import ExportError, UsageError, first_line
from costlens.readers.onnx import file
from costlens.readers.onnx.external import parts
from costlens.readers.onnx.steps import WalkError
from costlens.results.counts import CountRow
from costlens.rewriting.apply import apply
from costlens.rewriting.owners import Ends, owners
from costlens.rewriting.owners import ends as ends_of
from costlens.rewriting.plan import Change
from costlens.rewriting.sites import CONVOLVES, Site, sites, steps_of
from costlens.storage import cache

SEED = 0
"""Of the weights that are drawn."""
_CODE = ("rewriting/**/*.py", "network/variants/**/*.py")
_FILE = "model.onnx"
_MOST_BYTES = 2**31 - 2**20
"""A protocol buffer holds no more: the weights of a larger model are in a file beside it."""


@dataclass(frozen=True, slots=True)
class Convolutions:
    """The convolutions of a file; ``rows``: the names that a count gives its nodes, by their places.

    ``ends``: the tensors between which each lies that can be rewritten.
    """

    path: Path
    rows: Mapping[int, str]
    sites: tuple[Site, ...]
    ends: Ends

    @property
    def convertible(self) -> bool:
        """Whether any of them can be rewritten."""
        return any(site.layer for site in self.sites)

    def owners(self, path: Path) -> dict[str, str]:
        """Return the convolution of each row of the file, or of a variant of it at another path; of others none."""
        return owners(path, self.ends)

    def written(self, changes: Sequence[Change]) -> Path:
        """Return a file with these changes, from the cache where it is there.

        RuntimeUnavailable without onnx; UsageError where the file's external data are missing; ExportError where onnx
        refuses what came out and takes the file as it was.
        """
        held = parts(self.path)
        if held is None:
            raise UsageError(f"{self.path}: a file of its external data is not beside it; put it there")
        content = {
            "onnx": [_digest(one) for one in held],
            "kinds": {change.site.name: change.kind for change in changes},
            "seed": SEED,
        }

        def make(folder: Path) -> None:
            self._write(changes, folder / _FILE)

        return cache.entry(cache.content_key(content, _CODE), make) / _FILE

    def _write(self, changes: Sequence[Change], target: Path) -> None:
        import onnx

        try:
            model = onnx.load(self.path)
        except Exception as error:  # what a missing file of external data raises is onnx's own
            raise UsageError(f"{self.path}: its weights cannot be read: {first_line(error)}") from error
        apply(model, changes, self.rows, SEED)
        size = sum(len(tensor.raw_data) for tensor in model.graph.initializer)
        beside = {"save_as_external_data": True, "location": f"{_FILE}.data"} if size > _MOST_BYTES else {}
        onnx.save(model, target, **beside)
        if problem := _refused(target):
            if _refused(self.path):  # onnx knows less than runtimes: files in use hold what it refuses
                return
            raise ExportError(f"{self.path}: onnx refuses what was made of it: {problem}")


def look(path: Path, rows: Sequence[CountRow]) -> Convolutions:
    """Return the convolutions of a file by the rows of its count."""
    model = file.model(path)
    try:
        steps = steps_of(model)
    except (WalkError, UsageError) as error:
        raise UsageError(f"{path}: {error}") from None
    names = {index: row for index, (row, _) in steps.items()}
    known = {*names.values()}
    within = [row.name for row in rows if row.kind in CONVOLVES and row.name not in known]
    found = sites(model, steps, within)
    return Convolutions(path, names, found, ends_of(model, found))


def _refused(path: Path) -> str:
    """Say what onnx's checker refuses of a file; nothing where it takes it."""
    import onnx

    try:
        onnx.checker.check_model(str(path))
    except Exception as error:
        return first_line(error)
    return ""


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
