"""Whether a network fits a board: by its memories and by the operators of the runtime there."""

import re
from pathlib import Path

import pytest

from costlens.results.target import Fit, Fits, Need
from costlens.sources._source import Asked
from costlens.sources.find import models
from costlens.spec.target import target
from costlens.tasks._fit import fits
from tests.cases.tflite_files import Op, T, net, w, x
from tests.fakes.command_line import Run

NEEDS: list[tuple[int | None, Fits]] = [
    (50, "fits"), (60, "fits"), (61, "tight"), (100, "tight"), (101, "does not fit"), (None, "not known"),
]  # fmt: skip
FITTING = [
    ("ds_cnn_s", "nano33ble", "fits", "int8", ()),
    ("mobilenet_v1?alpha=0.25", "nano33ble", "does not fit", "int8", ()),
    ("mobilenet_v1?alpha=0.25", "pico2", "fits", "int8", ()),
    ("kwt_1", "pico2", "does not fit", "int8", ("GELU",)),
    ("resnet50", "pi4", "fits", "fp32", ()),
    ("resnet50", "phone", "fits", "fp32", ()),
    ("vgg_d", "pi_zero2", "does not fit", "fp32", ()),
]


@pytest.mark.parametrize(("needed", "verdict"), NEEDS)
def test_a_memory_is_large_enough(needed: int | None, verdict: Fits) -> None:
    need = Need("RAM", needed, 60, 100)
    assert need.verdict == verdict
    assert need.fits == (verdict in ("fits", "tight"))
    assert Fit("board", "A board", "int8", (Need("flash", 1, 60, 100), need), "litert").verdict == verdict
    assert Fit("board", "A board", "int8", (need,), "litert", ("GELU",)).verdict == "does not fit"


@pytest.mark.parametrize(("word", "board", "verdict", "precision", "lacking"), FITTING)
def test_networks_on_boards(word: str, board: str, verdict: Fits, precision: str, lacking: tuple[str, ...]) -> None:
    (model,) = models([word], Asked())
    (found,) = fits(model, [target(board)])
    assert (found.verdict, found.precision, found.lacking) == (verdict, precision, lacking)


def test_what_a_board_needs_is_what_was_measured() -> None:
    """The interpreter told 16,000 bytes of activations and 8,244 beside them for this network in int8."""
    (model,) = models(["ds_cnn_s"], Asked())
    (found,) = fits(model, [target("nano33ble")])
    ram, flash = found.needs
    assert ram.needed == pytest.approx(16_000 + 8_244, rel=0.02)
    assert flash.needed == pytest.approx(53_408, rel=0.06)


def test_a_precision_that_is_asked_for_is_kept() -> None:
    (model,) = models(["ds_cnn_s"], Asked(precision="fp32"))
    (narrow,), (wide,) = fits(model, [target("pico")]), fits(model, [target("pico")], "fp32")
    assert (narrow.precision, wide.precision) == ("int8", "fp32")
    assert (wide.needs[1].needed or 0) > 2 * (narrow.needs[1].needed or 0)


def test_a_file_is_judged_by_its_own_operators_and_its_size(tmp_path: Path) -> None:
    path = net(
        tmp_path / "net.tflite",
        [x(1, 4), w("w", 3, 4), T("a", (1, 3)), T("y", (1, 3))],
        Op("FULLY_CONNECTED", ["x", "w"], ["a"]), Op("GELU", ["a"], ["y"]),
    )  # fmt: skip
    (model,) = models([str(path)], Asked())
    (micro,), (litert,) = fits(model, [target("nano33ble")]), fits(model, [target("phone")])
    assert (micro.lacking, litert.lacking) == (("GELU",), ())
    assert micro.needs[1].needed == path.stat().st_size


def test_one_line_says_whether_it_fits_and_what_stands_in_the_way(run: Run) -> None:
    done = run("check", "mobilenet_v1?alpha=0.25", "--target", "nano33ble", columns="200")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("nano33ble: ")]
    assert re.fullmatch(
        r"nano33ble: does not fit in int8: RAM 4\d\d\.\d KiB of 256\.0 KiB; flash 58\d\.\d KiB of 716\.8 KiB usable; "
        "RAM is fullest at stage1.pointwise",
        line.rstrip(),
    )
    assert done.returncode == 3
    assert re.search(r"ram_bytes is 4\d\d,\d{3}, over its budget of 256.0 KiB \(--target nano33ble\)", done.stderr)
    done = run("check", "kwt_1", "--target", "pico2", columns="200")
    assert done.returncode == 3
    assert "pico2: does not fit in int8: tflite-micro has no GELU" in done.stdout
    assert "1 not supported by a board's runtime" in done.stdout
    done = run("count", "ds_cnn_s", "--target", "nano33ble", "--target", "pico", columns="200")
    assert done.returncode == 0
    assert [line.partition(" in int8")[0] for line in done.stdout.splitlines() if " in int8" in line] == [
        "nano33ble: fits", "pico: fits",
    ]  # fmt: skip
    done = run("list", "nano", "--targets")
    assert "Arduino Nano 33 BLE Sense" in done.stdout
    assert run("list", "nano", "--targets", "--counts").returncode == 2
