"""What a reader must find in pages: bounds, disagreements, noise, folds, places, and how commands end."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from costlens.analysis.pareto import side_by_side
from costlens.errors import most_severe
from costlens.formats import comment
from costlens.formats.pages import check, comparison, count, report
from costlens.network.count import count as count_graph
from costlens.results.columns import COUNT, AtLeast, Column
from costlens.results.comparison import Comparison
from costlens.results.latency import FailedModel
from costlens.results.page import Finding, Page, Table, together
from costlens.results.stored import stored_schema
from costlens.spec.loading import load
from costlens.tasks import compare as comparing
from tests.cases.results import a_check, a_comparison, a_report, counts, printed, written
from tests.fakes.command_line import Run
from tests.fakes.fake_comparison import model, timing
from tests.places import SPECS

BODY = "input: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernel: 3, bias: false}}]\n"


def test_a_column_without_a_value_is_left_out_and_an_empty_table_is_no_table() -> None:
    columns: list[Column[Any]] = [
        Column("a", "one", value=lambda row: row), Column("b", "two", value=lambda row: None),
    ]  # fmt: skip
    page = Page("p", [Table(columns, ["x"]), Table(columns, [])])
    assert written(page, "markdown") == "## p\n\n| one |\n| :-- |\n| x   |\n"
    assert written(page, "csv") == "a,b\nx,\n"


NAMES = ["stage1.depthwise", "stage1/pointwise_convolution_at_last", "stem"]
PIECES = ["stage1.", "depthwise", "stage1/", "pointwise_", "convolution_", "at_last", "stem"]


@pytest.mark.parametrize(("width", "names", "hidden"), [
    (80, NAMES, ""), (50, PIECES, ""), (40, PIECES, ""), (32, PIECES, "--columns): shape"),
])  # fmt: skip
def test_no_name_in_the_first_column_is_cut_inside_a_word(width: int, names: list[str], hidden: str) -> None:
    columns: list[Column[Any]] = [
        Column("name", "layer", value=str), Column("shape", "shape", value=lambda _: "48×32×3 and more"),
        Column("macs", "MACs", COUNT, lambda _: 10**9),
    ]  # fmt: skip
    table, _, left_out = printed(Page("p", [Table(columns, NAMES)]), width).partition("hidden")
    assert [line.split()[0] for line in table.splitlines()[3:] if line[1:2].strip()] == names
    assert left_out.strip().endswith(hidden) if hidden else not left_out


def test_a_lower_bound_is_written_as_one_and_is_a_plain_number_in_csv() -> None:
    page = Page("p", [Table([Column("a", "one", value=AtLeast)], [3])])
    assert "≥ 3" in written(page, "markdown")
    assert written(page, "csv") == "a\n3\n"


def test_several_results_are_one_list_and_one_table() -> None:
    pages = [count.page(counts("yamnet")[:1]), count.page(counts("speech_embedding")[:1])]
    both = together(pages)
    assert [one["models"][0]["name"] for one in json.loads(written(both, "json"))] == ["yamnet", "speech_embedding"]
    rows = list(csv.DictReader(io.StringIO(written(both, "csv"))))
    assert len(rows) == sum(len(counts(name)[0].rows) for name in ("yamnet", "speech_embedding"))


@pytest.mark.parametrize("width", [80, 100, 140])
def test_subtotals_are_shown_in_full(width: int) -> None:
    text = printed(count.page([count_graph(load(SPECS / "keyword_spotter.yaml").graph)], rows=True), width)
    assert [line.split()[:4] for line in text.splitlines() if "Σ" in line] == [
        ["Σ", "embedding", "332,088", "126,144,000"],
        ["Σ", "head", "57,228", "664,704"],
    ]


def test_a_partial_total_is_a_lower_bound_with_what_was_left_out() -> None:
    model = counts("separable_example")[0]
    part = replace(model, status=dict.fromkeys(model.status, "partial"), uncounted=("x: no rule for it",))
    for text in (written(count.page([part]), "markdown"), printed(count.page([part]), 100)):
        assert "≥ 53,952" in text
        assert "not counted: x: no rule for it" in text


def test_of_a_model_file_the_deployed_parameters_stand_for_those_that_nobody_knows() -> None:
    model = counts("yamnet")[0]
    totals = replace(model.totals, params=None, trainable=None, non_trainable=None, kernels=None)
    status = {**model.status, **dict.fromkeys(("params", "trainable", "kernels"), "unavailable")}
    file = replace(model, totals=totals, status=status)  # type: ignore[arg-type]
    header = next(line for line in printed(count.page([file]), 60).splitlines() if "variant" in line)
    assert header.split()[:3] == ["variant", "deployed", "MACs"]
    assert count.totals(file)[0].startswith("deployed 3,729,481")


def test_batch_norm_is_named_only_where_there_is_one() -> None:
    assert "BatchNorm" not in " ".join(count.totals(counts("separable_example")[0]))
    assert "deployed 3,729,481 (BatchNorm folded)" in " ".join(count.totals(counts("yamnet")[0]))


def test_a_disagreement_is_said_in_every_rendering() -> None:
    stored = a_report()
    ledger = stored.ledgers[0]
    wrong = replace(ledger.entries[0], agrees=False, note="stage1: spec 1, Keras 2")
    broken = replace(stored, ledgers=(replace(ledger, entries=(wrong, *ledger.entries[1:])), *stored.ledgers[1:]))
    page = report.page(broken, rows=False)
    for text in (written(page, "markdown"), printed(page, 100)):
        assert "FAILED: 1 of" in text
        assert "stage1: spec 1, Keras 2" in text


def test_a_report_begins_with_its_answer() -> None:
    stored = a_report()
    timed = stored.latency
    assert timed is not None
    first = replace(timed.ratios[0], verdict="faster", confidence=0.98)
    sure = replace(stored, latency=replace(timed, ratios=(first, *timed.ratios[1:])))
    assert report.answer(sure) == (
        "YAMNet, one patch of 0.96 s: 3.75M parameters, 69.2M MACs and 0.782 ms as written (separable); "
        "with standard convolutions it needs 8.61 times the MACs and takes 12.9 times as long."
    )
    assert report.answer(stored).endswith("with standard convolutions it needs 8.61 times the MACs.")


@pytest.mark.parametrize("hostile", ["<script>", "a|b", "`x`", "two\nlines"])
def test_titles_are_not_markup(hostile: str) -> None:
    text = written(report.page(replace(a_report(), title=hostile, source=hostile)), "markdown")
    heading, _, origin = text.splitlines()[:3]
    assert heading.startswith("# ")
    assert "<script>" not in text
    assert "&#124;" in heading if "|" in hostile else "|" not in heading
    assert origin.startswith("`")


# comparisons


def test_json_is_the_whole_comparison() -> None:
    text = written(comparison.page(a_comparison()), "json")
    assert Comparison.from_json(text) == a_comparison()
    schema = Draft202012Validator(json.loads(stored_schema("comparison")))
    document = json.loads(text)
    assert [error.message for error in schema.iter_errors(document)] == []
    document["models"][0]["figures"]["macs"] = "many"
    assert len(list(schema.iter_errors(document))) == 1


def test_a_comparison_s_csv_holds_plain_numbers() -> None:
    first, faster, *_, file, _ = csv.DictReader(io.StringIO(written(comparison.page(a_comparison()), "csv")))
    assert (first["params"], first["time_ratio"], first["pareto"]) == ("4253864", "", "no")
    assert (faster["time_ratio"], faster["low_ms"], faster["verdict"]) == ("0.5", "4.9", "faster")
    assert float(faster["macs_ratio"]) == pytest.approx(149_497_088 / 568_740_352)
    assert (file["params"], file["pareto"], file["macs"]) == ("", "", "7")


def test_markdown_unfolds_to_everything() -> None:
    text = written(comparison.page(a_comparison()), "markdown")
    for part in ("all totals", "what was not counted", "notes", "the machine"):
        assert f"<summary>{part}" in text
    outside = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    for said in (" ≥ 20 |", "unsure: inconclusive", "failed: failed: not a model"):
        assert said in outside
    assert "bound: not counted: node: operator Foo is not known" not in outside
    assert text.count("<details>") == text.count("</details>") == 4
    rows = [line for line in outside.splitlines() if line.startswith("|")]
    assert len({len(line) for line in rows}) == 1  # aligned in the source too


def test_a_machine_too_noisy_is_said_in_bold() -> None:
    noisy = comparison.page(replace(a_comparison(), timing=timing(too_noisy=True)))
    assert "**Machine too noisy: a copy of a measured 1.050× [1.048, 1.053]." in written(noisy, "markdown")
    assert "Machine too noisy" in printed(noisy, 80)


def test_an_empty_front_is_not_named() -> None:
    bounds = side_by_side([model("a", 1, 2, status={"macs": "partial"}), model("b", 3, 4)])
    bounds = replace(bounds, models=(bounds.models[0], replace(bounds.models[1], front=None)))
    assert comparison.front(bounds) == [
        "Not placed, since one of parameters and MACs is not known or not complete: a, b."
    ]
    wrong = side_by_side([model("a", 1, 2, disagreement="wrong"), model("b", 3, 4)])
    assert comparison.front(wrong) == [
        "On the Pareto front of parameters and MACs: b.",
        "Not placed, since its verification failed: a.",
    ]


def test_intervals_from_a_second_on_are_written_in_full() -> None:
    slow = printed(comparison.page(side_by_side([model("a", 1, 2, ms=(1210.6, 1263.5))], timing())), 140)
    assert "1,237 ms" in slow
    assert "[1,211, 1,264]" in slow


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("specs/yamnet.yaml", "--quick"), "--quick says how to time, and nothing is timed; add --bench"),
        (("specs/yamnet.yaml", "--time-budget", "9s"), "--time-budget says how to time"),
        (("specs/yamnet.yaml", "--threads", "2"), "--threads says how to time"),
        (("specs/yamnet.yaml", "--format", "markdwn"), "--format markdwn: expected terminal, csv, github, html, json"),
        (("specs/yamnet.yaml", "--format", "junit"), "--format junit: it lists what passes and what fails"),
        (("specs/yamnet.yaml", "--sort", "latency"), "--sort latency: none of these has a time"),
        (("specs/yamnt.yaml",), 'specs/yamnt.yaml: no such file (did you mean "specs/yamnet.yaml"?)'),
        (("specs/yamnet.yaml?clases=3",), '--set clases=3: unknown knob (did you mean "classes"?)'),
    ],
)
def test_wrong_use_is_exit_2_with_one_message(
    arguments: tuple[str, ...], words: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SPECS.parent)
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
    found = a_comparison()
    assert found.timing is not None
    asked: list[Any] = []

    def compare(words: Any, wanted: Any, plan: Any, **_: Any) -> Comparison:
        asked.append(plan)
        return replace(found, timing=replace(found.timing, **changes))  # type: ignore[type-var]

    monkeypatch.setattr(comparing, "compare", compare)
    done = run("compare", "a.yaml", "--bench", "--threads", "2", "--threshold", "1%", "--time-budget", "2m")
    assert done.returncode == code
    assert done.stderr.startswith(said)
    assert "faster" in done.stdout  # what was measured is printed, however it ends
    (plan,) = asked
    assert (plan.threads, plan.threshold, plan.time_budget_s, plan.processes) == (2, 0.01, 120.0, 10)
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_exports_that_fail_or_disagree_are_said_after_the_table(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken outranks disagreeing; both are said."""
    disputed = model("b", 1, 1, disagreement="its verification FAILED: macs: off by 3")
    lost = (FailedModel(label="c", reason="no room"),)
    found = side_by_side([model("a", 5, 5, ms=(1.0, 1.1)), disputed, model("c", 1, 1)], timing(), failed=lost)
    shown = {"disagreement": replace(found, failed=()), "both": found, "untimed": replace(found, timing=None)}
    for name, code in (("disagreement", 4), ("both", 5), ("untimed", 5)):
        monkeypatch.setattr(comparing, "compare", lambda *_, name=name, **__: shown[name])
        done = run("compare", "a.yaml", "--bench")
        assert done.returncode == code
        assert "b: its verification FAILED: macs: off by 3" in done.stderr
        assert "Not placed, since its verification failed: b." in done.stdout
        assert ("not timed: c: no room" in done.stderr) is (name != "disagreement")
        assert ("c: failed: no room" in done.stdout) is (name != "disagreement")


