"""``costlens plot``: which chart of which words, and what is said where there is none."""

import json
import re
from pathlib import Path

import pytest

from costlens.formats.charts import chart_named
from costlens.results.report import Report
from tests.cases.onnx_cases import node, save, weight
from tests.cases.small import ONE, TWO
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop
from tests.places import ROOT

YAMNET = str(ROOT / "reports" / "yamnet")
SWEEP = str(ROOT / "reports" / "sweeps" / "yamnet-batches" / "sweep.json")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.yaml").write_text(ONE, encoding="utf-8")
    (tmp_path / "two.yaml").write_text(TWO.replace("filters: width", "filters: 2 * width"), encoding="utf-8")
    return tmp_path


def titles(file: str = "out.svg") -> list[str]:
    return re.findall(r"<title>(.*?)</title>", Path(file).read_text(encoding="utf-8"), re.DOTALL)


def test_networks_are_dots_by_two_figures(run: Run) -> None:
    done = run("plot", "one.yaml", "two.yaml", "--x", "params", "--y", "weight_bytes", "-o", "out.svg")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["out.svg", "On the Pareto front of params and weights: one."]
    assert titles() == [
        "2 models: weights over params", "one: params 108, weights 432 B", "two: params 216, weights 864 B",
    ]  # fmt: skip


def test_one_network_is_drawn_in_its_variants(run: Run) -> None:
    assert run("plot", "one.yaml", "-o", "out.svg").returncode == 0
    assert len(titles()) > 3
    assert run("plot", "one.yaml", "--variant", "standard,separable", "-o", "out.svg").returncode == 0
    assert len(titles()) == 3


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_the_suffix_says_what_is_written(run: Run, suffix: str) -> None:
    assert run("plot", "one.yaml", "-o", f"new/out.{suffix}").returncode == 0
    assert Path(f"new/out.{suffix}").read_bytes()[:4] == {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}[suffix]


@pytest.mark.parametrize("chart", ["bars", "savings", "network", "memory", "roofline"])
def test_a_report_has_the_charts_of_its_page(run: Run, chart: str) -> None:
    done = run("plot", YAMNET, "--chart", chart, "-o", "out.svg")
    assert (done.returncode, done.stderr) == (0, "")
    assert titles()[0] == f"YAMNet, one patch of 0.96 s · {chart_named(chart).title}"


def test_stored_times_are_drawn_and_said_to_be_stored(run: Run) -> None:
    done = run("plot", YAMNET, "--y", "latency", "-o", "out.svg")
    assert done.returncode == 0
    report = Report.from_json((Path(YAMNET) / "report.json").read_text(encoding="utf-8"))
    assert report.latency
    assert len(titles()) == 1 + len(report.latency.models)
    said = r"standard: MACs 595,518,464, median time [\d.]+ ms \[[\d.]+"
    assert any(re.match(said, title) for title in titles())
    assert done.stdout.splitlines()[-1].startswith("onnxruntime ")
    assert done.stdout.rstrip().endswith("as stored.")


def test_a_time_is_measured_where_that_is_asked_for(run: Run, work: Workshop) -> None:
    done = run("plot", "one.yaml", "two.yaml", "--bench", "-o", "out.svg")
    assert done.returncode == 0, done.stderr
    assert len(work.timed) == 1
    assert titles()[0] == "2 models: median time over MACs"
    assert "as stored" not in done.stdout
    assert run("plot", "one.yaml", "two.yaml", "-o", "out.svg").returncode == 0
    assert len(work.timed) == 1


@pytest.mark.parametrize("chart", ["network", "memory", "bars"])
def test_a_network_has_the_charts_of_its_count(run: Run, chart: str) -> None:
    assert run("plot", "one.yaml", "--chart", chart, "-o", "out.svg").returncode == 0
    assert "one" in titles()[0].lower()


def test_what_other_commands_kept(run: Run) -> None:
    done = run("plot", SWEEP, "--chart", "sweep", "--panel", "examples/s over the batch", "-o", "out.svg")
    assert done.returncode == 0
    assert sum("batch 8" in title for title in titles()) == 4
    for name, words in (("changes", ("diff", "one.yaml", "two.yaml")), ("budgets", ("check", "--budget", "macs=7k",
                        "one.yaml", "two.yaml"))):  # fmt: skip
        Path("kept.json").write_text(run(*words, "--format", "json").stdout, encoding="utf-8")
        done = run("plot", "kept.json", "--chart", name, "-o", "out.svg")
        assert (done.returncode, done.stderr) == (0, "")
        assert len(titles()) > 1


def test_a_figure_that_is_not_known_of_some_is_said(run: Run, tmp_path: Path) -> None:
    save(tmp_path / "net.onnx", [node("Conv", ["x", "w"], ["y"])], {"x": [1, 3, 8, 8]}, [weight("w", 4, 3, 3, 3)])
    done = run("plot", "one.yaml", "net.onnx", "--y", "params", "-o", "out.svg")
    assert done.stdout.splitlines()[-1] == "Not drawn, because MACs or params is not known: net."
    assert run("plot", "one.yaml", "net.onnx", "-o", "out.svg").returncode == 0
    assert titles()[0] == "2 models: deployed over MACs"
    none = run("plot", "net.onnx", "--y", "params", "-o", "out.svg")
    assert none.returncode == 2
    assert none.stderr.startswith("--y params: not known of any of these; known: ")


