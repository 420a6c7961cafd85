"""``costlens advise``: what is chosen counts the same, what stands in the way is said, a mistake is one line."""

import json
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

import costlens as cl
from costlens.api import _options
from costlens.errors import MachineTooNoisy
from costlens.network.graph import Graph
from costlens.prediction import Conditions, Table, Times, predict
from costlens.prediction.kernels import kernels
from costlens.prediction.table import place
from costlens.results.advice import OFF, ROOM, UNTRAINED, Advice, Proof
from costlens.results.check import LimitVerdict
from costlens.sources._source import Model
from costlens.tasks import _kernels
from costlens.tasks import advise as advising
from costlens.tasks._changeable import Changeable
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop

NET = """\
name: net
title: A net
input: [16, 16, 8]
layers:
  - conv: {name: stem, filters: 16, kernel: 3, stride: 2}
  - repeat:
      times: 3
      layers: [{conv: {name: unit, filters: 16, kernel: 3, norm: batch, activation: relu}}]
  - conv: {name: point, filters: 32, kernel: 1}
  - global_avg_pool
  - dense: {name: classifier, units: 10}
variants: {fast: {unit2: separable}}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(NET, encoding="utf-8")
    return tmp_path


def advised(run: Run, *options: str) -> dict[str, object]:
    done = run("advise", "net.yaml", *options, "--format", "json")
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    "budget", ["macs=-30%", "params=6k", "weight_bytes=20kB", "peak_activation_bytes=-1%", "flops=-50%", "deployed=7k"]
)
def test_the_spec_that_is_written_keeps_the_budget(budget: str, run: Run) -> None:
    done = run("advise", "net.yaml", "--budget", budget, "-o", "slim.yaml", "--format", "json")
    found = json.loads(done.stdout)
    (limit,) = found["limits"]
    if done.returncode == 3:
        assert limit["bound"] > limit["value"]
        assert not Path("slim.yaml").exists()
        return
    name = "deployed_params" if limit["figure"] == "deployed" else limit["figure"]
    assert getattr(cl.count("slim.yaml").totals, name) == limit["planned"] <= limit["value"] < limit["written"]
    assert cl.count("slim.yaml").totals.macs == found["planned"]["macs"]


def test_knobs_and_variants_are_taken_along(run: Run) -> None:
    Path("net.yaml").write_text(
        NET.replace("input:", "knobs: {width: 16}\ninput:").replace("filters: 16", "filters: width"), encoding="utf-8"
    )
    for word, options in (("net.yaml?width=32", ()), ("net.yaml", ("--set", "width=32"))):
        done = run("advise", f"{word}", "--budget", "macs=-60%", "-o", f"{len(options)}.yaml", *options)
        assert done.returncode == 0, done.stderr
        assert cl.count(f"{len(options)}.yaml").totals.macs <= 0.4 * cl.count("net.yaml?width=32").totals.macs
    found = cl.advise("net.yaml:fast", budget={"params": "-40%"}, output="faster.yaml")
    assert found.variant == "fast"
    assert cl.load("faster.yaml").graph.name == "faster"
    assert cl.load("faster.yaml").graph.name == "faster"
    assert cl.count("faster.yaml").totals.params == found.planned["params"]


def test_a_network_that_keeps_its_budgets_does_not_change(run: Run) -> None:
    found = cl.advise("net.yaml", budget={"macs": "1G"})
    assert (found.kinds, found.moved_macs, found.failures) == ({}, 0, [])
    assert "Nothing needs to change" in run("advise", "net.yaml", "--budget", "macs=1G").stdout


def test_fewest_layers_or_fewest_macs() -> None:
    fewest = cl.advise("net.yaml", budget={"params": "-30%"}, objective="layers")
    least = cl.advise("net.yaml", budget={"params": "-30%"})
    assert fewest.changed <= least.changed
    assert least.moved_macs <= fewest.moved_macs


def test_kinds_are_limited_to_those_named() -> None:
    found = cl.advise("net.yaml", budget={"macs": "-40%"}, kinds=["grouped", "bottleneck"])
    assert set((found.kinds or {}).values()) <= {"grouped", "bottleneck"}


def test_what_stands_in_the_way_is_said_layer_by_layer(run: Run) -> None:
    done = run("advise", "net.yaml", "--budget", "params=1k", "--budget", "macs=1G", "--keep", "unit1")
    assert done.returncode == 3
    text = " ".join(done.stdout.split())
    assert "No mix of kinds keeps the budgets." in text
    assert "Layers that --keep holds have 2,384 of it: unit1." in text
    assert "Layers with one form hold 874" in text
    assert "macs" not in done.stderr
    assert "net: params=1k: no mix goes below " in done.stderr
    assert UNTRAINED in text


def test_budgets_that_exclude_each_other() -> None:
    found = cl.advise("net.yaml", budget={"params": "-30%", "peak_activation_bytes": "-1%"}, keep=["unit*"])
    assert found.kinds is None
    assert not any(limit.reachable for limit in found.limits)


@pytest.mark.parametrize(("options", "said"), [
    ((), "advise: what may it cost? add a budget, for example --budget macs=300M"),
    (("--budget", "mac=1M"), 'mac: unknown figure (did you mean "macs"?)'),
    (("--budget", "size=1M"), 'size: unknown figure (did you mean "weight_bytes"?)'),
    (("--budget", "macs"), "expected NAME=FIGURE"),
    (("--budget", "macs=4.2m"), "write 4.2M for millions"),
    (("--budget", "macs=30%"), "a change with its sign"),
    (("--budget", "macs=1M", "--keep", "stam"),
     '--keep stam: no convolution, and no block that holds one, has this name (did you mean "stem"?)'),
    (("--budget", "macs=1M", "--kinds", "seperable"), 'unknown kind of convolution (did you mean "separable"?)'),
    (("--budget", "macs=1M", "--objective", "time"), "expected moved_macs, layers"),
    (("--budget", "macs=1M", "-o", "net.yaml"), "net.yaml: is already there; name another file with -o"),
])  # fmt: skip
def test_a_mistake_is_one_line(options: tuple[str, ...], said: str, run: Run) -> None:
    done = run("advise", "net.yaml", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())


@pytest.mark.parametrize("keep", [("--keep", "*"), ("--kinds", "standard")])
def test_nothing_that_can_change_is_an_answer(keep: tuple[str, ...], run: Run) -> None:
    done = run("advise", "net.yaml", "--budget", "macs=-10%", *keep)
    assert done.returncode == 3
    assert "no mix goes below" in done.stdout


def test_every_page_says_that_accuracy_is_not_looked_at(run: Run) -> None:
    for name in ("terminal", "markdown", "html"):
        for budget in ("macs=-30%", "macs=1", "macs=1G"):
            text = " ".join(run("advise", "net.yaml", "--budget", budget, "--format", name).stdout.split())
            assert UNTRAINED in text
    found = cl.advise("net.yaml", budget={"macs": "-30%"})
    assert UNTRAINED in " ".join(str(found).split())


def test_the_result_is_read_back() -> None:
    from costlens.results.stored import to_json

    found = cl.advise("net.yaml", budget={"macs": "-30%"})
    assert Advice.from_json(to_json(found)) == found
    assert [point.reached for point in found.curve] == sorted((point.reached for point in found.curve), reverse=True)
    assert found.curve[-1].reached == found.limits[0].bound


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    """Let this machine have timed the kernels of the network in every kind; a change of layout takes long."""

    def graph(variant: str) -> Graph:
        return cl.load("net.yaml").variant(variant).graph

    found = [
        one.operation
        for variant in ("as-written", "separable", "grouped", "factorized", "bottleneck")
        for one in kernels(graph(variant), block=8)
    ]
    times = {one.text: Times(5 + one.macs / 1e3, 6 + one.macs / 9e2, 0.01) for one in found}
    made = Table(Conditions("0123456789abcdef", "a machine", call_us=3.0), times)
    monkeypatch.setattr(_kernels, "known", lambda threads: made)
    return made


@pytest.mark.parametrize("share", [10, 30, 50])
def test_a_budget_of_time_is_kept_by_the_prediction_of_the_mix_itself(share: int, table: Table) -> None:
    written = predict(cl.load("net.yaml").graph, table)
    found = cl.advise("net.yaml", budget={"latency_ms": f"-{share}%"}, measure=False, prove=False, output="fast.yaml")
    again = predict(cl.load("fast.yaml").graph, table)
    assert found.planned_time is not None
    assert found.kinds
    assert again.milliseconds == pytest.approx(found.planned_time.milliseconds)
    assert found.planned["latency_ms"] == pytest.approx(again.milliseconds)
    budget, bound = (1 - share / 100) * written.milliseconds, found.limits[0].bound
    assert again.milliseconds <= (budget if bound > (1 - ROOM) * budget else (1 - ROOM) * budget)
    assert found.written["latency_ms"] == pytest.approx(written.milliseconds)
    assert found.curve_of == "latency_ms"
    text = " ".join(str(found).split())
    assert "Times are predicted, not measured" in text
    assert UNTRAINED in text


def test_time_beside_another_budget_and_below_the_bound(table: Table, run: Run) -> None:
    found = cl.advise("net.yaml", budget={"latency_ms": "-10%", "params": "-40%"}, measure=False, prove=False)
    assert found.kinds
    assert all(limit.planned is not None and limit.planned <= limit.value for limit in found.limits)
    done = run("advise", "net.yaml", "--budget", "latency_ms=0.001", "--no-measure")
    assert (done.returncode, "no mix goes below" in done.stderr) == (3, True)


def test_a_machine_without_times_says_how_to_get_them(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_kernels, "known", lambda threads: None)
    done = run("advise", "net.yaml", "--budget", "latency_ms=1", "--no-measure")
    assert done.returncode == 2
    assert "time them first: costlens machine --kernels net.yaml" in " ".join(done.stderr.split())


@pytest.fixture
def bench(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Build and time nothing real."""
    monkeypatch.setattr(_options, "Tools", work.tools)
    return work