# checks

KEEPS, MISSES, PARTIAL, NOISY, BROKEN, PLAIN = a_check().specs
FATES = [
    (replace(a_check(), specs=(KEEPS, PLAIN), troubles=()), None, "✓"),
    (replace(a_check(), specs=(NOISY, KEEPS), troubles=()), 7, "?"),
    (replace(a_check(), specs=(NOISY, KEEPS), troubles=(), allowed=True), None, "✓"),
    (replace(a_check(), specs=(NOISY, PARTIAL), troubles=()), 3, "✗"),
    (replace(a_check(), specs=(NOISY, MISSES), troubles=(), allowed=True), 3, "✗"),
    (a_check(), 2, "✗"),
]


@pytest.mark.parametrize(("checked", "code", "mark"), FATES)
def test_how_a_check_ends_is_said_alike(checked: Any, code: int | None, mark: str) -> None:
    assert (most_severe(checked.failures).exit_code if checked.failures else None) == code
    page = check.page(replace(checked, exit_code=code or 0))
    assert written(page, "markdown").startswith(f"### {mark} ")
    outcomes = {finding.outcome for finding in page.findings or ()}
    assert bool(outcomes & {"error", "failure"}) == bool(code)
    assert ("::error" in written(page, "github")) == bool(code)


def test_junit_tells_files_apart_whose_specs_have_one_name() -> None:
    twins = (replace(MISSES, file="a/x.yaml"), replace(MISSES, file="b/x.yaml"), replace(BROKEN, name="misses"))
    text = written(check.page(replace(a_check(), specs=twins)), "junit")
    cases = re.findall(r'<testcase classname="([^"]*)" name="([^"]*)"', text)
    assert len(set(cases)) == len(cases) == 9


