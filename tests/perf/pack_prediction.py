"""Pack what a run of ``tests.perf.predict`` kept, the table of kernels and the time of each network, beside its page.

``python -m tests.perf.pack_prediction FOLDER`` writes ``reports/perf/prediction.zip``. A test predicts these networks
from it again, so that a change which makes predictions worse is seen on every machine. Unpacked and named by
``COSTLENS_PERF_KEPT``, it is what a further run goes on from on the same kind of machine.
"""

import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from tests.perf._frame import FOLDER

PACKED = FOLDER / "prediction.zip"


def pack(folder: Path, to: Path) -> None:
    """Write an archive of the files that a folder holds."""
    with ZipFile(to, "w", ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)


if __name__ == "__main__":
    pack(Path(sys.argv[1]), PACKED)
