"""A network that is watched: what is seen at a save, and what is not taken for one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import pytest

from costlens.errors import UsageError
from costlens.formats.pages.watched import answer, page
from costlens.results.watched import Watched
from costlens.sources._source import Asked
from costlens.tasks.watch import POLL_S, watch
from tests.cases.results import printed
from tests.fakes.command_line import Run
from tests.places import ROOT

SPEC = "name: net\ninclude: net.blocks.yaml\nknobs: {{filters: {filters}}}\ninput: [8, 8, 3]\n"
SPEC += "layers: [{{one: {{n: filters}}}}]\n"
BLOCKS = "blocks:\n  one:\n    params: {{n: required}}\n"
BLOCKS += "    layers: [{{conv: {{filters: n, kernel: {kernel}, bias: false}}}}]\n"


class Saver:
    """Stands for time: before each poll it does the next thing that an editor does."""

    def __init__(self, *deeds: Callable[[], object]) -> None:
        self.deeds, self.polls, self.now = [*deeds], 0, time.time_ns()

    def __call__(self, seconds: float) -> None:
        if seconds != POLL_S:
            return
        self.polls += 1
        if not self.deeds:
            raise KeyboardInterrupt
        self.deeds.pop(0)()

    def save(self, name: str, text: str) -> Callable[[], None]:
        """Return what writes a file, each time a second later than the last: clocks of file systems are coarse."""

        def write() -> None:
            Path(name).write_text(text, encoding="utf-8")
            self.now += 10**9
            os.utime(name, ns=(self.now, self.now))

        return write


def nothing() -> None:
    """Let time pass."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that holds a spec of 108 parameters, 3 × 3 × 3 × 4, and the blocks it includes."""
    monkeypatch.chdir(tmp_path)
    saver = Saver()
    saver.save("net.yaml", spec(4))()
    saver.save("net.blocks.yaml", blocks(3))()
    return tmp_path


def spec(filters: int) -> str:
    return SPEC.format(filters=filters)


def blocks(kernel: int) -> str:
    return BLOCKS.format(kernel=kernel)


def seen(saver: Saver, word: str = "net.yaml", **asked: object) -> list[Watched]:
    found: list[Watched] = []
    try:
        for one in watch(word, Asked(**asked), wait=saver):  # type: ignore[arg-type]
            found.append(one)  # noqa: PERF402  # what was seen before the interrupt is kept
    except KeyboardInterrupt:
        pass
    return found


def params(found: list[Watched]) -> list[int | None]:
    return [one.count.totals.params if one.count else None for one in found]


def test_each_save_of_the_spec_or_of_its_blocks_is_seen_once(here: Path) -> None:
    saver = Saver()
    saver.deeds = [nothing, saver.save("net.yaml", spec(8)), nothing, nothing, saver.save("net.blocks.yaml", blocks(5))]
    found = seen(saver)
    assert params(found) == [108, 216, 600]
    assert [one.save for one in found] == [0, 1, 2]
    assert found[0].files == ("net.yaml", "net.blocks.yaml")
    assert answer(found[1]).startswith("Since the last save params +100%, MACs +100%, weights +100%")
    assert "since" not in answer(found[1]).removeprefix("Since")
    last, start = answer(found[2]).split("; ")
    assert last.startswith("Since the last save params +178%")
    assert start.startswith("since the start params +456%")


def test_a_broken_spec_is_shown_with_its_errors_and_waited_for(here: Path) -> None:
    saver = Saver()
    broken = spec(8).replace("filters: 8", "filters: [")
    saver.deeds = [saver.save("net.yaml", broken), nothing, saver.save("net.blocks.yaml", blocks(5)),
                   saver.save("net.yaml", spec(8))]  # fmt: skip
    found = seen(saver)
    assert params(found) == [108, None, None, 600]  # a broken spec tells no blocks; those it had are watched on
    assert found[1].problem.startswith("net.yaml:3:")
    assert "Waiting for the next save." in printed(page(found[1]))
    assert answer(found[3]).startswith("Since the last save params +456%")
    assert found[3].last == found[3].start


