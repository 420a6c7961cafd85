"""Points that a cluster times: on workers that carry the resource, of one kind of machine, and one that is real."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from costlens.bench import pinning
from costlens.bench.protocol import Protocol
from costlens.errors import RuntimeUnavailable, UsageError
from costlens.tasks._tools import Tools
from costlens.tasks.exploration.benches import Benches, _Kind, code, timed
from costlens.tasks.exploration.cluster import Cluster
from costlens.tasks.exploration.counting import Job
from costlens.tasks.exploration.point import PointJob, Where, this_machine
from costlens.tasks.exploration.pool import Here
from costlens.tasks.explore import Wish, explore
from costlens.tasks.measure_points import measured, wanted
from tests.fakes.dask_cluster import DaskCluster

pytest.importorskip("distributed")

SPEC = (
    "name: x\nknobs: {width: 8}\ninput: [16, 16, 3]\n"
    "layers: [{conv: {name: a, filters: width, kernel: 3}}, {conv: {name: b, filters: 8, kernel: 3}}]\n"
)
WISH = Wish(set=["width=4,8,12"], front=["macs", "width:max"])
PLAN = Protocol.quick(device="cpu")
ONE, OTHER = _Kind("1", Where("a CPU", "onnxruntime 1")), _Kind("2", Where("another CPU", "onnxruntime 1"))


@pytest.fixture(autouse=True)
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "x.yaml").write_text(SPEC, encoding="utf-8")


@dataclass
class Told:
    """A cluster that tells what its workers are, by their addresses; None of one that carries no resource."""

    kinds: dict[str, _Kind | Exception | None]
    asked: list[str] = field(default_factory=list)

    def how_to_give(self, resource: str) -> str:
        return f"give one {resource}"

    def connected(self, *, all_of_them: bool) -> Any:
        assert all_of_them
        workers = {at: {"resources": {"bench": 1.0} if kind else {}} for at, kind in self.kinds.items()}
        return SimpleNamespace(
            scheduler_info=lambda n_workers: {"workers": workers},
            run=self._run,
        )

    def _run(self, *given: Any, workers: Sequence[str], on_error: str) -> dict[str, _Kind | Exception | None]:
        assert on_error == "return"
        self.asked = [*workers]
        return {at: self.kinds[at] for at in workers}


def benches(kinds: dict[str, _Kind | Exception | None], notes: list[str]) -> tuple[Benches, Told]:
    told = Told(kinds)
    return Benches.of(cast("Cluster", told), PLAN, Tools(note=notes.append)), told


def test_workers_of_the_most_frequent_machine_time_and_the_others_are_told() -> None:
    notes: list[str] = []
    found, told = benches({"a": ONE, "b": OTHER, "c": None, "d": ONE}, notes)
    assert told.asked == ["a", "b", "d"]
    assert (found.workers, found.where()) == (("a", "d"), Where("a CPU", "onnxruntime 1"))
    (note,) = notes
    assert note.startswith("points are timed by 2 workers on a CPU; times of the other 1 could not be compared")


def test_of_equally_many_the_same_are_chosen_each_time() -> None:
    assert benches({"a": ONE, "b": OTHER}, [])[0].kind == benches({"b": OTHER, "a": ONE}, [])[0].kind == ONE


def test_workers_that_cannot_time_are_left_out_and_said() -> None:
    notes: list[str] = []
    wrong = UsageError("a worker has another costlens")
    assert benches({"a": ONE, "b": wrong, "c": wrong}, notes)[0].workers == ("a",)
    assert notes == ["2 workers with the resource bench cannot time: a worker has another costlens"]
    with pytest.raises(RuntimeUnavailable, match="no worker of the cluster can time: a worker has another costlens"):
        benches({"b": wrong}, [])


def test_workers_that_are_alike_are_all_taken() -> None:
    notes: list[str] = []
    assert benches({"a": ONE, "b": ONE}, notes)[0].workers == ("a", "b")
    assert notes == []


@pytest.mark.parametrize("able", [True, False])
def test_the_machine_that_times_tells_whether_its_processes_keep_to_their_cores(
    able: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinning, "can_pin", lambda: able)
    assert this_machine(replace(PLAN, pinned=True)).pinned is able
    assert not this_machine(PLAN).pinned


def test_without_a_worker_that_carries_the_resource_the_remedy_is_said() -> None:
    with pytest.raises(RuntimeUnavailable) as raised:
        benches({"a": None, "b": None}, [])
    assert str(raised.value) == (
        "--measure: no worker of the cluster carries the resource bench; give one bench, or leave --cluster out to "
        "time on this machine"
    )


def test_a_worker_with_other_code_is_refused() -> None:
    job = PointJob(Job("x.yaml", (), (), ("width",)), "x.yaml", 1, ("4",), 1, 1, PLAN)
    with pytest.raises(UsageError, match="a worker has another costlens; install the same version there"):
        timed(job, f"not {code()}")


@contextmanager
def cluster(folder: Path, resources: str) -> Iterator[DaskCluster]:
    with DaskCluster(folder, 1, resources) as made:
        yield made


@pytest.mark.process
def test_a_real_worker_without_the_resource_times_nothing(tmp_path: Path) -> None:
    found = explore("x.yaml", WISH, tools=Tools(), executor=Here())
    with (
        cluster(tmp_path, "") as dask,
        pytest.raises(RuntimeUnavailable, match=r"carries .*; start one: dask worker"),
    ):
        measured("x.yaml", found, wanted("front"), PLAN, tools=Tools(), cluster=dask.address)


@pytest.mark.tensorflow
@pytest.mark.measures
@pytest.mark.process
def test_a_real_worker_times_points_and_keeps_their_times(tmp_path: Path) -> None:
    found = explore("x.yaml", WISH, tools=Tools(), executor=Here())
    notes: list[str] = []
    with cluster(tmp_path, "bench=1") as dask:
        made = [
            measured("x.yaml", found, wanted("2"), PLAN, tools=Tools(note=notes.append), cluster=dask.address)
            for _ in range(2)
        ]
    first, again = (one.times for one in made)
    assert first
    assert again
    where = this_machine(replace(PLAN, pinned=True))
    assert (first.cpu, first.runtime, first.pinned, first.device) == (*where, "cpu")
    assert [one.point for one in first.points] == [1, 3]
    assert [one.problem for one in first.points] == ["", ""]
    for one in first.points:
        assert one.measured_ms
        assert one.ratio
    if not any(one.noisy for one in first.points):
        assert again.points == first.points
        assert notes == ["2 of 2 points were timed within the last day; their times are used again"]
