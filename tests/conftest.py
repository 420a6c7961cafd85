"""Settings that all tests share."""

import gc
import signal
import sys
from collections import defaultdict
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import needs
from tests.cases.small import two_specs
from tests.fakes.browser import chromium
from tests.fakes.command_line import run
from tests.fakes.diff_repository import base, place
from tests.fakes.fake_exports import exports
from tests.fakes.fake_tools import work

__all__ = ["base", "chromium", "exports", "place", "run", "two_specs", "work"]

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, print_blob=False, suppress_health_check=list(HealthCheck)
)
settings.load_profile("repeatable")

# A background job starts with interrupts ignored, and so would every process that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the modules without a fast test where only fast ones are asked for: importing them takes seconds."""
    is_test = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    return (config.option.markexpr == "fast" and is_test and not needs.has_fast_tests(collection_path)) or None


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Look for examples only in files that have some."""
    found = yield
    return [each for each in found if type(each) is pytest.Module or ">>>" in file_path.read_text(encoding="utf-8")]


def pytest_configure(config: pytest.Config) -> None:
    """Let processes that share the tests take the files in the order of ``heavy_first``."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage neither while tests are collected nor, later, in what that made: it took a tenth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_runtest_teardown() -> None:
    """Keep the objects of TensorFlow, once it is there, out of the search for garbage, too."""
    if "tensorflow" in sys.modules:
        freeze_once()


@cache
def freeze_once() -> None:
    gc.freeze()


def heavy_first(items: list[pytest.Item]) -> None:
    """Order files by what their tests need: processes that share them end together if the last files are short."""
    needed: dict[Path, set[str]] = defaultdict(set)
    for item in items:
        needed[item.path].update(mark.name for mark in item.iter_markers())
    items.sort(key=lambda item: [need not in needed[item.path] for need in needs.NEEDS])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test with what it needs, and those that need none of it as fast."""
    for item in items:
        if isinstance(item, pytest.Function):
            first = item.nodeid.split("::")[1].partition("[")[0]
            fixtures = item._fixtureinfo.name2fixturedefs.values()
            elsewhere = {f"{each[-1].func.__module__}.{each[-1].func.__name__}" for each in fixtures}
            found = needs.needs_of_test(item.path, (first, *item.fixturenames))
            for need in found.union(*map(needs.needs_of_import, elsewhere)):
                item.add_marker(need)
        if not any(item.get_closest_marker(need) for need in needs.NEEDS):
            item.add_marker("fast")
    if hasattr(config, "workerinput"):
        heavy_first(items)


@pytest.fixture(scope="module")
def nothing_of_other_tests_is_collected() -> None:
    """Keep other tests' objects out of the collections that a measuring process makes between its models."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def no_figure_is_remembered() -> Generator[None]:
    """Forget what layers cost before a test that changes their code, and what that code said after it."""
    from costlens.network import figures, totals

    def forget() -> None:
        for room in (figures, totals):
            for each in vars(room).values():
                if hasattr(each, "cache_clear"):
                    each.cache_clear()

    forget()
    yield
    forget()