def test_findings_of_one_name_are_one_test() -> None:
    here: dict[str, Any] = {"group": "g", "name": "n", "file": "f"}
    found = [Finding("passed", message="fine", **here), Finding("failure", message="bad", kind="k", **here)]
    text = written(Page("p", [], findings=found), "junit")
    assert text.count("<testcase") == 1
    assert '<failure message="bad" type="k">bad</failure>' in text
    assert "<system-out>fine</system-out>" in written(Page("p", [], findings=found[:1]), "junit")


def test_json_of_a_check_validates_and_says_all() -> None:
    document = json.loads(written(check.page(a_check()), "json"))
    assert list(Draft202012Validator(json.loads(stored_schema("check"))).iter_errors(document)) == []
    assert [figure["verdict"] for spec in document["specs"] for figure in spec["figures"]] == [
        "kept", "kept", "kept", "not measured", "missed", "missed", "missed", "partial", "inconclusive",
    ]  # fmt: skip


def test_errors_are_below_the_table_that_points_there() -> None:
    shown = printed(check.page(a_check()))
    assert shown.index("ERRORS, see below") < shown.index("specs/broken.yaml:7:1: input: missing")


def test_the_comment_is_one_table_and_folds_the_rest() -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(written(check.page(a_check()), "markdown"))
    opened = [token.type for token in tokens if token.type in {"table_open", "bullet_list_open", "html_block"}]
    assert opened == ["table_open", "bullet_list_open", "bullet_list_open", "html_block", "table_open", "html_block"]


