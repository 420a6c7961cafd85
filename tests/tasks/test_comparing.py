"""What ``costlens compare`` puts side by side: operands of every kind, their labels, stored and measured times."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from costlens.sources._words import with_knobs

from costlens.analysis.pareto import Sort
from costlens.bench.process import ProcessFailed
from costlens.bench.protocol import Protocol
from costlens.errors import ExportError, UsageError
from costlens.formats.pages import comparison as pages
from costlens.results.comparison import ComparedModel, Comparison, TimeRatio
from costlens.results.latency import LatencyReport
from costlens.results.ledger import Entry, Ledger
from costlens.results.report import ExportedFile, Report, report_to_json
from costlens.tasks import _pipeline as pipeline
from costlens.tasks import _proof as proving
from costlens.tasks import bench as lineup
from costlens.tasks import compare as comparing
from tests.fakes.fake_bench import Conductor
from tests.places import SPECS

pytestmark = pytest.mark.usefixtures("nothing_of_other_tests_is_collected")

YAMNET, MOBILENET, EXAMPLE = (str(SPECS / f"{name}.yaml") for name in ("yamnet", "mobilenet_v1", "separable_example"))
ONE = "name: one\nknobs: {width: 4}\ninput: [8, 8, 3]\nlayers: [{conv: {filters: width, kernel: 3, bias: false}}]\n"
"""A 3×3 convolution 3 → 4 on 8×8: 108 parameters, 6,912 MACs."""
STANDARD, SEPARABLE = "standard", "separable"


@pytest.fixture
def spec(tmp_path: Path) -> str:
    (tmp_path / "one.yaml").write_text(ONE, encoding="utf-8")
    return str(tmp_path / "one.yaml")


def stored(folder: Path, spec: str, times: Mapping[str, float] | None = None, **plan: Any) -> str:
    """Write a report of a spec's standard and separable variants, timed on the fake machine where there are times."""
    folder.mkdir(parents=True, exist_ok=True)
    loaded = pipeline.load(spec)
    counts = tuple(pipeline.counts(loaded, (STANDARD, SEPARABLE)))
    latency = Conductor(times, folder).run(Protocol(**plan), baseline=STANDARD) if times else None
    files = (ExportedFile(STANDARD, "model.onnx", 1234, ""),)
    report = Report(
        "costlens.report/1", loaded.name, "", "", dict(loaded.knobs), {}, counts, (), (), (), files, latency
    )
    (folder / "report.json").write_text(report_to_json(report), encoding="utf-8")
    return str(folder)


def by_label(comparison: Comparison) -> dict[str, ComparedModel]:
    return {one.label: one for one in comparison.models}


def labels(*words: str, variants: tuple[str, ...] = (), **settings: object) -> list[str]:
    return [one.label for one in comparing.run(words, variants, settings).models]


def test_one_spec_or_report_stands_for_its_variants(spec: str, tmp_path: Path) -> None:
    assert labels(YAMNET)[:2] == ["as-written", "standard"]
    assert labels(spec, variants=(SEPARABLE, STANDARD)) == [SEPARABLE, STANDARD]
    report = stored(tmp_path / "report", spec)
    assert labels(report) == labels(f"{report}/report.json") == [STANDARD, SEPARABLE]
    assert labels(report, variants=(SEPARABLE,)) == [SEPARABLE]


def test_several_are_named_by_network_variant_and_knobs(spec: str, tmp_path: Path) -> None:
    assert labels(YAMNET, MOBILENET, f"{MOBILENET}?alpha=0.5&resolution=128") == [
        "yamnet", "mobilenet_v1", "mobilenet_v1 (alpha=0.5, resolution=128)",
    ]  # fmt: skip
    report = stored(tmp_path / "report", spec)
    assert labels(f"{spec}?width=8", report, variants=(STANDARD, SEPARABLE)) == [
        "one:standard (width=8)", "one:separable (width=8)", "one:standard", "one:separable",
    ]  # fmt: skip
    assert labels(spec, report) == ["one", "one:standard"]  # the report holds nothing as written
    assert labels(spec, spec) == [f"one ({spec})", f"one ({spec}) #2"]