def test_what_keeps_its_budget_of_time_is_built_and_timed(table: Table, bench: Workshop) -> None:
    planned = cl.advise("net.yaml", budget={"latency_ms": "-30%"}, measure=False, prove=False)
    written, takes = planned.written["latency_ms"], planned.planned["latency_ms"]
    bench.call_ms = {"as written": written, "advised": takes}
    found = cl.advise("net.yaml", budget={"latency_ms": "-30%"}, measure=False)
    (proof,) = found.proofs
    assert (proof.verdict, proof.kinds, found.failures) == ("kept", found.kinds, [])
    assert proof.measured_ms == pytest.approx(takes, rel=0.05)
    assert proof.written_ms == pytest.approx(written, rel=0.05)
    assert proof.ratio[0] == pytest.approx(takes / written, rel=0.05)
    assert proof.planned_ms == pytest.approx(found.planned["latency_ms"])
    assert bench.exported == ["net:as-written", "net:as-written", "net:advised"]
    assert [sorted(files) for files in bench.timed] == [["as written"], ["advised", "as written"]]
    assert "Planned and measured" in str(found)


@pytest.mark.parametrize(("level", "said"), [(1.5, "longer than predicted"), (0.8, "less than predicted")])
def test_plans_are_scaled_by_what_the_network_as_written_takes(
    level: float, said: str, table: Table, bench: Workshop
) -> None:
    planned = cl.advise("net.yaml", budget={"latency_ms": "-30%"}, measure=False, prove=False)
    written, takes = planned.written["latency_ms"], planned.planned["latency_ms"]
    bench.call_ms = {"as written": level * written, "advised": level * takes}
    found = cl.advise("net.yaml", budget={"latency_ms": "-30%"}, measure=False)
    (proof,) = found.proofs
    assert proof.planned_ms == pytest.approx(level * takes, rel=0.05)
    assert found.limits[0].value == pytest.approx(level * planned.limits[0].value, rel=0.05)
    assert found.planned_time is not None
    assert found.planned_time.level == pytest.approx(level, rel=0.05)
    assert found.kinds == planned.kinds
    assert said in " ".join(str(found).split())


