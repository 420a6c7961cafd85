"""Settings that all tests share."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.command_line import run
from tests.fakes.diff_repository import base, place
from tests.fakes.fake_exports import exports
from tests.fakes.fake_tools import work

__all__ = ["base", "exports", "place", "run", "work"]

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, print_blob=False, suppress_health_check=list(HealthCheck)
)
settings.load_profile("repeatable")

# A background job starts with interrupts ignored, and so would every process that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def nothing_of_other_tests_is_collected() -> Iterator[None]:
    """Keep other tests' objects out of the collections that a measuring process makes between its models."""
    gc.freeze()
    yield
    gc.unfreeze()
