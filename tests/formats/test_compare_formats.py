"""What people and machines see of a comparison: golden files, hostile names, how the command ends.

Renew the files after a wanted change:
COSTLENS_RENEW_GOLDEN=1 python -m pytest tests/formats/test_compare_formats.py
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from costlens import formats
from costlens.analysis.pareto import side_by_side
from costlens.formats.comparison import _said, terminal
from costlens.results.columns import LATENCY_COLUMNS
from costlens.results.comparison import Comparison, TimeRatio, comparison_from_json
from costlens.results.documents import stored_schema
from costlens.results.latency import FailedModel
from costlens.tasks import compare as comparing
from tests.cases.golden import printed, same_as_golden
from tests.cases.hostile import HOSTILE
from tests.fakes.command_line import Run
from tests.fakes.fake_comparison import model, timing
from tests.places import SPECS

TEXT = ("csv", "json", "markdown")
SUFFIX = {"csv": "csv", "json": "json", "markdown": "md"}


def counted() -> Comparison:
    """Return networks with knobs of their own, in the order of their MACs."""
    words = ["specs/mobilenet_v1.yaml", "specs/mobilenet_v1.yaml?alpha=0.5", "specs/yamnet.yaml"]
    return comparing.run(words, ("as-written", "standard"))


def timed() -> Comparison:
    """Return measured times of every verdict, a lower bound, a stored time, a file and a model that failed."""
    ratios = {
        "faster": TimeRatio(0.5, 0.49, 0.51, 0.98, "faster"),
        "same": TimeRatio(1.001, 0.999, 1.004, 0.98, "equivalent"),
        "unsure": TimeRatio(1.02, 0.97, 1.05, 0.98, "inconclusive", "the interval holds 1 and more than ±2 %"),
        "stored": TimeRatio(3.0),
    }
    models = [
        model("first", 4_253_864, 568_740_352, ms=(9.8, 10.3), peak=4_816_896),
        model("faster", 1_342_536, 149_497_088, ms=(4.9, 5.1), time_ratio=ratios["faster"], peak=2_408_448),
        model("same", 4_253_864, 568_740_352, ms=(9.9, 10.2), time_ratio=ratios["same"], peak=4_816_896),
        model("unsure", 5_000_000, 149_497_088, ms=(9.7, 10.9), time_ratio=ratios["unsure"]),
        model("bound", 10, 20, ms=(1, 2), status={"macs": "partial"}, uncounted=("node: operator Foo is not known",)),
        model("stored", 9, 9, ms=(29.0, 31.0), time_ratio=ratios["stored"], notes=("not timed here",)),
        model("file", None, 7, notes=("an ONNX file",)),
        model("failed", 5, 5),
    ]
    failed = (FailedModel(label="failed", reason="not a model"),)
    return side_by_side(models, replace(timing(), failed=failed))


COMPARISONS: dict[str, Callable[[], Comparison]] = {"counted": counted, "timed": timed}


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SPECS.parent)


def rendered(found: Comparison, name: str) -> str:
    return formats.rendering("comparison", name).render(found)


def test_formats_are_found_by_being_there() -> None:
    assert formats.rendering_names("comparison") == TEXT


@pytest.mark.parametrize("which", COMPARISONS)
@pytest.mark.parametrize("format_", TEXT)
def test_text_formats(which: str, format_: str) -> None:
    found = COMPARISONS[which]()
    text = rendered(found, format_)
    same_as_golden(f"compare-{which}.{SUFFIX[format_]}", text)
    assert text == rendered(COMPARISONS[which](), format_)


@pytest.mark.parametrize("which", COMPARISONS)
@pytest.mark.parametrize("width", [80, 140])
def test_terminal(which: str, width: int) -> None:
    text = printed(terminal.render(COMPARISONS[which](), width), width)
    same_as_golden(f"compare-{which}-{width}.txt", text)
    assert max(map(len, text.splitlines())) <= width


def test_json_is_the_whole_comparison() -> None:
    assert comparison_from_json(rendered(timed(), "json")) == timed()
    assert json.loads(rendered(timed(), "json"))["schema"] == "costlens.comparison/1"


@pytest.mark.parametrize("which", COMPARISONS)
def test_json_validates(which: str) -> None:
    schema = Draft202012Validator(json.loads(stored_schema("comparison")))
    document = json.loads(rendered(COMPARISONS[which](), "json"))
    assert [error.message for error in schema.iter_errors(document)] == []
    document["models"][0]["figures"]["macs"] = "many"
    assert len(list(schema.iter_errors(document))) == 1


def test_csv_holds_plain_numbers() -> None:
    first, faster, *_, file, _ = csv.DictReader(io.StringIO(rendered(timed(), "csv")))
    assert (first["params"], first["time_ratio"], first["pareto"]) == ("4253864", "", "no")
    assert (faster["time_ratio"], faster["low_ms"], faster["verdict"]) == ("0.5", "4.9", "faster")
    assert float(faster["macs_ratio"]) == pytest.approx(149_497_088 / 568_740_352)
    assert (file["params"], file["pareto"], file["macs"]) == ("", "", "7")


def test_markdown_unfolds_to_everything() -> None:
    text = rendered(timed(), "markdown")
    unfolded, _, folded = text.partition("<details>")
    assert " ≥ 20 |" in unfolded
    assert "unsure: inconclusive" in unfolded
    assert "failed: failed: not a model" in unfolded
    for part in ("all totals", "what was not counted", "notes", "the machine"):
        assert f"<summary>{part}" in folded
    assert "bound: not counted: node: operator Foo is not known" in folded
    assert text.count("<details>") == text.count("</details>") == 4
    rows = [line for line in unfolded.splitlines() if line.startswith("|")]
    assert len({len(line) for line in rows}) == 1  # aligned in the source too


def test_a_machine_too_noisy_is_said_in_bold() -> None:
    noisy = replace(timed(), timing=timing(too_noisy=True))
    assert "**Machine too noisy: a copy of a took 1.050" in rendered(noisy, "markdown")
    assert "Machine too noisy" in printed(terminal.render(noisy, 80), 80)


def test_an_empty_front_is_not_named() -> None:
    bounds = side_by_side([model("a", 1, 2, status={"macs": "partial"}), model("b", 3, 4)])
    bounds = replace(bounds, models=(bounds.models[0], replace(bounds.models[1], front=None)))
    assert _said.front(bounds) == ["Not placed, since one of parameters and MACs is not known or not complete: a, b."]
    wrong = side_by_side([model("a", 1, 2, disagreement="wrong"), model("b", 3, 4)])
    assert _said.front(wrong) == [
        "On the Pareto front of parameters and MACs: b.",
        "Not placed, since its verification failed: a.",
    ]


def test_intervals_from_a_second_on_are_written_in_full() -> None:
    slow = printed(terminal.render(side_by_side([model("a", 1, 2, ms=(1210.6, 1263.5))], timing()), 140), 140)
    assert "1,237 ms" in slow
    assert "[1,211, 1,264]" in slow
    (column,) = [column for column in LATENCY_COLUMNS if column.name == "interval"]
    assert (
        column.text(SimpleNamespace(latency=SimpleNamespace(median_interval_ms=(1210.6, 1263.5)))) == "[1,211, 1,264]"
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_break_no_format(name: str) -> None:
    text = HOSTILE[name].encode("utf-8", "backslashreplace").decode()
    hostile = model(text, 1, 2, name=text, title=text, operand=text, notes=(text,), uncounted=(text,), also=(text,))
    hostile = replace(hostile, variant=text, knobs={"word": text})
    found = side_by_side([hostile, model("b", 3, 4)])
    assert json.loads(rendered(found, "json"))["first"] == text
    written = rendered(found, "markdown")
    plain = rendered(side_by_side([model("a", 1, 2, notes=("n",), uncounted=("u",)), model("b", 3, 4)]), "markdown")
    assert [line.count("|") for line in written.splitlines()] == [line.count("|") for line in plain.splitlines()]
    assert len(written) < 30_000
    for mark in ("<script", "<!--", "@octocat", "\x1b", "\u202e", "](http", "</details></summary>", "`"):
        assert mark not in written
    cells = [cell for row in csv.reader(io.StringIO(rendered(found, "csv"))) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    shown = printed(terminal.render(found, 80), 80)
    assert not {"\x1b", "\x07", "\x00", "\u202e", "\u2067"} & set(shown)
    assert max(map(len, shown.splitlines())) <= 80


def test_the_command_prints_every_format(run: Run) -> None:
    words = ("compare", "specs/yamnet.yaml", "specs/mobilenet_v1.yaml?alpha=0.5", "--sort", "macs")
    shown = run(*words)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = [line.split()[0] for line in shown.stdout.splitlines() if "yes" in line or "," in line]
    assert lines[:2] == ["yamnet", "mobilenet_v1"]
    assert max(map(len, shown.stdout.splitlines())) <= 80
    for format_ in TEXT:
        done = run(*words, "--format", format_)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == rendered(comparison_from_json(run(*words, "--format", "json").stdout), format_)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("specs/yamnet.yaml", "--quick"), "--quick says how to time, and nothing is timed; add --bench"),
        (("specs/yamnet.yaml", "--time-budget", "9s"), "--time-budget says how to time"),
        (("specs/yamnet.yaml", "--threads", "2"), "--threads says how to time"),
        (
            ("specs/yamnet.yaml", "--format", "markdwn"),
            "--format markdwn: expected table, csv, json, markdown (did you",
        ),
        (("specs/yamnet.yaml", "--sort", "latency"), "--sort latency: none of these has a time"),
        (("specs/yamnt.yaml",), 'specs/yamnt.yaml: no such file (did you mean "specs/yamnet.yaml"?)'),
        (("specs/yamnet.yaml?clases=3",), '--set clases=3: unknown knob (did you mean "classes"?)'),
    ],
)
def test_wrong_use_is_exit_2_with_one_message(arguments: tuple[str, ...], words: str, run: Run) -> None:
    done = run("compare", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"failed": ()}, 0, ""),
        ({}, 5, "not timed: failed: not a model\n"),
        ({"control": timing(too_noisy=True).control, "failed": ()}, 7, "machine too noisy: a copy of the baseline"),
    ],
)
def test_how_a_measurement_ends(
    changes: dict[str, Any], code: int, said: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = timed()
    assert found.timing is not None
    asked: dict[str, Any] = {}

    def compare(*_: Any, **options: Any) -> Comparison:
        asked.update(options)
        return replace(found, timing=replace(found.timing, **changes))  # type: ignore[type-var]

    monkeypatch.setattr(comparing, "run", compare)
    done = run("compare", "a.yaml", "--bench", "--threads", "2", "--threshold", "1%", "--time-budget", "2m")
    assert done.returncode == code
    assert done.stderr.startswith(said)
    assert "faster" in done.stdout  # what was measured is printed, however it ends
    plan = asked["plan"]
    assert (plan.threads, plan.threshold, plan.time_budget_s, plan.processes) == (2, 0.01, 120.0, 10)
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_exports_that_fail_or_disagree_are_said_behind_the_table(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken outranks disagreeing; both are said."""
    disputed = model("b", 1, 1, disagreement="its verification FAILED: macs: off by 3")
    lost = (FailedModel(label="c", reason="no room"),)
    found = side_by_side([model("a", 5, 5, ms=(1.0, 1.1)), disputed, model("c", 1, 1)], timing(), failed=lost)
    shown = {"disagreement": replace(found, failed=()), "both": found, "untimed": replace(found, timing=None)}
    for name, code in (("disagreement", 4), ("both", 5), ("untimed", 5)):
        monkeypatch.setattr(comparing, "run", lambda *_, name=name, **__: shown[name])
        done = run("compare", "a.yaml", "--bench")
        assert done.returncode == code
        assert "b: its verification FAILED: macs: off by 3" in done.stderr
        assert "Not placed, since its verification failed: b." in done.stdout
        assert ("not timed: c: no room" in done.stderr) is (name != "disagreement")
        assert ("c: failed: no room" in done.stdout) is (name != "disagreement")