def test_a_mix_is_timed_again_while_the_machine_is_slower(table: Table, bench: Workshop) -> None:
    planned = cl.advise("net.yaml", budget={"latency_ms": "-30%"}, measure=False, prove=False)
    written, takes = planned.written["latency_ms"], planned.planned["latency_ms"]
    bench.call_ms = {"as written": written, "advised": takes}
    bench.factor = lambda process, label: 1.2 if len(bench.timed) == 2 else 1.0
    found = cl.advise("net.yaml", budget={"latency_ms": "-30%"}, measure=False)
    (proof,) = found.proofs
    assert proof.written_ms == pytest.approx(written, rel=0.05)
    assert proof.verdict == "kept"
    assert len(bench.timed) == 3


def test_a_plan_that_was_too_long_is_corrected_so_that_less_changes(table: Table, bench: Workshop) -> None:
    written = predict(cl.load("net.yaml").graph, table).milliseconds
    bench.call_ms = {"as written": written, "advised": 0.5 * written}
    found = cl.advise("net.yaml", budget={"latency_ms": "-30%"}, measure=False)
    assert 2 <= len(found.proofs) <= 3
    first, last = found.proofs[0], found.proofs[-1]
    assert first.planned_ms > (1 + OFF) * first.measured_ms
    assert (last.verdict, last.kinds, found.failures) == ("kept", found.kinds, [])
    assert first.kinds != last.kinds