def test_knobs_of_an_operand_go_before_those_of_all(spec: str) -> None:
    found = by_label(comparing.run([spec, f"{spec}?width=8"], (), {"width": "2"}))
    assert {label: (one.figures.params, one.knobs) for label, one in found.items()} == {
        "one": (54, {"width": 2}),
        "one (width=8)": (216, {"width": 8}),
    }
    assert found["one (width=8)"].operand == f"{spec}?width=8"


def test_a_file_with_a_question_mark_in_its_name_is_that_file(spec: str, tmp_path: Path) -> None:
    odd = tmp_path / "one.yaml?width=8"
    odd.write_text(ONE, encoding="utf-8")
    assert with_knobs(str(odd)) == (odd, {})
    assert comparing.run([str(odd)], (STANDARD,)).models[0].figures.params == 108


def test_folders_of_specs_and_of_reports(spec: str, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "two.yaml").write_text(ONE.replace("name: one", "name: two"), encoding="utf-8")
    assert labels(str(tmp_path)) == ["two", "one"]
    assert labels(f"{tmp_path}?width=2") == ["two (width=2)", "one (width=2)"]
    for name in ("b", "a"):
        stored(tmp_path / "reports" / name, spec)
    folder = tmp_path / "reports"
    assert labels(str(folder)) == [f"one:standard ({folder}/{name}/report.json)" for name in "ab"]


def test_a_folder_of_specs_and_reports_is_refused(spec: str, tmp_path: Path) -> None:
    stored(tmp_path / "sub", spec)
    with pytest.raises(UsageError, match=rf"holds specs \({tmp_path}/one\.yaml\) as well as reports \({tmp_path}/sub/"):
        comparing.run([str(tmp_path)])
    Path(spec).rename(tmp_path / "sub" / "one.yaml")
    with pytest.raises(UsageError, match=r"sub/one\.yaml\) as well as reports"):
        comparing.run([str(tmp_path / "sub")])
    (tmp_path / "sub" / "one.yaml").write_text("tables: [of published figures]\n", encoding="utf-8")
    assert labels(str(tmp_path)) == labels(str(tmp_path / "sub")) == [STANDARD, SEPARABLE]


def test_a_revision_is_for_diff() -> None:
    with pytest.raises(
        UsageError, match=r"main:a\.yaml\?x=1: no such file; .* by costlens diff main:a\.yaml\?x=1 SPEC"
    ):
        comparing.run(["main:a.yaml?x=1"])


def test_a_report_tells_the_same_figures_as_its_spec(tmp_path: Path) -> None:
    report = stored(tmp_path / "report", EXAMPLE)
    of_spec, of_report = comparing.run([EXAMPLE, report], (STANDARD,)).models
    assert (of_report.figures.params, of_report.figures.macs) == (of_spec.figures.params, of_spec.figures.macs)
    assert of_report.ratios == dict.fromkeys(of_spec.ratios, 1.0)
    assert (of_spec.figures.file_bytes, of_report.figures.file_bytes) == (None, 1234)


def test_what_a_count_lacks_is_a_lower_bound_here_too(spec: str, tmp_path: Path) -> None:
    folder = Path(stored(tmp_path / "report", spec))
    document = json.loads((folder / "report.json").read_text())
    document["counts"][0]["status"] = dict.fromkeys(document["counts"][0]["status"], "partial")
    document["counts"][0]["uncounted"] = ["conv1: no rule"]
    document["counts"][1]["status"] = dict.fromkeys(document["counts"][1]["status"], "unavailable")
    (folder / "report.json").write_text(json.dumps(document))
    partial, unavailable = comparing.run([str(folder)]).models
    assert (partial.status["macs"], partial.figures.macs, partial.uncounted, partial.front) == (
        "partial", 6912, ("conv1: no rule",), None,
    )  # fmt: skip
    assert (unavailable.figures.params, unavailable.figures.macs, unavailable.front) == (None, None, None)


