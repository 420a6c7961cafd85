"""Pack what a run of ``tests.perf.predict`` kept, the table of kernels and the time of each network, beside its page.

``python -m tests.perf.pack_prediction FOLDER`` writes ``reports/perf/prediction.zip``. A test predicts these networks
from it again, so that a change which makes predictions worse is seen on every machine. Unpacked and named by
``COSTLENS_PERF_KEPT``, it is what a further run goes on from on the same kind of machine.
"""

import json
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from costlens.prediction import Table
from costlens.prediction.table import parse
from tests.perf._frame import FOLDER
from tests.perf._kept import Taken

PACKED = FOLDER / "prediction.zip"
OF_ONE = "-1-1.json"
"""How the files of networks end that ran one example on one thread."""


def pack(folder: Path, to: Path) -> None:
    """Write an archive of the files that a folder holds."""
    with ZipFile(to, "w", ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)


def unpacked(path: Path) -> tuple[Table, dict[str, Taken]]:
    """Return the table of kernels of an archive, and what networks took, by ``name-form``."""
    with ZipFile(path) as archive:
        names = archive.namelist()
        (listed,) = [name for name in names if name.startswith("kernels-") and name.endswith(".jsonl")]
        of_networks = [name for name in names if name.endswith(OF_ONE)]
        taken = {name.removesuffix(OF_ONE): Taken(**json.loads(archive.read(name))) for name in of_networks}
        return parse(archive.read(listed).decode()), taken


if __name__ == "__main__":
    pack(Path(sys.argv[1]), PACKED)