@pytest.mark.parametrize(
    ("taken", "last"),
    [
        ((0.8, 1.2, 1.2), 0.8),
        ((1.2, 0.8, 1.2), 0.8),
        ((1.2, 1.2, 0.97), 0.97),
        ((1.2, 1.3, 1.4), 1.4),
    ],
)
def test_the_mix_that_is_advised_kept_its_budget_when_it_was_timed(
    taken: tuple[float, ...], last: float, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``taken``: measured ÷ budget of each mix; a plan lies close below its budget."""
    limit_ms, every = 0.7 * predict(cl.load("net.yaml").graph, table).milliseconds, iter(taken)

    def measured(network: Changeable, kinds: Mapping[str, str], planned: tuple[float, ...], *_: object) -> object:
        took, (plan, low, high) = next(every) * limit_ms, planned
        verdict: LimitVerdict = "missed" if took > limit_ms else "kept"
        proof = Proof(dict(kinds), plan, low, high, 1.0, took, (took, took), (1.0, 1.0, 1.0), verdict, "", 6, "")
        return proof, (network.made(kinds), took / plan)

    def profiled(network: Changeable, made: tuple[Model, float], *_: object) -> dict[str, float]:
        (model, times), sums = made, Counter[str]()
        assert model.graph
        for row in predict(model.graph, table).rows:
            sums[network.owners(model).get(row.name, "")] += times * row.milliseconds
        return dict(sums)

    monkeypatch.setattr(advising, "as_written", lambda *_: limit_ms / 0.7)
    monkeypatch.setattr(advising, "measured", measured)
    monkeypatch.setattr(advising, "profiled", profiled)
    found = cl.advise("net.yaml", budget={"latency_ms": limit_ms}, measure=False)
    assert found.proofs[-1].measured_ms == pytest.approx(last * limit_ms)
    assert found.proofs[-1].kinds == found.kinds or last > 1
    assert bool(found.failures) == (last > 1)


def test_what_misses_its_budget_is_chosen_anew_with_what_was_measured(table: Table, bench: Workshop) -> None:
    written = predict(cl.load("net.yaml").graph, table).milliseconds
    bench.call_ms = {"as written": written, "advised": 0.95 * written}
    found = cl.advise("net.yaml", budget={"latency_ms": "-10%"}, measure=False, output="fast.yaml")
    assert 1 <= len(found.proofs) <= 3
    assert {proof.verdict for proof in found.proofs} == {"missed"}
    changed = [proof.kinds for proof in found.proofs]
    assert all(one != other for one, other in pairwise(changed))
    (failure,) = found.failures
    assert failure.exit_code == 3


def test_a_mix_that_is_not_proven_is_not_timed(table: Table, bench: Workshop) -> None:
    bench.wrong = frozenset({"advised"})
    with pytest.raises(cl.CostlensError, match="advised: its verification FAILED") as raised:
        cl.advise("net.yaml", budget={"latency_ms": "-10%"}, measure=False)
    assert raised.value.exit_code == 4


def test_a_network_that_keeps_its_budget_is_not_timed(table: Table, bench: Workshop) -> None:
    found = cl.advise("net.yaml", budget={"latency_ms": 1000}, measure=False)
    assert (found.kinds, found.proofs, bench.exported) == ({}, (), [])


@pytest.fixture
def new_machine(work: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Hand in kernels that take what their multiplications tell; none was timed before."""
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    return work


PLANNED = ("advise", "net.yaml", "--budget", "latency_ms=-10%", "--no-prove")


@pytest.mark.parametrize("options", [("--measure",), ()])
def test_a_machine_too_noisy_to_time_kernels_is_said(options: tuple[str, ...], new_machine: Workshop, run: Run) -> None:
    new_machine.kernels_error = MachineTooNoisy("half of 9 kernels took 40 % longer in one process than in another")
    done = run(*PLANNED, *options)
    assert (done.returncode, done.stdout) == (7, "")
    assert "half of 9 kernels took 40 % longer" in " ".join(done.stderr.split())


def test_a_table_of_another_machine_is_refused(new_machine: Workshop, run: Run) -> None:
    assert run(*PLANNED).returncode == 0
    key, says = _kernels.here(1)
    path = place(key)
    path.write_text(path.read_text().replace(key, "0" * 16).replace(says, "a machine elsewhere"))
    done = run(*PLANNED)
    said = "expected the times of this machine, received those of a machine elsewhere"
    assert (done.returncode, said in " ".join(done.stderr.split())) == (2, True)


def test_a_kernel_that_the_runtime_refuses_is_modelled_and_said(new_machine: Workshop, run: Run) -> None:
    new_machine.refused = frozenset({"ReduceMean"})
    done = run(*PLANNED)
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "not timed: ReduceMean: no such kernel; they are modelled by other kernels" in text


def test_a_spec_is_what_results_of_a_spec(run: Run) -> None:
    done = run("advise", "net.yaml", "--budget", "macs=-30%", "-o", "slim.onnx")
    assert (done.returncode, "slim.onnx: a spec results; name it slim.yaml with -o" in done.stderr) == (2, True)