# words, what is said
MISTAKES = [
    (("one.yaml", "-o", "out.gif"), "-o out.gif: expected a name that ends in .svg, .png, .pdf"),
    (("one.yaml", "-o", "out"), "-o out: expected a name that ends in .svg, .png, .pdf"),
    (("one.yaml",), "the following arguments are required: --output/-o"),
    (("one.yaml", "--x", "mac"), '--x mac: unknown figure (did you mean "macs"?)'),
    (("one.yaml", "--y", "energy"), "--y energy: unknown figure; known: params, trainable, kernels, deployed_params, "
     "macs, flops, weight_bytes, traffic_bytes, peak_activation_bytes, weight_bytes_int8, peak_activation_bytes_int8, "
     "arena_bytes, arena_bytes_int8, flash_bytes, file_bytes, latency"),
    (("one.yaml", "--x", "macs", "--y", "macs"), "--y macs: is to the right already; name another figure"),
    (("one.yaml", "--y", "latency"), "--y latency: none of these has a time; add --bench, or name reports or runs"),
    (("one.yaml", "--y", "file_bytes"), "--y file_bytes: not known of any of these; known: params, "),
    (("one.yaml", "--chart", "memry"), '--chart memry: no such chart (did you mean "memory"?)'),
    (("one.yaml", "--chart", "pie"), "--chart pie: no such chart; there are arena, bars, budgets, changes, "),
    (("one.yaml", "--chart", "memory", "--x", "macs"), "--x macs: is of the scatter alone; leave it out, or leave out "
     "--chart memory"),
    (("one.yaml", "--chart", "roofline"), "--chart roofline: it needs the time of each layer; add --bench, or name a"),
    (("one.yaml", "--chart", "savings"), "--chart savings: none of these has a time; add --bench"),
    (("one.yaml", "--chart", "sweep"), "--chart sweep: networks alone do not have it; keep one with: costlens sweep"),
    (("one.yaml", "--chart", "changes"), "--chart changes: networks alone do not have it; keep one with: costlens "),
    (("one.yaml", "two.yaml", "--chart", "memory"), "--chart memory: this result does not have it; name one network"),
    (("one.yaml", "--chart", "memory", "--panel", "x"), "--panel x: no such drawing; there are as-written"),
    (("one.yaml", "--chart", "memory", "--bench"), "--bench: the chart memory is drawn without times; leave it out"),
    (("one.yaml", "--threads", "2"), "--threads says how to time, and nothing is timed; add --bench"),
    ((SWEEP, "--chart", "memory"), "--chart memory: this result does not have it; it has sweep"),
    (("nothing.yaml",), "nothing.yaml: no such file"),
    (("broken.json", "--chart", "memory"), "broken.json: cannot be read: "),
    (("old.json", "--chart", "sweep"), "old.json: "),
    (("two.json", "--chart", "roofline"), "two.json: holds 2 results; keep a single one, of one network"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), MISTAKES, ids=[" ".join(words)[-40:] for words, _ in MISTAKES])
def test_a_mistake_is_one_sentence_and_writes_nothing(words: tuple[str, ...], said: str, run: Run) -> None:
    Path("broken.json").write_text("{", encoding="utf-8")
    Path("old.json").write_text(json.dumps({"schema": "costlens.sweep/0"}), encoding="utf-8")
    Path("two.json").write_text("[{}, {}]", encoding="utf-8")
    output = () if "-o" in words or words == ("one.yaml",) else ("-o", "out.svg")
    done = run("plot", *words, *output)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert said in " ".join(done.stderr.split())
    assert not list(Path().glob("out*"))


def test_a_place_that_cannot_be_written_is_told_before_anything_is_timed(run: Run, work: Workshop) -> None:
    done = run("plot", "one.yaml", "--bench", "-o", "/proc/nowhere/out.svg")
    assert (done.returncode, work.timed) == (2, [])
    assert "/proc/nowhere/out.svg: cannot be written" in done.stderr


@pytest.mark.parametrize(("options", "code", "message"), [
    (("--chart", "front"), 0, "All 3 networks are drawn."),
    (("--chart", "front", "--x", "width", "--y", "weight_bytes"), 0, "Orange: the Pareto front."),
    (("--chart", "parallel"), 0, "A line is a network"),
    (("--chart", "knobs", "--y", "params"), 0, "a box from the first to the third quartile"),
    (("--chart", "knobs", "--x", "macs"), 2, "--x macs: the chart knobs has each knob to the right"),
    (("--chart", "parallel", "--x", "macs"), 2, "--x macs: is of the scatter alone"),
    (("--chart", "front", "--y", "mac"), 2, '--y mac: no such figure or knob of numbers (did you mean "macs"?)'),
    (("--chart", "memory"), 2, "it has front, parallel, knobs"),
])  # fmt: skip
def test_a_family_that_was_kept_is_drawn(run: Run, options: tuple[str, ...], code: int, message: str) -> None:
    assert run("explore", "one.yaml", "--set", "width=2,4,8", "-o", "family").returncode == 0
    done = run("plot", "family/explore.json", *options, "-o", "out.svg")
    assert done.returncode == code, done.stderr
    assert message in " ".join((done.stdout + done.stderr).split())
    assert Path("out.svg").exists() == (code == 0)


def test_networks_alone_are_no_family(run: Run) -> None:
    done = run("plot", "one.yaml", "--chart", "front", "-o", "out.svg")
    assert done.returncode == 2
    assert "keep a family with: costlens explore SPEC --set … -o FOLDER" in done.stderr
