"""The kernels of a profile in the table: which are kept, with what times, and what a bundle does to them later."""

from dataclasses import replace
from pathlib import Path

import pytest

from costlens.bench.attribution.summary import Named
from costlens.bench.kernels import Timed, TimedKernels
from costlens.errors import BenchError
from costlens.prediction.sums import estimate
from costlens.prediction.table import BUNDLE, PROFILE, Conditions, Table, Times, load, store
from costlens.results.layer_times import KernelTime, LayerTime, LayerTimes
from costlens.runtimes import Options
from costlens.runtimes._onnxruntime_operations import Run
from costlens.runtimes._operation import Operand, Operation, operation
from costlens.runtimes._profile import Kernel
from costlens.tasks import _kernels
from costlens.tasks._profiled_kernels import keep, taught
from costlens.tasks._tools import Tools
from tests.fakes.fake_tools import Workshop

MEGA = 2**20
HALF = Conditions("k", "a machine", cold=((MEGA, 0.0), (4 * MEGA, 1.0)))
"""2 MiB are half way out of the cache."""


def product(columns: int) -> Operation:
    read, made = Operand((1, 64)), Operand((1, columns))
    return operation("MatMul", [read, Operand((64, columns), stored=True)], [made])


def bank() -> dict[str, Times]:
    return {product(columns).text: Times(columns / 10, columns / 5) for columns in range(100, 9000, 400)}


def ran(*named: tuple[str, Operation]) -> Run:
    return Run(tuple(Kernel(name, one.op) for name, one in named), tuple(one for _, one in named), (), ())


@pytest.fixture
def profile(work: Workshop) -> LayerTimes:
    """A profile of one row without kernels."""
    row = LayerTime("row", "dense", 0.0, 0.0, ())
    return replace(work.profile(Named("n", "", ""), Path("x.onnx"), [row], "onnxruntime", Options("cpu"), 1))


def told(profile: LayerTimes, **microseconds: float) -> LayerTimes:
    kernels = tuple(KernelTime(name, "MatMul", us + 2, us) for name, us in microseconds.items())
    row = replace(profile.rows[0], kernels=kernels, microseconds=sum(microseconds.values()))
    return replace(profile, rows=(row,), unprofiled_us=row.microseconds)


def test_a_kernel_has_two_times_between_which_it_was_measured(profile: LayerTimes) -> None:
    table, net = Table(HALF, bank()), product(7942)  # 2 MiB of weights and twice its activations
    found = taught(table, ran(("a", net)), told(profile, a=300.0))
    times = found[net.text]
    assert times.source == PROFILE
    assert times.warm_us < 300.0 < times.cold_us
    assert times.cold_us / times.warm_us == pytest.approx(2.0, rel=0.1)
    guess = estimate(net, table.grown(found), 0.5)
    assert guess.microseconds == pytest.approx(300.0, rel=0.01)
    assert {estimate(net, table.grown(found), cold).basis for cold in (0.0, 0.5, 1.0)} == {"interpolated"}


def test_kernels_of_bundles_stay_and_those_that_names_do_not_tell_apart_are_left_out(profile: LayerTimes) -> None:
    known, twice, other = product(100), product(150), product(250)
    run = ran(("a", known), ("b_token_1", twice), ("b_token_2", other), ("c", product(350)), ("d", product(450)))
    found = taught(Table(HALF, bank()), run, told(profile, a=99.0, b_token_7=5.0, b_token_9=6.0, c=35.0, d=0.0))
    assert [*found] == [product(350).text]


def test_a_profile_is_kept_where_the_machine_has_a_table(
    profile: LayerTimes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path))
    key, says = _kernels.here(1)
    new, asked = product(350), (Path("x.onnx"), Options("cpu"))
    monkeypatch.setattr(_kernels, "run_of", lambda *_: ran(("c", new)))
    keep(*asked, "onnxruntime", told(profile, c=35.0))
    assert load(key) is None
    store(Table(replace(HALF, key=key, says=says)), bank())
    keep(*asked, "litert", told(profile, c=35.0))
    keep(*asked, "onnxruntime", replace(told(profile, c=35.0), unprofiled_us=50.0))  # they do not add up
    assert new.text not in (load(key) or Table(HALF)).times
    keep(*asked, "onnxruntime", told(profile, c=35.0))
    table = load(key)
    assert table is not None
    assert table.times[new.text].source == PROFILE
    assert table.missing([new]) == ()
    assert table.not_in_bundles([new]) == (new,)


def test_what_fails_is_no_fault_of_the_profile(
    profile: LayerTimes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path))
    key, says = _kernels.here(1)
    store(Table(replace(HALF, key=key, says=says)), bank())

    def fails(*_: object) -> Run:
        raise BenchError("cannot be run")

    monkeypatch.setattr(_kernels, "run_of", fails)
    keep(Path("x.onnx"), Options("cpu"), "onnxruntime", told(profile, c=35.0))
    assert len((load(key) or Table(HALF)).times) == len(bank())


def test_a_bundle_times_what_a_profile_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path))
    one = product(350)
    table = Table(HALF, {one.text: Times(1.0, 2.0, source=PROFILE)})

    def time_kernels(tools: Tools, operations: list[Operation], *_: object, **__: object) -> TimedKernels:
        return TimedKernels(tuple(Timed(each, 10.0, 20.0, 0.0) for each in operations), (), 8, 0.0)

    monkeypatch.setattr(Tools, "time_kernels", time_kernels)
    quick, _ = _kernels.grown(table, [one], 1, Tools())
    assert quick.times[one.text].source == PROFILE
    whole, _ = _kernels.grown(table, [one], 1, Tools(), passes=4)
    assert (whole.times[one.text].warm_us, whole.times[one.text].source) == (10.0, BUNDLE)
