"""``costlens advise`` on ONNX files: what is chosen is written, proven by a run and timed; mistakes are one line."""

import json
from pathlib import Path
from typing import Any

import pytest

import costlens as cl
from costlens.api import _options
from costlens.network.variants import kind_names
from costlens.prediction import Conditions, Table, Times
from costlens.results.advice import UNTRAINED
from costlens.sources._source import Asked
from costlens.sources.find import models
from costlens.tasks import _kernels
from tests.cases.onnx_drafts import Draft, write_net
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def net(here: Path) -> Path:
    """Write a stem, two blocks of two equal convolutions, a separable convolution and a classifier."""
    same: dict[str, Any] = {"pads": [1] * 4}
    nodes: list[tuple[str, str, str, dict[str, Any]]] = [
        ("Conv", "x w0 b0", "c0", {**same, "strides": [2, 2]}), ("Relu", "c0", "r0", {})
    ]  # fmt: skip
    weights: dict[str, tuple[int, ...]] = {"w0": (16, 8, 3, 3), "b0": (16,)}
    names = {0: "/stem/Conv"}
    before = "r0"
    for block in (1, 2):
        for nth in (1, 2):
            key = f"{block}{nth}"
            names[len(nodes)] = f"/block{block}/conv{nth}/Conv"
            nodes += [
                ("Conv", f"{before if nth == 1 else f'r{block}1'} w{key} b{key}", f"c{key}", same),
                ("Relu", f"c{key}", f"r{key}", {}),
            ]
            weights |= {f"w{key}": (16, 16, 3, 3), f"b{key}": (16,)}
        names[len(nodes)] = f"/block{block}/Add"
        nodes.append(("Add", f"r{block}2 {before}", f"a{block}", {}))
        before = f"a{block}"
    names |= {len(nodes): "/deep/depthwise/Conv", len(nodes) + 2: "/deep/pointwise/Conv"}
    nodes += [
        ("Conv", f"{before} wd", "d", {**same, "group": 16}), ("Relu", "d", "rd", {}), ("Conv", "rd wp bp", "p", {}),
        ("GlobalAveragePool", "p", "g", {}), ("Flatten", "g", "f", {}), ("Gemm", "f wg", "y", {}),
    ]  # fmt: skip
    weights |= {"wd": (16, 1, 3, 3), "wp": (32, 16, 1, 1), "bp": (32,), "wg": (32, 10)}
    return Draft({"x": ["N", 8, 16, 16]}, nodes, weights, names=names).write(here / "net.onnx")