def test_a_comment_on_hundreds_of_specs_stays_short(tmp_path: Path) -> None:
    many = tuple(replace(MISSES, name=f"misses{number}") for number in range(500))
    path = tmp_path / "comment.md"
    comment.include(path, "check", check.page(replace(a_check(), specs=many)))
    text = path.read_text(encoding="utf-8")
    assert len(text) <= comment.LIMIT
    assert "500 specs, 1500 figures: 1500 missed, errors in pyproject.toml." in text
    assert "and 1450 figures more" in text
    assert re.search(r"\*\d+ details left out: a comment holds 65,536 characters\.\*", text)


# what a runner's environment says, and where it then sees the file
WORKSPACES = [("", "x.yaml"), ("..", "inner/x.yaml"), ("/elsewhere", "x.yaml")]


@pytest.mark.parametrize(("workspace", "file"), WORKSPACES)
def test_annotations_stand_at_the_very_line_of_the_repository(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: str, file: str
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    monkeypatch.setenv("GITHUB_WORKSPACE", workspace)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (inner / "x.yaml").write_text(f"name: x\n{BODY}budget:\n  macs: 7k\n  params: 107\n", encoding="utf-8")
    (tmp_path / "summary.md").write_text("before\n", encoding="utf-8")
    done = run("check", "x.yaml", "--format", "github")
    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        f"::error file={file},line=6,col=3,title=x%3A params missed::params is 108, over its budget of 107 "
        "by 1 (0.9%25)",
        "1 spec, 2 figures: 1 missed",
    ]
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith("before\n### ✗ Budgets and published figures\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/nowhere/summary.md")
    done = run("check", "x.yaml", "--format", "github")
    assert (done.returncode, "/nowhere/summary.md: cannot be written" in done.stderr) == (2, True)


def test_check_and_comment_in_one_go(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(f"name: x\n{BODY}budget: {{macs: 7k}}\n", encoding="utf-8")
    assert run("check", "x.yaml", "--comment", "out/comment.md").returncode == 0
    first = (tmp_path / "out" / "comment.md").read_text(encoding="utf-8")
    assert first.startswith("<!-- costlens -->\n<!-- costlens:check -->\n### ✓ Budgets and published figures\n")
    (tmp_path / "x.yaml").write_text(f"name: x\n{BODY}budget: {{macs: 6k}}\n", encoding="utf-8")
    assert run("check", "x.yaml", "--comment", "out/comment.md").returncode == 3
    second = (tmp_path / "out" / "comment.md").read_text(encoding="utf-8")
    assert second.count("costlens:check -->") == 2
    assert "✗ **missed**" in second
    (tmp_path / "mine.md").write_text("mine\n", encoding="utf-8")
    done = run("check", "x.yaml", "--comment", "mine.md")
    assert (done.returncode, "is not a comment of costlens" in done.stderr) == (2, True)
