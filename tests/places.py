"""Where things are that tests read."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
SPECS = ROOT / "specs"
GOLDEN = TESTS / "golden"
MALFORMED = TESTS / "cases" / "malformed"
TRUTH = TESTS / "cases" / "truth"
