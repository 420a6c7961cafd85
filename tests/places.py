"""Where things are that tests read."""

import subprocess
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SPECS = ROOT / "specs"
GOLDEN = TESTS / "golden"
CASES = TESTS / "cases"
MALFORMED = CASES / "malformed"
TRUTH = CASES / "truth"


def committed(path: Path) -> bytes:
    """Return a file as it is committed: the README's first command measures one of the reports again.

    Where there is no history, the file as it is.
    """
    name = path.relative_to(ROOT).as_posix()
    done = subprocess.run(["git", "show", f"HEAD:{name}"], cwd=ROOT, capture_output=True, check=False)
    return path.read_bytes() if done.returncode else done.stdout
