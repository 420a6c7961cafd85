"""Where things are that tests read."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SPECS = ROOT / "specs"
GOLDEN = TESTS / "golden"
MALFORMED = TESTS / "cases" / "malformed"
TRUTH = TESTS / "cases" / "truth"