def test_one_that_is_broken_at_first_is_waited_for_too(here: Path) -> None:
    saver = Saver()
    saver.save("net.yaml", "name: net\n")()
    saver.deeds = [saver.save("net.yaml", spec(8)), saver.save("net.yaml", spec(4))]
    found = seen(saver)
    assert params(found) == [None, 216, 108]
    assert found[1].last is None
    assert found[2].start is not None


def test_a_save_that_changes_nothing_says_so(here: Path) -> None:
    saver = Saver()
    saver.deeds = [saver.save("net.yaml", f"{spec(4)}# a remark\n")]
    found = seen(saver)
    assert answer(found[1]) == "Since the last save no change in cost."
    assert printed(page(found[1], "12:00:00")).splitlines()[1].startswith("12:00:00 · net.yaml")


def test_an_editor_that_puts_a_new_file_in_the_place_of_the_old_is_one_save(here: Path) -> None:
    saver = Saver()
    old = Path("net.yaml")

    def away() -> None:
        old.rename("net.yaml~")

    saver.deeds = [away, nothing, nothing, saver.save("net.yaml", spec(8))]
    assert params(seen(saver)) == [108, 216]


def test_a_file_that_is_gone_for_long_is_told_and_waited_for(here: Path) -> None:
    saver = Saver()
    saver.deeds = [Path("net.yaml").unlink, *[nothing] * 20, saver.save("net.yaml", spec(8))]
    found = seen(saver)
    assert params(found) == [108, None, 216]
    assert "net.yaml: no such file" in found[1].problem


def test_knobs_and_a_variant_are_kept_at_each_save(here: Path) -> None:
    saver = Saver()
    saver.deeds = [saver.save("net.blocks.yaml", blocks(5))]
    found = seen(saver, "net.yaml?filters=2", variants=("separable",))
    assert params(found) == [27 + 6, 75 + 6]
    assert found[0].count is not None
    assert found[0].count.variant == "separable"


@pytest.mark.parametrize(("word", "said"), [
    ("nat.yaml", 'nat.yaml: no such file (did you mean "net.yaml"?)'),
    (".", ".: holds 2 networks; name one to watch"),
    ("python:models:make", "python:models:make: nothing there is ever saved; name a file on disk to watch"),
])  # fmt: skip
def test_what_cannot_be_watched_is_exit_2(word: str, said: str, here: Path) -> None:
    Path("other.yaml").write_text(spec(4), encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        seen(Saver(), word)
    assert str(refused.value) == said


def test_layers_that_changed_are_listed_and_many_are_cut(here: Path) -> None:
    many = "name: net\ninput: [8, 8, 3]\nlayers:\n" + "".join(
        f"  - conv: {{name: c{i}, filters: {4 + i % 3}, kernel: KERNEL}}\n" for i in range(60)
    )
    saver = Saver()
    saver.save("many.yaml", many.replace("KERNEL", "3"))()
    saver.deeds = [saver.save("many.yaml", many.replace("KERNEL", "5"))]
    text = printed(page(seen(saver, "many.yaml")[1]), 100)
    assert "kernel 3×3 → 5×5" in text
    assert "layers more" in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.fixture
def watching(here: Path) -> Iterator[subprocess.Popen[str]]:
    """Yield the command itself; it is ended whatever happens."""
    command = [sys.executable, "-m", "costlens", "watch", "net.yaml"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    limit = Timer(60, process.kill)
    limit.start()
    yield process
    limit.cancel()
    process.kill()
    process.communicate()


@pytest.mark.process
def test_the_command_ends_cleanly_where_it_is_interrupted(watching: subprocess.Popen[str], here: Path) -> None:
    assert watching.stdout is not None
    for line in watching.stdout:
        if "Ctrl-C ends" in line:
            break
    Path("net.yaml").write_text(spec(8), encoding="utf-8")
    for line in watching.stdout:
        if "Since the last save params +100%" in line:
            break
    watching.send_signal(signal.SIGINT)
    rest, errors = watching.communicate(timeout=60)
    assert (watching.returncode, errors) == (0, "")
    assert "Since" not in rest


def test_its_help_says_what_it_takes(run: Run) -> None:
    assert "Ctrl-C" in run("watch", "--help").stdout
