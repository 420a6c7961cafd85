"""Each command is a function: the same options, the same documents, the same errors."""

import json
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import costlens as cl
from costlens.api import _options
from costlens.commands._cli import parameters
from tests.cases.small import ONE, TWO, write_report
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop

FUNCTIONS = (
    "advise", "bench", "check", "compare", "count", "diff", "explain", "explore", "export", "predict", "profile",
    "report", "sweep", "verify",
)  # fmt: skip
PRINTING = {"format", "columns", "comment", "rows", "strict", "picture", "latency"}
"""What is about printing: a result is a value, which has ``render``."""
WORDS = {"words", "word", "what", "set_"}
"""The networks, whose knobs are in the word or in the model."""
NOT_YET = {("count", "target"), ("verify", "output"), ("sweep", "output"), ("explore", "output")}
"""Pages that ``render`` writes from the result; ``check`` has ``target``, whose answers are part of its result."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.yaml").write_text(ONE, encoding="utf-8")
    (tmp_path / "two.yaml").write_text(TWO, encoding="utf-8")
    (tmp_path / "fast.spec").write_text(f"{ONE}variants: {{fast: {{conv1: separable}}}}\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def tools(work: Workshop, monkeypatch: pytest.MonkeyPatch, here: Path) -> Workshop:
    """Export nothing and time nothing real, here and on the command line."""
    monkeypatch.setattr(_options, "Tools", work.tools)
    return work


def options_of(name: str) -> set[str]:
    """Return the options of a function, those that only ``**`` takes included."""
    hints = get_type_hints(getattr(cl, name), localns=vars(import_module("costlens.api.functions")) | FORWARD)
    taken = signature(getattr(cl, name)).parameters
    more = {option for each in taken if taken[each].kind is taken[each].VAR_KEYWORD for option in keys(hints[each])}
    return {each for each in taken if taken[each].kind is taken[each].KEYWORD_ONLY} | set(taken) | more


FORWARD: dict[str, Any] = dict.fromkeys(
    ("Advice", "Objective", "Checked", "Comparison", "ModelCount", "Contribution", "Diff", "ConvolutionExplanation",
     "Exploration", "FileRowExplanation", "LayerExplanation", "LatencyReport", "LayerTimes", "Prediction", "Report",
     "Sweep", "Ledger", "Verification", "Word", "MemoryExplanation", "Precision"),
    object,
)  # fmt: skip


def keys(hint: Any) -> set[str]:
    return set(hint.__args__[0].__annotations__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_the_options_of_its_command(name: str) -> None:
    command = import_module(f"costlens.commands.{name}").command
    wanted = {each.field for each in parameters(command)} - PRINTING - WORDS
    assert {option for option in wanted - options_of(name) if (name, option) not in NOT_YET} == set()


def test_every_function_is_offered_and_keeps_its_name_where_a_room_has_it() -> None:
    for name in FUNCTIONS:
        import_module(f"costlens.commands.{name}")
        assert callable(getattr(cl, name))
    assert import_module("costlens.bench") is not cl.bench
    assert import_module("costlens.export") is not cl.export
    assert set(FUNCTIONS) <= set(dir(cl)) == set(cl.__all__)
    with pytest.raises(AttributeError, match="module 'costlens' has no attribute 'bensh'"):
        cl.bensh  # type: ignore[attr-defined]  # noqa: B018


# what Python says, what the command line says
ALIKE: list[tuple[str, Any, tuple[str, ...]]] = [
    ("a count", lambda: cl.count("one.yaml", variant="standard", depth=1, batch=2),
     ("count", "one.yaml", "--variant", "standard", "--depth", "1", "--batch", "2")),
    ("a count of a model", lambda: cl.load("one.yaml", width=8).count(), ("count", "one.yaml?width=8")),
    ("variants", lambda: cl.compare("one.yaml", variant="all"), ("compare", "one.yaml", "--variant", "all")),
    ("kinds by name", lambda: cl.count("one.yaml", kind={"*": "standard", "conv1": "separable"}),
     ("count", "one.yaml", "--kind", "*=standard", "--kind", "conv1=separable")),
    ("kinds beside variants", lambda: cl.compare("one.yaml", variant="standard", kind={"conv*": "bottleneck"}),
     ("compare", "one.yaml", "--variant", "standard", "--kind", "conv*=bottleneck")),
    ("kinds beside all variants", lambda: cl.compare("one.yaml", kind={"conv*": "bottleneck"}),
     ("compare", "one.yaml", "--kind", "conv*=bottleneck")),
    ("a difference to kinds by name", lambda: cl.diff("fast.spec", cl.load("fast.spec").variant("fast")),
     ("diff", "fast.spec", "fast.spec:fast")),
    ("a variant of the spec", lambda: cl.count("fast.spec", variant="fast"), ("count", "fast.spec:fast")),
    ("a check of a variant", lambda: cl.check("fast.spec:fast", budget={"macs": "1k"}),
     ("check", "fast.spec:fast", "--budget", "macs=1k")),
    ("a layer of kinds by name", lambda: cl.explain("one.yaml", "conv1", kind={"conv1": "separable"}),
     ("explain", "one.yaml", "--layer", "conv1", "--kind", "conv1=separable")),
    ("times of kinds by name", lambda: cl.bench("fast.spec", variant="fast", kind={"conv1": "grouped"}, quick=True),
     ("bench", "fast.spec", "--variant", "fast", "--kind", "conv1=grouped", "--quick")),
    ("layers of kinds by name", lambda: cl.profile("one.yaml", kind={"conv1": "separable"}, processes=2),
     ("profile", "one.yaml", "--kind", "conv1=separable", "--processes", "2")),
    ("a report of kinds by name",
     lambda: cl.report("one.yaml", variant="standard", kind={"*": "separable"}, bench=False),
     ("report", "one.yaml", "--variant", "standard", "--kind", "*=separable", "--no-bench")),
    ("kinds of nothing", lambda: cl.count("one.yaml", kind={"conv2": "separable"}),
     ("count", "one.yaml", "--kind", "conv2=separable")),
    ("an unknown kind", lambda: cl.count("one.yaml", kind={"conv1": "seperable"}),
     ("count", "one.yaml", "--kind", "conv1=seperable")),
    ("two variants in one file", lambda: cl.export("one.yaml", "one.onnx", variant="standard", kind={"*": "grouped"}),
     ("export", "one.yaml", "-o", "one.onnx", "--variant", "standard", "--kind", "*=grouped")),
    ("mixed without kinds", lambda: cl.count("one.yaml", variant="mixed"), ("count", "one.yaml", "--variant", "mixed")),
    ("advice", lambda: cl.advise("fast.spec", budget={"macs": "-10%"}, keep="conv2*", tie=True, kinds="separable"),
     ("advise", "fast.spec", "--budget", "macs=-10%", "--keep", "conv2*", "--tie", "--kinds", "separable")),
    ("a comparison in order", lambda: cl.compare("two.yaml", "one.yaml", sort="macs"),
     ("compare", "two.yaml", "one.yaml", "--sort", "macs")),
    ("a difference", lambda: cl.diff("one.yaml", cl.load("one.yaml", width=8), why=True),
     ("diff", "one.yaml", "one.yaml?width=8", "--why")),
    ("a check", lambda: cl.check("one.yaml", budget={"macs": 10, "params": "1M"}),
     ("check", "one.yaml", "--budget", "macs=10", "--budget", "params=1M")),
    ("a layer", lambda: cl.explain("one.yaml", "conv1", variant="separable"),
     ("explain", "one.yaml", "--layer", "conv1", "--variant", "separable")),
    ("a convolution", lambda: cl.explain("conv", input=(8, 9, 3), kernel=(3, 5), filters=4, padding="valid"),
     ("explain", "conv", "--input", "8x9x3", "--kernel", "3x5", "--filters", "4", "--padding", "valid")),
    ("no convolution", lambda: cl.explain("conv", input=(2, 2, 3), kernel=5, filters=4, padding="valid"),
     ("explain", "conv", "--input", "2x2x3", "--kernel", "5", "--filters", "4", "--padding", "valid")),
    ("a wrong convolution", lambda: cl.explain("conv", input=(2, 2, 3), kernel=(0, 3), filters=4),
     ("explain", "conv", "--input", "2x2x3", "--kernel", "0x3", "--filters", "4")),
    ("times", lambda: cl.bench("one.yaml", variant=["standard", "separable"], quick=True, threads=2),
     ("bench", "one.yaml", "--variant", "standard,separable", "--quick", "--threads", "2")),
    ("a comparison with times", lambda: cl.compare("one.yaml", "two.yaml", bench=True, processes=4, threshold=0.05),
     ("compare", "one.yaml", "two.yaml", "--bench", "--processes", "4", "--threshold", "5%")),
    ("layers", lambda: cl.profile("one.yaml", processes=2), ("profile", "one.yaml", "--processes", "2")),
    ("a report", lambda: cl.report("one.yaml", variant=["as-written"], bench=False),
     ("report", "one.yaml", "--variant", "as-written", "--no-bench")),
    ("an unknown file", lambda: cl.count("onee.yaml"), ("count", "onee.yaml")),
    ("an unknown knob", lambda: cl.count("one.yaml?widht=3"), ("count", "one.yaml?widht=3")),
    ("an unknown variant", lambda: cl.compare("one.yaml", variant="seperable"),
     ("compare", "one.yaml", "--variant", "seperable")),
    ("a difference to kinds", lambda: cl.diff("one.yaml", kind={"conv1": "separable"}),
     ("diff", "one.yaml", "--kind", "conv1=separable")),
    ("kinds of two networks", lambda: cl.diff("one.yaml", "one.yaml?width=8", kind={"*": "grouped"}),
     ("diff", "one.yaml", "one.yaml?width=8", "--kind", "*=grouped")),
    ("kinds of a revision", lambda: cl.diff(base="HEAD", kind={"*": "grouped"}),
     ("diff", "--base", "HEAD", "--kind", "*=grouped")),
    ("one network to diff", lambda: cl.diff("one.yaml"), ("diff", "one.yaml")),
    ("a head without a base", lambda: cl.diff(head="HEAD"), ("diff", "--head", "HEAD")),
    ("nothing that runs", lambda: cl.diff("one.yaml", "two.yaml", execute=True),
     ("diff", "one.yaml", "two.yaml", "--execute")),
    ("an unknown figure", lambda: cl.check("one.yaml", budget={"mac": 1}), ("check", "one.yaml", "--budget", "mac=1")),
    ("a time that is not measured", lambda: cl.check("one.yaml", budget={"latency_ms": 1}),
     ("check", "one.yaml", "--budget", "latency_ms=1")),
    ("growth over nothing", lambda: cl.check("one.yaml", budget={"macs": "+5%"}),
     ("check", "one.yaml", "--budget", "macs=+5%")),
    ("no specs here", cl.check, ("check",)),
    ("two networks at once", lambda: cl.explain("one.yaml", "conv1", variant="all"),
     ("explain", "one.yaml", "--layer", "conv1", "--variant", "all")),
    ("an unknown layer", lambda: cl.explain("one.yaml", "conv2"), ("explain", "one.yaml", "--layer", "conv2")),
    ("an unknown baseline", lambda: cl.bench("one.yaml", "two.yaml", baseline="three"),
     ("bench", "one.yaml", "two.yaml", "--baseline", "three")),
    ("two ways to be quick", lambda: cl.bench("one.yaml", quick=True, processes=3),
     ("bench", "one.yaml", "--quick", "--processes", "3")),
    ("an unknown runtime", lambda: cl.profile("one.yaml", runtime="onnx"),
     ("profile", "one.yaml", "--runtime", "onnx")),
    ("an unknown precision", lambda: cl.sweep("one.yaml", precision="fp8"),
     ("sweep", "one.yaml", "--precision", "fp8")),
    ("a name that is no file of runs", lambda: cl.export("one.yaml", "one.pt"), ("export", "one.yaml", "-o", "one.pt")),
    ("all variants in one file", lambda: cl.export("one.yaml", "one.onnx", variant="all"),
     ("export", "one.yaml", "-o", "one.onnx", "--variant", "all")),
]  # fmt: skip


def outcome(call: Any) -> tuple[Any, cl.CostlensError | None]:
    try:
        return call(), None
    except cl.CostlensError as error:
        return None, error


@pytest.mark.parametrize(("title", "call", "arguments"), ALIKE, ids=[title for title, *_ in ALIKE])
def test_a_function_and_its_command_say_the_same(
    title: str, call: Any, arguments: tuple[str, ...], tools: Workshop, run: Run
) -> None:
    found, error = outcome(call)
    if error:
        done = run(*arguments)
        assert (done.returncode, done.stderr.strip()) == (error.exit_code, str(error))
        return
    done = run(*arguments, "--format", "json")
    assert done.stdout.strip(), done.stderr
    if arguments[0] in ("bench", "compare", "profile", "report"):  # their machine and the seconds they took differ
        assert type(found).from_json(done.stdout.strip().removeprefix("[").removesuffix("]")).SCHEMA == found.SCHEMA
    elif arguments[0] == "count":  # a count does not know the knobs that its network was made with
        (network,) = json.loads(done.stdout)["models"]
        assert json.loads(found.render("json"))["models"] == [{k: v for k, v in network.items() if k != "knobs"}]
    else:
        assert found.render("json") == done.stdout
    assert done.returncode == getattr(found, "exit_code", 0)


# call, what is wrong with it
MISTAKES: list[tuple[Any, str]] = [
    (lambda: cl.bench("one.yaml", qick=True), 'bench: no option qick (did you mean "quick"?)'),
    (lambda: cl.profile("one.yaml", threshold=0.1),
     "profile: no option threshold; it has quick, device, processes, runtime, threads, batch"),
    (lambda: cl.compare("one.yaml", threads=2),
     "compare: threads says how to time, and nothing is timed; add bench=True, or leave it out"),
    (lambda: cl.report("one.yaml", bench=False, quick=True),
     "report: quick says how to time, and nothing is timed; add bench=True, or leave it out"),
    (lambda: cl.bench("one.yaml", threads="2"), "threads must be a whole number of at least 1, received '2'"),
    (lambda: cl.bench("one.yaml", threshold="3%"), "threshold must be between 0 and 1 (0.03 is 3 %), received '3%'"),
    (lambda: cl.bench("one.yaml", time_budget="90s"), "time_budget_s must be above 0, received '90s'"),
    (lambda: cl.bench("one.yaml", output="run.csv"),
     "output run.csv: expected a name that ends in .json, which compare reads"),
    (lambda: cl.count("one.yaml", batch=0), "batch must be a whole number of at least 1, received 0"),
    (lambda: cl.count("."), ".: names 2 networks; count one, or use compare"),
    (lambda: cl.report(".", bench=False), "report: . names 2 networks; name one"),
    (lambda: cl.profile("one.yaml", variant="all"), "profile: one.yaml names 4 networks; name one"),
    (lambda: cl.explain("one.yaml"), "explain one.yaml: name a layer; count lists them"),
    (lambda: cl.explain("conv", kernel=3),
     "explain conv: input, filters missing: input=(8, 8, 3), kernel=5, filters=256"),
    (lambda: cl.explain("conv", "conv1"),
     "explain conv: layer, memory, variant, kind and precision are for a network; name one in place of conv"),
    (lambda: cl.explain("one.yaml", "conv1", kernel=3),
     "explain one.yaml: kernel: only for explain conv; name a layer"),
    (lambda: cl.count("one.yaml").render("pdf"), "--format pdf: expected terminal"),
    (lambda: cl.count("one.yaml").render("junit"), "--format junit: it lists what passes and what fails"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_a_mistake_is_one_sentence(call: Any, said: str, tools: Workshop) -> None:
    with pytest.raises(cl.CostlensError) as raised:
        call()
    assert str(raised.value).startswith(said)


def test_a_run_is_kept_and_read_again(tools: Workshop) -> None:
    found = cl.bench("one.yaml", "two.yaml", quick=True, output="run.json")
    medians = {one.label: one.median_ms for one in found.models}
    again = cl.compare("run.json").models
    assert {one.label: one.time.median_ms for one in again if one.time} == medians


def test_what_was_timed_and_is_not_proven_is_an_error(tools: Workshop) -> None:
    tools.wrong = frozenset({"two"})
    with pytest.raises(cl.CostlensError, match="two: its verification FAILED: macs: off by 3") as raised:
        cl.bench("one.yaml", "two.yaml", quick=True)
    assert raised.value.exit_code == 4


def test_what_cannot_be_profiled_is_an_error(tools: Workshop) -> None:
    tools.fails = {"one": ValueError("no such layer")}
    with pytest.raises(cl.CostlensError, match="not profiled: as-written: ValueError: no such layer"):
        cl.profile("one.yaml")


def test_layers_are_folded_and_ordered(tools: Workshop) -> None:
    found = cl.profile("two.yaml", depth=1, sort="macs")
    macs = [row.macs for row in found.rows]
    assert macs == sorted(macs, key=lambda each: -(each or 0))


def test_a_report_is_written_where_it_is_asked_for(tools: Workshop) -> None:
    model = cl.load("one.yaml", width=8).variant("separable")
    found = model.report(bench=False, output="reports")
    assert len(found.counts) > 1, "a model is a network, whatever its kind"
    written = {path.name for path in Path("reports/one-width=8").iterdir()}
    assert written == {"layers.csv", "report.html", "report.json", "report.md", "report.svg"}
    assert cl.compare("reports/one-width=8", variant="separable").models[0].figures.macs == model.count().totals.macs


def test_a_sweep_of_a_report_is_refused(tools: Workshop) -> None:
    write_report(Path("kept"), Path("one.yaml"))
    with pytest.raises(cl.CostlensError, match="a report holds no file to run"):
        cl.sweep("kept", threads=[1, 2])
