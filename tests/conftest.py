"""Settings that all tests share."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import needs
from tests.fakes.command_line import run
from tests.fakes.diff_repository import base, place
from tests.fakes.fake_exports import exports
from tests.fakes.fake_tools import work
from tests.places import TESTS

NEEDS = (*needs.NEEDS, "measures")
__all__ = ["base", "exports", "place", "run", "work"]

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, print_blob=False, suppress_health_check=list(HealthCheck)
)
settings.load_profile("repeatable")

# A background job starts with interrupts ignored, and so would every process that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what holds no test, and, where only fast tests are asked for, modules that import a framework."""
    if collection_path.suffix != ".py":
        return None
    if not collection_path.is_relative_to(TESTS):
        return ">>>" not in collection_path.read_text(encoding="utf-8") or None
    return (config.option.markexpr == "fast" and bool(needs.module(collection_path).at_once)) or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with what it needs, and those that need none of it as fast."""
    for item in items:
        if isinstance(item, pytest.Function):
            first = item.nodeid.split("::")[1].partition("[")[0]
            fixtures = item._fixtureinfo.name2fixturedefs.values()
            elsewhere = {f"{each[-1].func.__module__}.{each[-1].func.__name__}" for each in fixtures}
            reached = needs.module(item.path).reached((first, *item.fixturenames))
            reached = reached.union(*map(needs.reached_from, elsewhere))
            for need in set().union(*map(needs.needs, reached)):
                item.add_marker(need)
            if item.path.parent.name == "shipped":  # every spec, report and table there is
                item.add_marker("many")
        if not any(item.get_closest_marker(need) for need in NEEDS):
            item.add_marker("fast")


@pytest.fixture(scope="module")
def nothing_of_other_tests_is_collected() -> Iterator[None]:
    """Keep other tests' objects out of the collections that a measuring process makes between its models."""
    gc.freeze()
    yield
    gc.unfreeze()
