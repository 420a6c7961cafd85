"""A run of bench that is kept: what it holds, and what compare makes of it later."""

import json
from pathlib import Path

import pytest

from costlens.results.comparison import Comparison
from costlens.results.run import Run as Kept
from tests.cases.small import ONE
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Workshop, run: Run) -> Path:
    """Return a folder with specs a and b, where b takes three times as long, and the run of both."""
    monkeypatch.chdir(tmp_path)
    for name in "ab":
        Path(f"{name}.yaml").write_text(ONE.replace("name: one", f"name: {name}"), encoding="utf-8")
    work.call_ms = {"b": 3.0}
    done = run("bench", "a.yaml", "b.yaml", "-o", "run.json")
    assert done.returncode == 0, done.stderr
    assert "run.json" in done.stdout.splitlines()[0]
    return tmp_path


def compared(run: Run, *words: str) -> Comparison:
    done = run("compare", *words, "--format", "json")
    assert done.returncode == 0, done.stderr
    return Comparison.from_json(done.stdout)


def test_a_run_holds_the_counts_and_the_times_of_its_models(here: Path) -> None:
    kept = Kept.from_json(Path("run.json").read_text(encoding="utf-8"))
    assert [(one.label, one.count.totals.params, one.count.rows) for one in kept.models] == [
        ("a", kept.models[0].count.totals.params, ()), ("b", kept.models[1].count.totals.params, ()),
    ]  # fmt: skip
    assert [one.label for one in kept.latency.models] == ["a", "b"]
    assert all(one.count.status["macs"] == "complete" for one in kept.models)


def test_alone_it_has_the_ratios_intervals_and_verdicts_that_were_measured(run: Run, here: Path) -> None:
    found = compared(run, "run.json")
    first, second = found.models
    assert (first.label, second.label, first.origin) == ("a", "b", "run")
    assert second.time_ratio is not None
    assert (second.time_ratio.verdict, second.time_ratio.ratio) == ("slower", pytest.approx(3.0))
    assert found.timing is not None
    assert not found.timing.measured
    assert second.figures.macs == compared(run, "b.yaml", "a.yaml").models[0].figures.macs


def test_beside_another_its_times_are_quotients_of_medians(run: Run, here: Path, work: Workshop) -> None:
    work.call_ms = {"a": 2.0, "b": 3.0}
    run("bench", "b.yaml", "a.yaml", "-o", "other.json")
    found = compared(run, "run.json", "other.json")
    assert [model.label for model in found.models] == [
        "a (run.json)", "b (run.json)", "b (other.json)", "a (other.json)"
    ]  # fmt: skip
    *_, last = found.models
    assert last.time_ratio is not None
    assert (last.time_ratio.low, last.time_ratio.ratio) == (None, pytest.approx(2.0))


def test_beside_what_is_timed_now(run: Run, here: Path, work: Workshop) -> None:
    work.call_ms = {"a (a.yaml)": 6.0}
    found = compared(run, "run.json", "a.yaml", "--bench")
    times = {model.label: model.time and (model.time.measured, model.time.median_ms) for model in found.models}
    assert times == {
        "a (run.json)": (False, pytest.approx(1.0)), "b": (False, pytest.approx(3.0)),
        "a (a.yaml)": (True, pytest.approx(6.0)),
    }  # fmt: skip


def test_one_that_was_taken_otherwise_is_not_set_beside_it(run: Run, here: Path) -> None:
    run("bench", "a.yaml", "b.yaml", "--batch", "4", "-o", "batch.json")
    found = compared(run, "run.json", "batch.json")
    left = [model for model in found.models if model.time is None]
    assert [model.operand for model in left] == ["batch.json", "batch.json"]
    assert "its stored time is left out: it was not taken as those shown were" in left[0].notes[-1]


@pytest.mark.parametrize(("arguments", "said"), [
    (("bench", "run.json"), "run.json: a run holds no file to run; name what was timed: bench runs model files"),
    (("diff", "run.json", "a.yaml"), "run.json: holds no layers to compare; name what was timed, or use"),
    (("compare", "run.json", "--variant", "grouped"), "run.json: holds no variant grouped; it holds as-written"),
    (("compare", "times.json"), "times.json: holds times alone; keep a run that can be compared with"),
    (("compare", "wrong.json"), "wrong.json: models: Field required; time the models again: costlens bench"),
    (("bench", "a.yaml", "-o", "run.txt"), "-o run.txt: expected a name that ends in .json"),
])  # fmt: skip
def test_what_a_run_cannot_do_is_said(arguments: tuple[str, ...], said: str, run: Run, here: Path) -> None:
    times = json.loads(Path("run.json").read_text(encoding="utf-8"))["latency"]
    Path("times.json").write_text(json.dumps(times, indent=2), encoding="utf-8")
    Path("wrong.json").write_text('{\n  "schema": "costlens.run/1",\n  "latency": {}\n}', encoding="utf-8")
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_the_folder_of_a_run_is_not_read_for_it(run: Run, here: Path) -> None:
    found = compared(run, ".")
    assert [model.origin for model in found.models] == ["spec", "spec"]