@pytest.mark.parametrize("budget", ["macs=-30%", "weight_bytes=-25%", "deployed=6k", "peak_activation_bytes=1M"])
def test_the_file_that_is_written_keeps_the_budget(budget: str, net: Path, run: Run) -> None:
    done = run("advise", "net.onnx", "--budget", budget, "-o", "slim.onnx", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    (limit,) = found["limits"]
    name = "deployed_params" if limit["figure"] == "deployed" else limit["figure"]
    written = cl.count("slim.onnx").totals
    assert getattr(written, name) == limit["planned"] <= limit["value"]
    assert written.macs == found["planned"]["macs"]
    assert cl.verify("slim.onnx").failures == []


def test_a_row_is_of_the_block_that_it_was_in(net: Path) -> None:
    found = cl.advise("net.onnx", budget={"macs": "-1%"}, kinds=["standard"])
    assert found.kinds is None
    assert [layer.names for layer in found.layers] == [("/deep",)]
    assert {one.name for one in found.one_form} == {
        "/stem/Conv",
        *(f"/block{b}/conv{n}/Conv" for b in "12" for n in "12"),
    }


def test_equal_layers_of_blocks_are_tied_across_the_blocks_only(net: Path) -> None:
    found = cl.advise("net.onnx", budget={"macs": "-30%"}, tie=True)
    assert [layer.names for layer in found.layers if len(layer.names) > 1] == [
        ("/block1/conv1/Conv", "/block2/conv1/Conv"), ("/block1/conv2/Conv", "/block2/conv2/Conv")
    ]  # fmt: skip


def test_what_is_kept_stays_with_all_of_its_block(net: Path, run: Run) -> None:
    found = cl.advise("net.onnx", budget={"macs": "-20%"}, keep=["/block1", "/deep"])
    assert found.stays == ("/block1/conv1/Conv", "/block1/conv2/Conv", "/deep")
    assert found.kinds
    assert all(name.startswith(("/stem", "/block2")) for name in found.kinds)


@pytest.mark.parametrize(("options", "said"), [
    (("--budget", "params=1k"), "net.onnx: --budget params=1k: params is not known of such a file; limit one of "),
    (("--budget", "macs=1k", "--keep", "stam"), "--keep stam: no convolution, and no block that holds one, has this"),
    (("--budget", "macs=1k", "-o", "slim.yaml"), "slim.yaml: an ONNX file results; name it slim.onnx with -o"),
    (("--budget", "macs=1k", "-o", "net.onnx"), "net.onnx: is already there; name another file with -o"),
])  # fmt: skip
def test_a_mistake_is_one_line(options: tuple[str, ...], said: str, net: Path, run: Run) -> None:
    done = run("advise", "net.onnx", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())


def test_a_file_whose_sizes_are_open_asks_for_them(here: Path, run: Run) -> None:
    Draft({"x": [1, 4, "H", 16]}, [("Conv", "x w", "y", {})], {"w": (4, 4, 3, 3)}).write(here / "open.onnx")
    done = run("advise", "open.onnx", "--budget", "macs=-10%")
    assert (done.returncode, "the size of its axis H is not known; give it: open.onnx?H=64" in done.stderr) == (2, True)
    done = run("advise", "open.onnx?H=16", "--budget", "macs=-10%")
    assert done.returncode == 0, done.stderr


def test_a_file_without_another_form_is_answered(here: Path, run: Run) -> None:
    Draft({"x": [1, 4, 8]}, [("MatMul", "x w", "y", {})], {"w": (8, 8)}).write(here / "plain.onnx")
    done = run("advise", "plain.onnx", "--budget", "macs=-10%", "-o", "slim.onnx")
    assert (done.returncode, "no mix goes below 256" in done.stdout) == (3, True)
    assert not Path("slim.onnx").exists()


def test_a_fixed_batch_is_counted_for_one_example(here: Path) -> None:
    write_net(here / "four.onnx", 3, batch=4)
    write_net(here / "one.onnx", 3)
    four, one = (cl.advise(name, budget={"macs": "-30%"}) for name in ("four.onnx", "one.onnx"))
    assert (four.written, four.planned, four.moved_macs) == (one.written, one.planned, one.moved_macs)


@pytest.fixture
def table(net: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    """Let this machine have timed the kernels of the file in every kind."""
    made = models(["net.onnx"], Asked(("as-written", *kind_names())))
    found = [one.operation for model in made for one in _kernels.found(model, 8, 1, 1).placed]
    times = {one.text: Times(5 + one.macs / 1e3, 6 + one.macs / 9e2, 0.01) for one in found}
    kept = Table(Conditions("0123456789abcdef", "a machine", call_us=3.0), times)
    monkeypatch.setattr(_kernels, "known", lambda threads: kept)
    return kept


@pytest.mark.parametrize("share", [10, 40])
def test_a_budget_of_time_is_kept_by_the_prediction_of_the_file(share: int, table: Table) -> None:
    budget = {"latency_ms": f"-{share}%"}
    found = cl.advise("net.onnx", budget=budget, measure=False, prove=False, output="fast.onnx")
    before, after = cl.predict("net.onnx", measure=False), cl.predict("fast.onnx", measure=False)
    assert found.kinds
    assert found.planned_time is not None
    assert after.milliseconds == pytest.approx(found.planned_time.milliseconds)
    assert after.milliseconds <= (1 - share / 100) * before.milliseconds
    assert found.planned["latency_ms"] == pytest.approx(after.milliseconds)
    text = " ".join(str(found).split())
    assert "have weights drawn anew in the file" in text
    assert UNTRAINED in text


def test_a_change_of_layout_belongs_to_the_row_that_reads_what_it_makes(net: Path) -> None:
    (model,) = models(["net.onnx"], Asked())
    found = _kernels.found(model, 8, 1, 1)
    rows = {one.row for one in found.placed if one.operation.op.rpartition(".")[2].startswith("Reorder")}
    assert rows
    assert _kernels.LAYOUT not in found.rows
    assert rows <= {row.name for row in model.count.rows}


@pytest.fixture
def bench(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Time nothing real."""
    monkeypatch.setattr(_options, "Tools", work.tools)
    return work


def test_what_is_chosen_is_timed_beside_the_file_as_it_is(table: Table, bench: Workshop) -> None:
    planned = cl.advise("net.onnx", budget={"latency_ms": "-30%"}, measure=False, prove=False)
    written, takes = planned.written["latency_ms"], planned.planned["latency_ms"]
    bench.call_ms = {"as written": written, "advised": takes}
    found = cl.advise("net.onnx", budget={"latency_ms": "-30%"}, measure=False)
    (proof,) = found.proofs
    assert (proof.verdict, proof.kinds, found.failures) == ("kept", found.kinds, [])
    assert proof.ratio[0] == pytest.approx(takes / written, rel=0.05)
    _, files = bench.timed
    assert files["as written"].resolve() == Path("net.onnx").resolve()
    assert cl.count(files["advised"]).totals.macs == found.planned["macs"]


def test_what_misses_its_budget_is_profiled_and_chosen_anew(table: Table, bench: Workshop) -> None:
    written = cl.predict("net.onnx", measure=False).milliseconds
    bench.call_ms = {"as written": written, "advised": 0.95 * written}
    found = cl.advise("net.onnx", budget={"latency_ms": "-10%"}, measure=False)
    assert 1 <= len(found.proofs) <= 3
    assert {proof.verdict for proof in found.proofs} == {"missed"}
    assert len({tuple(sorted(proof.kinds.items())) for proof in found.proofs}) == len(found.proofs)
    (failure,) = found.failures
    assert failure.exit_code == 3


def test_a_file_of_another_batch_is_not_timed(here: Path, run: Run) -> None:
    write_net(here / "four.onnx", 2, batch=4)
    done = run("advise", "four.onnx", "--budget", "latency_ms=-10%", "--no-measure")
    assert done.returncode == 2
    assert "have a fixed batch of 4, but --batch is 1; use --batch 4" in " ".join(done.stderr.split())