def test_all_mistakes_come_at_once_and_before_any_work(spec: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(proving, "prove", lambda *_: pytest.fail("nothing is exported"))
    (tmp_path / "broken.yaml").write_text(ONE.replace("kernel", "kernal"), encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "other.json").write_text("{}")
    names = ["broken.yaml", "none.yaml", "none.onnx", "none.json", "other.json", "empty", "none.onnx?a=1"]
    with pytest.raises(UsageError) as raised:
        comparing.run([*(str(tmp_path / name) for name in names), f"{spec}?a=1", "", "one.yaml?width"], plan=Protocol())
    said = str(raised.value).replace(f"{tmp_path}/", "").splitlines()
    assert [line for line in said if line.startswith("broken.yaml")] == [
        'broken.yaml:4:34: layers[0].conv: kernal: unknown field (did you mean "kernel"?)'
    ]
    for expected in (
        "none.yaml: no such file",
        "none.onnx: no such file; name an ONNX file",
        "none.json: no such file; name a report.json",
        "other.json: schema: Field required; write the report anew",
        "empty: no spec (*.yaml) and no report.json in this folder",
        "none.onnx?a=1: an ONNX file has no knobs",
        "one.yaml:2:1: knobs: --set a=1: unknown knob; known: width",
        "'': expected a spec, a folder of specs, a report.json or an ONNX file",
        "one.yaml?width: expected NAME=VALUE behind ?, joined by &, received 'width': one.yaml?alpha=0.5",
    ):
        assert sum(line.startswith(expected) for line in said) == 1, expected


@pytest.mark.parametrize(
    ("variants", "settings", "sort", "words"),
    [
        (("seperable",), {}, None, r"variant seperable: unknown kind.*did you mean \"separable\""),
        (("grouped",), {}, None, "report.json: holds no variant grouped; it holds standard, separable"),
        ((), {"width": "3"}, None, "--set is for specs, and none is named"),
        ((), {}, Sort.LATENCY, "--sort latency: none of these has a time; add --bench"),
    ],
)
def test_options_that_nothing_can_take(
    variants: tuple[str, ...], settings: dict[str, object], sort: Sort | None, words: str, spec: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=words):
        comparing.run([stored(tmp_path / "report", spec)], variants, settings, sort=sort)


def test_stored_times_of_equal_conditions_stand_beside_each_other(spec: str, tmp_path: Path) -> None:
    times = {STANDARD: 4.0, SEPARABLE: 1.0}
    words = [stored(tmp_path / name, spec, {STANDARD: ms, SEPARABLE: 1.0}) for name, ms in (("a", 4.0), ("b", 6.0))]
    first, second = comparing.run(words, (STANDARD,)).models
    assert first.time is not None
    assert (first.time.median_ms, first.time.measured, first.time_ratio) == (times[STANDARD], False, None)
    assert second.time_ratio is not None
    assert second.time_ratio.ratio == pytest.approx(1.5)
    assert (second.time_ratio.low, second.time_ratio.verdict) == (None, None)
    found = comparing.run([*words, spec], sort=Sort.LATENCY)
    assert [one.label for one in found.models][-1] == "one"  # which has no time
    assert found.first == f"one:standard ({words[0]}/report.json)"
    assert any(line.startswith("≈") for line in pages.doubts(found))
    assert pages.measured(found)[0].endswith("as stored in reports.")


def test_a_ratio_that_was_measured_in_one_report_keeps_its_verdict(spec: str, tmp_path: Path) -> None:
    report = stored(tmp_path / "report", spec, {STANDARD: 4.0, SEPARABLE: 1.0})
    first, second = comparing.run([report]).models
    assert (first.variant, second.time_ratio and second.time_ratio.verdict) == (STANDARD, "faster")
    pair = {"label": SEPARABLE, "baseline": STANDARD, "ratio": 0.0862, "low": 0.0852, "high": 0.0884}
    pair |= {"confidence": 0.98, "processes": 10, "macs_ratio": None, "verdict": "faster", "reason": ""}
    below = {"ratio": 0.98, "low": 0.97, "high": 0.99, "verdict": "inconclusive"}
    below |= {"reason": "it is faster, but not by more than 3 %"}
    document = json.loads((Path(report) / "report.json").read_text())
    found = []
    for ratio in (pair, pair | below):
        document["latency"]["ratios"] = [ratio]
        (Path(report) / "report.json").write_text(json.dumps(document))
        turned = comparing.run([report], (SEPARABLE, STANDARD)).models[1].time_ratio
        assert turned is not None
        found.append(turned)
    assert found == [
        TimeRatio(1 / 0.0862, 1 / 0.0884, 1 / 0.0852, 0.98, "slower"),
        TimeRatio(1 / 0.98, 1 / 0.99, 1 / 0.97, 0.98, "inconclusive", "it is slower, but not by more than 3 %"),
    ]


@pytest.mark.parametrize("differing", ["threads", "batch"])
def test_times_of_other_conditions_are_left_out_with_the_reason(differing: str, spec: str, tmp_path: Path) -> None:
    one = stored(tmp_path / "a", spec, {STANDARD: 4.0, SEPARABLE: 1.0})
    other = Path(stored(tmp_path / "b", spec, {STANDARD: 4.0, SEPARABLE: 1.0}, batch=2 if differing == "batch" else 1))
    if differing == "threads":
        document = json.loads((other / "report.json").read_text())
        document["latency"]["runtime"]["threads"] = 2
        document["latency"]["fingerprint"] = "0" * 16
        (other / "report.json").write_text(json.dumps(document))
    found = comparing.run([one, str(other)], (STANDARD,))
    first, second = found.models
    assert first.time is not None
    assert (second.time, second.time_ratio) == (None, None)
    why = f"it was not taken as those shown were: {differing}: 1 against 2"
    assert second.notes[-1] == f"its stored time is left out: {why}"
    assert found.front_of == ("params", "macs")


def test_times_of_a_machine_too_noisy_are_left_out(spec: str, tmp_path: Path) -> None:
    quiet, noisy = (stored(tmp_path / name, spec, {STANDARD: 4.0, SEPARABLE: 1.0}) for name in "ab")
    document = json.loads((Path(noisy) / "report.json").read_text())
    document["latency"]["control"]["too_noisy"] = True
    (Path(noisy) / "report.json").write_text(json.dumps(document))
    first, second = comparing.run([noisy, quiet], (STANDARD,)).models
    assert (first.time, second.time is None, second.time_ratio) == (None, False, None)
    assert first.notes[-1].endswith("left out: the machine was too noisy for any ratio to be believed")
    alone = comparing.run([noisy])
    assert (alone.timing, [one.time for one in alone.models]) == (None, [None, None])


@pytest.fixture
def benched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Compare with ``--bench`` on a fake machine, whose models are called as they are labelled."""

    def run(words: list[str], conductor: Conductor, variants: tuple[str, ...] = (), **ok: bool) -> Comparison:
        def prove(graph: Any, count: Any) -> proving.Proof:
            if ok.get(count.name) is False:
                raise ExportError(f"{count.name}: no room")
            entries = (_WRONG,) if ok.get(count.variant) is False else (_AGREED,)
            file = ExportedFile(count.variant, "", 999, "")
            return proving.Proof(count, Ledger(count.name, count.variant, entries), file, tmp_path / "x.onnx", {})

        def measure(models: list[lineup.Entry], baseline: str, plan: Protocol, observe: Any) -> LatencyReport:
            assert {one.label for one in models} == set(conductor.models)
            return conductor.run(plan, baseline=baseline)

        monkeypatch.setattr(proving, "prove", prove)
        monkeypatch.setattr(lineup, "measure", measure)
        return comparing.run(words, variants, plan=Protocol())

    return run


_AGREED = Entry("macs", (("spec", 1), ("ONNX", 1)), True)
_WRONG = Entry("macs", (("spec", 1), ("ONNX", 4)), False, "off by 3")


def test_models_are_timed_with_the_first_as_their_baseline(benched: Any, spec: str, tmp_path: Path) -> None:
    conductor = Conductor({"one": 2.0, "one (width=8)": 3.0}, tmp_path)
    found = benched([spec, f"{spec}?width=8"], conductor)
    first, second = found.models
    assert (first.time.median_ms, first.time.measured, first.time_ratio) == (2.0, True, None)
    assert (second.time_ratio.ratio, second.time_ratio.verdict) == (pytest.approx(1.5), "slower")
    assert (first.figures.file_bytes, second.figures.file_bytes) == (999, 999)
    assert found.front_of == ("params", "macs", "latency")
    assert (found.timing.measured, found.timing.processes) == (True, 10)


def test_times_that_are_equivalent_leave_the_front_to_cost(benched: Any, spec: str, tmp_path: Path) -> None:
    found = benched([f"{spec}?width=8", spec], Conductor({"one (width=8)": 2.0, "one": 2.01}, tmp_path))
    assert [one.front for one in found.models] == [False, True]
    assert found.models[1].time_ratio.verdict == "equivalent"


def test_a_report_beside_what_is_timed_keeps_its_own_time(benched: Any, spec: str, tmp_path: Path) -> None:
    report = stored(tmp_path / "report", spec, {STANDARD: 4.0, SEPARABLE: 1.0})
    found = benched([spec, report], Conductor({"one": 2.0}, tmp_path))
    one, other = found.models
    assert (one.time.measured, other.time.measured) == (True, False)
    assert (other.time_ratio.ratio, other.time_ratio.verdict) == (pytest.approx(2.0), None)
    assert other.notes == ("not timed here: a report holds no file to time; name its spec",)


def test_nothing_to_time_is_said(spec: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--bench: there is nothing to time: a report holds no file"):
        comparing.run([stored(tmp_path / "report", spec)], plan=Protocol())


def test_a_model_that_fails_leaves_the_others_compared(benched: Any, spec: str, tmp_path: Path) -> None:
    def dies(job: Any) -> ProcessFailed | None:
        return ProcessFailed("not a model", "one") if list(job.models) == ["one"] else None

    models = {"one": 1.0, "one (width=8)": 3.0, "one (width=2)": 1.0}
    found = benched([spec, f"{spec}?width=8", f"{spec}?width=2"], Conductor(models, tmp_path, dies=dies))
    assert [one.time is None for one in found.models] == [True, False, False]
    assert [one.time_ratio for one in found.models] == [None] * 3
    assert pages.doubts(found) == ["one: failed: not a model", "one has no time, so times have no ratio to it."]


def test_no_front_of_times_on_a_machine_that_is_too_noisy(benched: Any, spec: str, tmp_path: Path) -> None:
    conductor = Conductor(
        {"one": 1.0, "one (width=8)": 2.0}, tmp_path, lambda _, label: 1.1 if label == "copy of one" else 1.0
    )
    found = benched([spec, f"{spec}?width=8"], conductor)
    assert found.timing.too_noisy
    assert found.front_of == ("params", "macs")
    assert found.models[1].time_ratio.verdict == "inconclusive"
    assert pages.resolution(found).startswith("Machine too noisy")


def test_a_proof_that_failed_fails_the_comparison(benched: Any, spec: str, tmp_path: Path) -> None:
    conductor = Conductor({STANDARD: 1.0, SEPARABLE: 2.0}, tmp_path)
    found = benched([spec], conductor, (STANDARD, SEPARABLE), standard=False)
    standard, separable = found.models
    assert (standard.disagreement, standard.front) == ("its verification FAILED: macs: off by 3", None)
    assert (separable.disagreement, separable.front) == ("", True)
    (error,) = found.failures
    assert error.exit_code == 4
    assert "Not placed, since its verification failed: standard." in pages.front(found)


def test_an_export_that_fails_leaves_the_others_timed_and_all_counted(benched: Any, spec: str, tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(ONE.replace("name: one", "name: two"), encoding="utf-8")
    words = [spec, str(tmp_path / "two.yaml"), f"{spec}?width=8"]
    found = benched(words, Conductor({"one": 2.0, "one (width=8)": 3.0}, tmp_path), two=False)
    assert [(one.label, one.figures.params, one.time is None) for one in found.models] == [
        ("one", 108, False), ("two", 108, True), ("one (width=8)", 216, False),
    ]  # fmt: skip
    assert found.models[2].time_ratio.verdict == "slower"
    assert "two: failed: two: no room" in pages.doubts(found)
    assert [(error.exit_code, str(error)) for error in found.failures] == [(5, "not timed: two: two: no room")]
    alone = benched(words[1:2], Conductor({"none": 1.0}, tmp_path), ("as-written",), two=False)
    assert (alone.timing, alone.models[0].figures.params) == (None, 108)
    assert [error.exit_code for error in alone.failures] == [5]
    assert pages.doubts(alone) == ["as-written: failed: two: no room"]
