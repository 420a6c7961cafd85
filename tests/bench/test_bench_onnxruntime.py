"""The whole measurement on real models: known ratios, errors in one line, no process left behind."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from costlens.bench.process import environment
from costlens.bench.protocol import Protocol
from costlens.bench.run import bench
from costlens.errors import BenchError, RuntimeUnavailable
from tests.cases.onnx_drafts import CONVOLUTION_MACS, write_net

pytestmark = pytest.mark.measures

SHORT = Protocol(processes=6, looks=1, blocks=8, time_budget_s=20.0, device="cpu")
ONE = Protocol(processes=1, looks=1, blocks=3, device="cpu")
MAP_BYTES = 32 * 24 * 24 * 4
SLOWER_OR_OPEN = ("slower", "inconclusive")
"""Of ten times the work: noise may leave a verdict open, and never turns it round."""


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("nets")
    single = write_net(folder / "single.onnx", 5)
    copy = Path(shutil.copy(single, folder / "copy.onnx"))
    return {"single": single, "copy": copy, "tenfold": write_net(folder / "tenfold.onnx", 50)}


def test_a_copy_takes_as_long_and_ten_times_the_work_takes_longer(nets: dict[str, Path]) -> None:
    """How exactly, other work on the machine decides: tests/perf/aa.py and tests/perf/power.py record it."""
    macs = {"single": 5 * CONVOLUTION_MACS, "copy": 5 * CONVOLUTION_MACS, "tenfold": 50 * CONVOLUTION_MACS}
    report = bench(nets, SHORT, baseline="single", macs=macs)
    copy, tenfold = report.ratios
    assert (copy.label, tenfold.label) == ("copy", "tenfold")
    assert copy.low <= copy.ratio <= copy.high
    assert tenfold.ratio > 1.5  # nearer to a hundred where longer calls wait for a busy processor
    assert tenfold.macs_ratio == 10.0
    assert tenfold.verdict in SLOWER_OR_OPEN
    assert report.control is not None
    for model in report.models:
        low, high = model.median_interval_ms
        assert low <= model.median_ms <= high
        assert model.median_ms <= model.p90_ms <= model.p99_ms
        assert len(model.samples_ms) == 6
        assert model.cold_start_ms > 0
        assert model.gmacs_per_s == pytest.approx(macs[model.label] / model.median_ms / 1e6)
    assert report.runtime.providers == ("CPUExecutionProvider",)
    assert (report.runtime.threads, report.runtime.optimisation) == (1, "all")


def test_peak_memory_is_the_models_own_however_large_the_parent_is(tmp_path: Path) -> None:
    ballast = bytearray(os.urandom(1)) * 600_000_000
    small = write_net(tmp_path / "small.onnx", 1)
    large = write_net(tmp_path / "large.onnx", 4, channels=512)  # 37.7 MB of weights
    report = bench({"small": small, "large": large}, ONE)
    base, peaks = report.base_memory_bytes, [model.peak_memory_bytes for model in report.models]
    assert base < peaks[0] < 400_000_000 < len(ballast)
    assert peaks[1] - peaks[0] > 30_000_000
    for model, maps in zip(report.models, (1, 16), strict=True):
        assert 2 * maps * MAP_BYTES <= model.arena_bytes < 16 * maps * MAP_BYTES
    if sys.platform == "linux":
        assert all(model.run_memory_bytes for model in report.models)


@pytest.mark.parametrize("threads", [1, 2])
def test_batch_threads_and_several_inputs(threads: int, tmp_path: Path) -> None:
    model = write_net(tmp_path / "two.onnx", 2, inputs=2)
    protocol = replace(ONE, batch=4, threads=threads)
    report = bench({"two": model}, protocol)
    (latency,) = report.models
    assert latency.throughput_per_s == pytest.approx(4e3 / latency.median_ms)
    assert report.runtime.threads == threads
    assert report.ratios == ()


def broken_file(folder: Path) -> Path:
    path = folder / "broken.onnx"
    path.write_bytes(b"this is no model\nat all")
    return path


@pytest.mark.parametrize(
    ("make", "changes", "error", "message"),
    [
        (broken_file, {}, BenchError, "broken.onnx: onnxruntime "),
        (lambda folder: write_net(folder / "m.onnx", 1, batch=2), {}, BenchError, "fixed batch of 2, but --batch is 1"),
        (lambda folder: write_net(folder / "m.onnx", 1), {"device": "cuda"}, RuntimeUnavailable, "costlens-nn[gpu]"),
    ],
    ids=["not a model", "fixed batch", "no CUDA"],
)
def test_errors_are_one_line(
    make: Any, changes: dict[str, Any], error: type[Exception], message: str, tmp_path: Path
) -> None:
    import onnxruntime

    if changes.get("device") == "cuda" and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    with pytest.raises(error) as failed:
        bench({"m": make(tmp_path)}, replace(ONE, **changes))
    assert message in str(failed.value)
    assert "\n" not in str(failed.value)


DRIVER = """
    import sys
    from pathlib import Path
    from costlens.bench.protocol import Protocol
    from costlens.bench.run import bench
    from costlens.errors import CostlensError
    try:
        bench({"m": Path(sys.argv[1])}, Protocol(processes=50, blocks=100_000, device="cpu", time_budget_s=None),
              on_progress=lambda *step: print(*step, flush=True))
    except CostlensError as problem:
        print(problem, flush=True)
