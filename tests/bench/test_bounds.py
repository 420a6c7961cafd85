"""Bounds: what the system tells of its caches, the measurement, what is kept of it, and how it is told."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from costlens.bench import bounds as room
from costlens.bench import wire
from costlens.bench.bounds_worker import BoundsJob, BoundsSamples, measure
from costlens.bench.machine import caches, fingerprint, last_level, machine_facts, own_cache
from costlens.errors import BenchError, UsageError
from costlens.formats import markdown
from costlens.formats.pages import bounds as sentences
from costlens.formats.pages.report import page as report_page
from costlens.results.bounds import (
    Bounds,
    CacheFacts,
    LeastTime,
    MachineBounds,
    NotMeasured,
    falling,
)
from costlens.results.report import Report
from costlens.results.stored import to_json
from costlens.runtimes import Fingerprint, Options
from costlens.runtimes._bound_models import CACHED, OPERATIONS, STREAMED, Work
from costlens.runtimes.onnxruntime import Onnxruntime
from costlens.tasks._timing import least_times
from tests.cases.counted import models
from tests.cases.tiny_sizes import TINY
from tests.fakes.command_line import Run
from tests.places import ROOT

pytestmark = pytest.mark.many

CPU = Fingerprint("onnxruntime", "9.9", "fake build", "cpu", ("CPUExecutionProvider",), "{}", 1, "all")
ROOFS = Bounds("f", 100.0, 10e9, 1, "fp32", "2025-01-31T12:00Z", 1_000_000, 40e9, 0.5)
L1 = CacheFacts(1, "data", 32 * 2**10, 1)
L2 = CacheFacts(2, "unified", 2**20, 1)
L3 = CacheFacts(3, "unified", 2**25, 8)


def write_cache(root: Path, index: int, **said: str) -> None:
    folder = root / f"sys/devices/system/cpu/cpu0/cache/index{index}"
    folder.mkdir(parents=True)
    for name, text in said.items():
        (folder / name).write_text(f"{text}\n")


def test_caches_of_a_linux_machine(tmp_path: Path) -> None:
    write_cache(tmp_path, 0, level="1", type="Data", size="32K", shared_cpu_list="0")
    write_cache(tmp_path, 1, level="1", type="Instruction", size="64K", shared_cpu_list="0")
    write_cache(tmp_path, 2, level="2", type="Unified", size="1024K", shared_cpu_list="0")
    write_cache(tmp_path, 3, level="3", type="Unified", size="32M", shared_cpu_list="0-3,8-11")
    found = caches(tmp_path)
    assert found == (L1, CacheFacts(1, "instruction", 2**16, 1), L2, L3)
    assert (last_level(found), own_cache(found, tmp_path)) == (L3, L2)
    both = tuple(replace(one, shared_by=2 * one.shared_by) for one in found)
    assert own_cache(both, tmp_path) is None
    siblings = tmp_path / "sys/devices/system/cpu/cpu0/topology/thread_siblings_list"
    siblings.parent.mkdir(parents=True)
    siblings.write_text("0,64\n")
    assert own_cache(both, tmp_path) == both[2]
    assert sentences.caches(found) == "L1 data 32.0 KiB, L1 instruction 64.0 KiB, L2 1.0 MiB, L3 32.0 MiB shared by 8"


@pytest.mark.parametrize("wrong", [
    {"level": "x"}, {"type": "Trace"}, {"size": "32"}, {"size": ""}, {"shared_cpu_list": ""}, {"shared_cpu_list": "a-b"}
], ids=str)  # fmt: skip
def test_a_cache_that_says_something_unknown_is_left_out(wrong: dict[str, str], tmp_path: Path) -> None:
    write_cache(tmp_path, 0, **{"level": "1", "type": "Data", "size": "32K", "shared_cpu_list": "0", **wrong})
    assert caches(tmp_path) == ()
    assert caches(tmp_path / "nothing here") == ()
    assert last_level(()) is None


def test_sizes_follow_the_caches_and_the_memory() -> None:
    found = (L1, L2, L3)
    few = room.sizes_for(found, 2**40, 2)
    assert (few.gemm, few.images, few.stream_bytes) == (1024, 2, 4 * 2**25)
    assert few.cached_bytes == 1_396_736  # a 24th of the last level, whole pages
    assert 3 * room.sizes_for(found, 2**40, 1).cached_bytes <= L2.bytes // 2
    assert room.sizes_for(found, 2**40, 64).gemm == 2048
    assert room.sizes_for(found, 2**30, 1).stream_bytes == 2**25
    assert room.sizes_for((replace(L3, bytes=2**30),), None, 1).stream_bytes == 2**29
    assert room.sizes_for((), None, 1).stream_bytes == 2**27


class FakeSession:
    def __init__(self, machine: FakeRuntime, ns: int, fingerprint: Fingerprint) -> None:
        self.machine, self.ns, self.fingerprint = machine, ns, fingerprint
        self.runs = 0

    def run(self) -> None:
        """Take twice as long every second time."""
        self.runs += 1
        self.machine.now_ns += self.ns * (1 + self.runs % 2)

    def synchronize(self) -> None:
        pass


class FakeRuntime:
    """A clock that only models move on; models named in ``lacks`` have no kernel."""

    def __init__(self, lacks: tuple[str, ...] = (), providers: tuple[str, ...] = CPU.providers) -> None:
        self.now_ns = 0
        self.lacks = lacks
        self.ran_by = replace(CPU, providers=providers)

    def start(self) -> None:
        pass

    def require(self, device: str) -> None:
        pass

    def imported(self) -> Any:
        return SimpleNamespace(get_available_providers=lambda: ["A", "B"])

    def clock(self) -> int:
        return self.now_ns

    def load(self, path: Path, options: Options) -> FakeSession:
        if any(lacking in path.name for lacking in self.lacks):
            raise RuntimeError("NOT_IMPLEMENTED: no kernel\nand a second line")
        return FakeSession(self, 3_000, replace(self.ran_by, threads=options.threads))


def fake_launch(**given: Any) -> Any:
    """Return a launch that measures in this process; every model does 6 million MACs or bytes, in 3 us at best."""

    moved = dict.fromkeys((CACHED, *STREAMED), Work(traffic_bytes=6_000, size="s"))
    computed = dict.fromkeys((name for name, _ in OPERATIONS), Work(macs=6_000_000, size="s"))
    works = computed | moved | {"tiny Add": Work(kernels=6, size="6 of them")}
    operations = {key: lambda path, sizes, name=key[0]: works[name] for key in OPERATIONS}

    def launch(job: BoundsJob) -> Any:
        runtime = FakeRuntime(**given)
        sent = wire.read(BoundsJob, json.loads(wire.write(job)))
        assert sent == job
        found = measure(
            sent,
            runtime,
            lambda message: None,
            clock=runtime.clock,
            models=operations,
            casts=lambda path, providers: 2 if path.stem.startswith("MatMul") else None,
        )
        assert wire.read(BoundsSamples, json.loads(wire.write(found))) == found
        return found

    return launch


def fake(**given: Any) -> MachineBounds:
    return room.measure(seconds=0.001, sizes=TINY, launch=fake_launch(**given))


def test_bounds_are_the_best_of_what_was_measured() -> None:
    found = fake(lacks=("MatMulInteger",))
    threads = sorted({1, machine_facts().cores_usable})
    assert [(one.threads, one.precision) for one in found.bounds] == [(n, p) for n in threads for p in ("fp32", "int8")]
    first = found.bounds[0]
    assert first.peak_gmacs_per_s == 2_000.0
    assert first.bandwidth_bytes_per_s == first.cache_bandwidth_bytes_per_s == 2e9
    assert first.overhead_us == 0.5
    assert found.providers_available == ("A", "B")
    assert found.fingerprint == first.fingerprint == fingerprint(found.machine, found.runtime)
    if len(threads) > 1:
        assert found.bounds[-1].fingerprint != first.fingerprint
    assert all(rate.spread >= 1 and rate.blocks >= 5 for rate in found.rates)
    reasons = {(one.operation, one.precision): one.why for one in found.not_measured if one.threads == 1}
    assert reasons == {
        ("MatMulInteger", "int8"): "this runtime has no such kernel: NOT_IMPLEMENTED: no kernel",
        ("MatMul", "fp16"): "not computed in fp16: the runtime casts to fp32 and back",
        ("Conv", "fp16"): "it is not known whether this provider computes it in fp16",
    }


@pytest.mark.parametrize(
    ("factors", "attempts", "peak", "fallen"),
    [
        (((1.0, 1.9),), 1, 3_800.0, 0),
        (((1.0, 0.96),), 1, 2_000.0, 0),  # noise
        (((1.0, 0.5), (0.9, 1.8)), 2, 3_600.0, 0),
        (((1.0, 0.5), (1.1, 0.6)), 2, 2_200.0, 4),
    ],
)
def test_a_peak_that_falls_with_threads_is_measured_again_and_never_stored(
    factors: tuple[tuple[float, float], ...], attempts: int, peak: float, fallen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "machine_facts", lambda: replace(machine_facts(), cores_usable=2))
    left = [factor for attempt in factors for factor in attempt]

    def launch(job: BoundsJob) -> BoundsSamples:
        samples, factor = fake_launch()(job), left.pop(0)
        return replace(samples, rates=tuple(replace(rate, value=rate.value * factor) for rate in samples.rates))

    steps: list[tuple[int, int]] = []
    found = room.measure(
        seconds=0.001, sizes=TINY, launch=launch, on_progress=lambda done, total, message: steps.append((done, total))
    )
    assert steps == [(0, 2), (1, 2), (2, 4), (3, 4)][: 2 * attempts]
    assert left == []
    one, two = (bounds for bounds in found.bounds if bounds.precision == "fp32")
    assert (one.threads, two.threads, two.peak_gmacs_per_s) == (1, 2, pytest.approx(peak))
    assert two.peak_gmacs_per_s >= one.peak_gmacs_per_s
    assert two.bandwidth_bytes_per_s >= one.bandwidth_bytes_per_s
    assert len(falling(found.rates)) == fallen
    assert ("fewer threads: MatMul fp32 with 2 threads" in " ".join(sentences.doubts(found))) == bool(fallen)


def test_without_single_precision_there_are_no_bounds() -> None:
    with pytest.raises(BenchError, match=r"this runtime has no such kernel: NOT_IMPLEMENTED: no kernel$"):
        fake(lacks=("Identity",))


def test_int8_is_not_asked_of_a_graphics_card() -> None:
    asked: list[BoundsJob] = []

    def launch(job: BoundsJob) -> Any:
        asked.append(job)
        return fake_launch()(job)

    found = room.measure("cuda", seconds=0.001, launch=launch)
    assert [job.options.threads for job in asked] == [1]
    assert {one.precision for one in (*found.rates, *found.not_measured)} == {"fp32", "fp16"}
    assert asked[0].sizes.stream_bytes > 2**28


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(Onnxruntime, "versions", lambda self: ("9.9",))
    return tmp_path / "cache"


def test_bounds_are_found_again_by_their_fingerprint_only(cache: Path) -> None:
    assert (room.stored(), room.find("none"), room.here()) == ((), None, None)
    found = fake()
    assert MachineBounds.from_json(to_json(found)) == found
    path = room.store(found)
    assert room.store(found) == path
    assert [file.name for file in cache.iterdir()] == [f"bounds-{found.fingerprint}.json"]
    assert room.stored() == (found,)
    assert room.here() == found
    assert room.here("cuda") is None
    for one in found.bounds:
        assert room.find(one.fingerprint, one.precision) == one
    assert room.find(found.fingerprint, "fp16") is None
    assert room.find("another machine's") is None


def test_another_machines_bounds_are_shown_but_not_taken_for_ours(cache: Path) -> None:
    ours = fake()
    machine = replace(ours.machine, cpu="another")
    theirs = replace(ours, machine=machine, fingerprint=fingerprint(machine, ours.runtime), measured="1999")
    room.store(theirs)
    assert (room.stored(), room.here()) == ((theirs,), None)
    room.store(ours)
    assert room.stored() == (ours, theirs)
    assert room.here() == ours


def test_another_build_of_the_runtime_is_measured_anew(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room.store(fake())
    monkeypatch.setattr(Onnxruntime, "versions", lambda self: ("10.0",))
    assert room.here() is None


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"schema": "costlens.bounds/99"}'])
def test_what_cannot_be_read_is_measured_anew_and_says_so(text: str, cache: Path) -> None:
    path = room.store(fake())
    path.write_text(text)
    assert room.stored() == ()
    with pytest.raises(UsageError, match=r"^bounds: .*; run costlens machine --measure$"):
        MachineBounds.from_json(text)


def test_another_versions_bounds_are_refused() -> None:
    document = json.loads(to_json(fake())) | {"schema": "costlens.bounds/99"}
    with pytest.raises(UsageError, match=r"expected schema costlens.bounds/1, received 'costlens.bounds/99'"):
        MachineBounds.from_json(json.dumps(document))


@pytest.mark.parametrize("form", ["terminal", "json"])
def test_what_cannot_be_stored_is_printed_and_kept(
    form: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = fake()
    monkeypatch.setattr(room, "measure", lambda device, on_progress: found)
    done = run("machine", "--format", form)
    assert found.fingerprint in done.stdout
    assert "Stored in" not in done.stdout
    said = rf"{tmp_path}/file/bounds-.*: the bounds cannot be kept there: .*; what was found is kept in (.*); free .*\n"
    kept = re.fullmatch(said, done.stderr)
    assert (done.returncode, kept is not None) == (5, True)
    assert MachineBounds.from_json((Path(kept[1]) / f"bounds-{found.fingerprint}.json").read_text()) == found


def test_a_latency_of_this_fingerprint_gets_its_least_times(cache: Path) -> None:
    latency = Report.from_json((ROOT / "reports/separable_example/report.json").read_text()).latency
    assert latency is not None
    counted = models(ROOT / "specs/separable_example.yaml", "all")
    assert least_times(counted, latency) == ()
    found = fake()
    room.store(replace(found, bounds=(replace(found.bounds[0], fingerprint=latency.fingerprint),)))
    lines = least_times(counted, latency)
    medians = {model.label: model.median_ms for model in latency.models}
    assert {line.label: line.measured_ms for line in lines} == medians
    assert [line.limited_by for line in lines] == ["memory"] * len(lines)


def test_the_sentences_of_a_report() -> None:
    lines = [LeastTime("standard", 10.0, 13.5, "compute", ROOFS), LeastTime("separable", 0.5, 5.0, "memory", ROOFS)]
    assert sentences.least_times(lines) == [
        "At this machine's peak of 100 GMAC/s and 10 GB/s (40 GB/s in its caches) the least time is:",
        "standard: 10 ms, most of it compute; measured is 1.35×",
        "separable: 0.5 ms, most of it memory; measured is 10.0×",
    ]
    assert sentences.least_times([]) == []
    noise, beaten = (replace(lines[0], measured_ms=ms) for ms in (9.81, 9.79))
    assert sentences.least_times([noise, lines[1]])[1] == "standard: 10 ms, most of it compute; measured is 0.981×"
    (said,) = sentences.least_times([beaten, lines[1]])
    assert said.startswith("The least times are left out: standard ran faster than the stored bounds of this machine")
    bare = replace(ROOFS, cache_bandwidth_bytes_per_s=0.0)
    assert sentences.roofs(bare) == "100 GMAC/s and 10 GB/s"


def test_a_report_tells_the_least_times_below_its_latency() -> None:
    stored = Report.from_json((ROOT / "reports/separable_example/report.json").read_text())
    line = LeastTime("standard", 0.01, 0.02, "compute", ROOFS)
    report = replace(stored, least=(line,))
    assert Report.from_json(to_json(report)) == report
    page = markdown.render(report_page(report))
    told = page[page.index("## Latency") : page.index("## Layer by layer")]
    assert "At this machine's peak of 100 GMAC/s and 10 GB/s" in told
    assert "- standard: 10 µs, most of it compute; measured is 2.00×\n" in told
    assert "At this machine's peak" not in markdown.render(report_page(replace(stored, least=())))


def test_a_reason_is_given_once() -> None:
    missing = tuple(NotMeasured("fp16", n, name, "no") for n in (1, 2) for name in ("MatMul", "Conv"))
    assert sentences.missing(replace(fake(), not_measured=missing)) == ["fp16 MatMul, Conv: no"]


def test_the_command_shows_what_is_stored(cache: Path, run: Run) -> None:
    nothing = run("machine", "--show")
    assert (nothing.returncode, nothing.stdout.strip()) == (
        0,
        "No machine is stored yet; run costlens machine to measure this one.",
    )
    found = fake()
    room.store(found)
    shown = run("machine", "--show")
    assert shown.returncode == 0
    for text in (found.fingerprint, found.machine.cpu[:20], "not computed in fp16", "ridge"):
        assert text in shown.stdout
    *page, stored = shown.stdout.splitlines()
    assert max(map(len, page)) <= 80
    assert stored == f"Stored in {cache}/bounds-{found.fingerprint}.json"
    assert json.loads(run("machine", "--show", "--format", "json").stdout)[0]["fingerprint"] == found.fingerprint
    both = run("machine", "--show", "--measure")
    assert (both.returncode, both.stderr) == (
        2,
        "--show prints what is stored and --measure measures again; give one of them\n",
    )


def test_no_room_for_the_models_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at all")
    with pytest.raises(BenchError, match=r"^no temporary folder can be made: .*; free disk space$"):
        fake()


@pytest.mark.measures
def test_this_machine_is_measured_for_real(cache: Path) -> None:
    found = room.measure(seconds=0.2, sizes=replace(TINY, gemm=128, channels=16, side=14, stream_bytes=2**21))
    assert {(one.operation, one.precision) for one in (*found.rates, *found.not_measured)} == set(OPERATIONS)
    assert "CPUExecutionProvider" in found.providers_available
    fp32 = [one for one in found.bounds if one.precision == "fp32"]
    assert [one.threads for one in fp32] == sorted({1, found.machine.cores_usable})
    for one in fp32:
        assert 0.1 < one.peak_gmacs_per_s < 1e6
        assert 1e8 < one.bandwidth_bytes_per_s < 1e13
        assert 0 < one.overhead_us < 100
    assert all(asdict(rate)["value"] > 0 for rate in found.rates)
