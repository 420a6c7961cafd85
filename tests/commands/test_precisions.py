"""``--precision`` of every command that counts, ``explain --memory``, and the chart of an arena."""

import json
from pathlib import Path

import pytest

from tests.fakes.command_line import Run

RESNET = "mlperf_tiny_resnet8"
WEIGHTS = 77_360 + 4 * 346 + 4 * 346
"""A byte each, and a scale and a bias for each of 346 output channels."""


def counted(run: Run, *options: str) -> dict[str, int]:
    found = json.loads(run("count", RESNET, *options, "--format", "json").stdout)
    totals: dict[str, int] = found["models"][0]["totals"]
    return totals


def test_a_count_is_in_a_precision(run: Run) -> None:
    whole, half, byte = (counted(run, *option) for option in ((), ("--precision", "fp16"), ("--precision", "int8")))
    assert whole == counted(run, "--precision", "fp32")
    assert (whole["weight_bytes"], half["weight_bytes"]) == (4 * (77_360 + 346), 2 * (77_360 + 346))
    assert byte["weight_bytes"] == byte["weight_bytes_int8"] == whole["weight_bytes_int8"] == WEIGHTS
    assert byte["arena_bytes"] == whole["arena_bytes_int8"] == 3 * 32 * 32 * 16
    assert whole["macs"] == byte["macs"]
    assert "(int8)" in run("count", RESNET, "--precision", "int8").stdout


def test_budgets_are_of_the_precision(run: Run) -> None:
    limits = ("--budget", "weight_bytes=100kB", "--budget", "arena_bytes=48KiB")
    assert run("check", RESNET, *limits).returncode == 3
    assert run("check", RESNET, *limits, "--precision", "int8").returncode == 0


def test_networks_are_compared_in_it(run: Run) -> None:
    found = json.loads(run("compare", RESNET, "ds_cnn_s", "--precision", "int8", "--format", "json").stdout)
    assert found["models"][0]["figures"]["weight_bytes"] == WEIGHTS
    assert all("sizes in bytes are in int8" in each["notes"] for each in found["models"])
    found = json.loads(run("diff", "ds_cnn_s", RESNET, "--precision", "int8", "--format", "json").stdout)
    (total,) = (each for each in found["specs"][0]["totals"] if each["figure"] == "weight_bytes")
    assert total["head"] == WEIGHTS


def test_a_family_is_explored_in_it(run: Run) -> None:
    space = ("--set", "alpha=0.25,0.5", "--set", "resolution=96", "--front", "arena_bytes", "--format", "json")
    found = json.loads(run("explore", "mobilenet_v1", *space, "--precision", "int8", "--workers", "1").stdout)
    for alpha, point in zip(("0.25", "0.5"), found["points"], strict=True):
        words = ("count", f"mobilenet_v1?alpha={alpha}&resolution=96", "--precision", "int8", "--format", "json")
        assert point["totals"] == json.loads(run(*words).stdout)["models"][0]["totals"]


def test_an_unknown_precision_is_refused(run: Run) -> None:
    done = run("count", RESNET, "--precision", "int4")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == '--precision int4: expected fp32, fp16, int8 (did you mean "int8"?)\n'


def test_the_memory_of_a_network_is_explained(run: Run) -> None:
    done = run("explain", RESNET, "--memory", "--precision", "int8")
    assert done.returncode == 0
    answer = " ".join(done.stdout.split())
    assert "The arena takes 48.0 KiB, as little as any plan: so much is in use at once in stack1.conv2." in answer
    assert "To lower the peak, change both stack1.conv2 and stack1.add: they need equally much." in answer
    assert "waits for stack1.add, step 4" in answer


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("explain", RESNET, "--memory", "--layer", "stem"), "is of the whole network; leave out --layer"),
        (("explain", "conv", "--memory"), "explain conv --memory: only for a spec"),
        (("plot", RESNET, "ds_cnn_s", "--chart", "arena", "-o", "a.svg"), "is of one network, received 2; name one"),
    ],
)
def test_what_cannot_be_explained(arguments: tuple[str, ...], said: str, run: Run, tmp_path: Path) -> None:
    done = run(*(str(tmp_path / word) if word == "a.svg" else word for word in arguments))
    assert done.returncode == 2
    assert said in done.stderr


def test_an_arena_is_drawn(run: Run, tmp_path: Path) -> None:
    done = run("plot", RESNET, "--chart", "arena", "-o", str(tmp_path / "arena.svg"))
    assert done.returncode == 0
    assert "stack1.conv2" in (tmp_path / "arena.svg").read_text(encoding="utf-8")