"""


@pytest.fixture
def running(nets: dict[str, Path]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Yield a comparison of minutes, in a process group of its own, and its child, which is timing by then."""
    driver = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(DRIVER), str(nets["tenfold"])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=environment(os.environ),
    )
    assert driver.stdout is not None
    while "process 1 of 50" not in driver.stdout.readline():
        assert driver.poll() is None
    children = Path(f"/proc/{driver.pid}/task/{driver.pid}/children")
    child = int(wait_for(lambda: children.read_text().split())[0])
    wait_until_timing(child)
    yield driver, child
    driver.kill()
    driver.communicate()
    if not is_gone(child):
        os.kill(child, signal.SIGKILL)


def wait_for(answer: Any) -> Any:
    until = time.monotonic() + 300
    while time.monotonic() < until:
        found = answer()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def wait_until_timing(child: int) -> None:
    """Wait until a process has used three seconds of the processor: loading and warming up take less than one."""
    ticks = 3 * os.sysconf("SC_CLK_TCK")
    wait_for(lambda: int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[11]) > ticks)


def is_gone(child: int) -> bool:
    """Say whether a process has ended; one that nobody has waited for yet counts as ended."""
    try:
        return Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the children")


@linux
@pytest.mark.parametrize("group", [True, False], ids=["Ctrl-C to the group", "signal to the parent"])
def test_an_interrupt_leaves_no_process(group: bool, running: tuple[subprocess.Popen[str], int]) -> None:
    driver, child = running
    if group:
        os.killpg(driver.pid, signal.SIGINT)
    else:
        driver.send_signal(signal.SIGINT)
    _, errors = driver.communicate(timeout=300)
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert is_gone(child)


@linux
def test_a_child_leaves_when_its_parent_is_killed(running: tuple[subprocess.Popen[str], int]) -> None:
    driver, child = running
    driver.kill()
    assert wait_for(lambda: is_gone(child))


@linux
def test_killed_children_are_replaced_until_the_third(running: tuple[subprocess.Popen[str], int]) -> None:
    driver, child = running
    children = Path(f"/proc/{driver.pid}/task/{driver.pid}/children")
    for _ in range(2):
        os.kill(child, signal.SIGKILL)
        killed = str(child)
        child = int(wait_for(lambda gone=killed: [one for one in children.read_text().split() if one != gone])[0])
        wait_until_timing(child)
    os.kill(child, signal.SIGKILL)
    output, errors = driver.communicate(timeout=300)
    assert errors == ""
    said = output.splitlines()[-1]
    assert said.startswith("the measuring process was ended by SIGKILL while timing ")
    assert said.endswith("; perhaps the system ran out of memory: free some, or use a smaller batch")


def test_a_stray_module_in_the_working_directory_is_not_imported(
    nets: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('wrong numpy')")
    monkeypatch.chdir(tmp_path)
    report = bench({"m": nets["single"]}, ONE)
    assert report.models[0].median_ms > 0


ENDLESS = """
    <ir_version: 10, opset_import: ["": 18]>
    endless (float[1] x) => (float[1] y) <int64 turns = {1152921504606846976}, bool yes = {1}> {
        y = Loop <body = body (int64 turn, bool going, float[1] before) => (bool go_on, float[1] after) {
            after = Add(before, before)
            go_on = Identity(going)
        }> (turns, yes, x)
    }"""
"""It loops 2^60 times."""
HUGE = """
    <ir_version: 10, opset_import: ["": 18]>
    huge (float[1] x) => (float y) <int64[1] zero = {0}, int64[1] size = {1152921504606846976}> {
        times = Cast <to = 7> (x)
        none = Mul(times, zero)
        shape = Add(none, size)
        large = ConstantOfShape(shape)
        y = ReduceMax <keepdims = 0> (large)
    }"""
"""It wants a tensor of four exbibytes."""


def write_text(path: Path, text: str) -> Path:
    import onnx
    from onnx import parser

    onnx.save(parser.parse_model(text), path)
    return path


def test_models_that_hang_want_too_much_or_are_none_leave_the_others_compared(
    nets: dict[str, Path], tmp_path: Path
) -> None:
    models = {
        "endless": write_text(tmp_path / "endless.onnx", ENDLESS),
        "huge": write_text(tmp_path / "huge.onnx", HUGE),
        "broken": broken_file(tmp_path),
        "single": nets["single"],
        "tenfold": nets["tenfold"],
    }
    report = bench(models, replace(SHORT, patience_s=30.0, time_budget_s=10.0), baseline="endless")
    reasons = {one.label: one.reason for one in report.failed}
    assert list(reasons) == ["endless", "huge", "broken"]
    assert "ended after 30 s without an answer, while running endless" in reasons["endless"]
    assert "huge.onnx: the model loads but cannot be run: " in reasons["huge"]
    assert "broken.onnx: onnxruntime" in reasons["broken"]
    (ratio,) = report.ratios
    assert (ratio.label, ratio.baseline) == ("tenfold", "single")
    assert ratio.verdict in SLOWER_OR_OPEN
    assert "endless, the baseline, could not be timed: single is the baseline." in report.note
