"""A real Dask cluster on the loopback: the table of the pool, whoever dies; and what is no cluster."""

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from costlens.errors import BenchError, RuntimeUnavailable, UsageError
from costlens.results.stored import to_json
from costlens.tasks._tools import Tools
from costlens.tasks.exploration.cluster import Cluster, counted
from costlens.tasks.exploration.counting import Chunk, Job
from costlens.tasks.exploration.lines import Line
from costlens.tasks.exploration.pool import Pool
from costlens.tasks.explore import Wish, explore
from tests.fakes.command_line import Run
from tests.fakes.dask_cluster import DaskCluster

SPEC = (
    "name: x\nknobs: {width: 8, n: 16}\ninput: [n, n, 3]\n"
    "layers: [{conv: {name: a, filters: width / 2, kernel: 3}}, {conv: {name: b, filters: 8, kernel: 3}}]\n"
)
DOWN = "tcp://127.0.0.1:1"
WISH = Wish(set=["width=2:17", "n=4:40"], kinds=["*=as-written,standard,separable"])


class Killing(Cluster):
    """Kills a process of a cluster as soon as so many lines have come."""

    def __init__(self, word: str, pid: int, after: int) -> None:
        super().__init__(word)
        self._pid, self._after = pid, after

    def map(self, job: Job, chunks: Iterable[Chunk]) -> Iterator[Line]:
        for place, line in enumerate(super().map(job, chunks)):
            if place == self._after:
                os.kill(self._pid, signal.SIGKILL)
            yield line


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with DaskCluster(tmp_path_factory.mktemp("dask")) as made:
        yield made


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a pool says, as text; the cache is another one then."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "x.yaml").write_text(SPEC, encoding="utf-8")
    found = to_json(explore("x.yaml", WISH, tools=Tools(), executor=Pool(2)))
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "other"))
    return found


def test_a_cluster_says_what_a_pool_says(dask: DaskCluster, whole: str) -> None:
    assert to_json(explore("x.yaml", WISH, tools=Tools(), executor=Cluster(str(dask.file)))) == whole


@pytest.mark.parametrize("after", [0, 5])
def test_a_worker_that_is_killed_is_made_up_for(dask: DaskCluster, whole: str, after: int) -> None:
    killing = Killing(dask.address, dask.workers[0].pid, after)
    assert to_json(explore("x.yaml", WISH, tools=Tools(), executor=killing)) == whole
    assert dask.workers[0].wait() == -signal.SIGKILL
    dask.start()


def test_after_the_scheduler_was_killed_the_same_command_goes_on(dask: DaskCluster, whole: str) -> None:
    assert dask.scheduler is not None
    with pytest.raises(BenchError, match="the scheduler has gone; what was counted is kept"):
        explore("x.yaml", WISH, tools=Tools(), executor=Killing(dask.address, dask.scheduler.pid, 3))
    dask.start()
    said: list[str] = []
    tools = Tools(note=said.append)
    assert to_json(explore("x.yaml", WISH, tools=tools, executor=Cluster(dask.address))) == whole
    assert "points were counted before; going on from there" in said[0]


@pytest.mark.parametrize(
    ("word", "workers", "message"),
    [
        ("tcp:/127.0.0.1:1", None, "no such file; expected the address of a scheduler (tcp://host:8786), a file, or"),
        ("http://127.0.0.1:1", None, "expected the address of a scheduler"),
        ("slrum", None, 'no such file (did you mean "slurm"?)'),
        ("slurm", None, "how many workers to start is missing; add --workers N"),
        ("tcp://127.0.0.1:1", 3, "the cluster has workers of its own; leave --workers out"),
    ],
)
def test_what_is_no_cluster(tmp_path: Path, word: str, workers: int | None, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        Cluster(word, workers)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no YAML or JSON"),
        ("- tcp://127.0.0.1:1", "holds no settings"),
        ("distributed: {}", "names no scheduler"),
        ("jobqueue: {slurm: {cores: 2}}", "dask-jobqueue is not installed; install it with: pip install dask-jobqueue"),
    ],
)
def test_what_is_no_file_of_a_cluster(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "dask.yaml").write_text(text, encoding="utf-8")
    with pytest.raises((UsageError, RuntimeUnavailable)) as raised, Cluster(str(tmp_path / "dask.yaml")):
        pass
    assert message in str(raised.value)


def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(RuntimeUnavailable, match=r"distributed is not installed; .*costlens-nn\[cluster\]"),
        Cluster(DOWN),
    ):
        pass


def test_a_server_that_is_down_is_told_and_nothing_is_written(whole: str, run: Run) -> None:
    done = run("explore", "x.yaml", "--set", "n=4:40", "--cluster", DOWN, "-o", "out")
    assert done.returncode == 5
    assert f"--cluster {DOWN}: no scheduler answers: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not [*Path("out").iterdir()]


def test_a_worker_of_another_version_is_refused() -> None:
    with pytest.raises(UsageError, match="a worker has another costlens; install the same version there"):
        counted(Job("x.yaml", (), (), ()), [], "another")
