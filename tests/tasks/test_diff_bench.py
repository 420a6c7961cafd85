"""``costlens diff --bench`` on a machine that is made up: which verdicts end how, what is not timed, what is said."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest

from costlens import runtimes
from costlens.bench.process import ProcessFailed
from costlens.errors import ExportError, RuntimeUnavailable
from costlens.results.diff import Diff
from tests.fakes.command_line import Run
from tests.fakes.diff_repository import HEADS, TINY, repository
from tests.fakes.fake_tools import Workshop
from tests.fakes.git_repository import write

Factor = Callable[[int, str], float]


def steady(process: int, label: str) -> float:
    """Every process is as fast as the others."""
    return 1.0


def shaking(process: int, label: str) -> float:
    """Head is now faster and now slower than base; base and its copy are alike."""
    return (1.05 if process % 2 else 0.96) if label == "head" else 1.0


def noisy(process: int, label: str) -> float:
    """Base's copy is slower than base."""
    return 1.1 if label == "copy of base" else 1.0


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository(tmp_path_factory.mktemp("base") / "repository")


@pytest.fixture
def bench(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Workshop) -> Workshop:
    """Work in a repository whose head swapped a block of ``net``; every call takes 1 ms."""
    made = Path(shutil.copytree(base, tmp_path / "repository"))
    monkeypatch.chdir(made)
    write(made, HEADS["swapped"])
    return work


def timed(work: Workshop) -> list[str]:
    """Return the networks that were timed, of which both sides are."""
    assert all(list(files) == ["base", "head"] for files in work.timed)
    return [files["head"].stem for files in work.timed]


DIFF = ("diff", "--base", "main", "--bench")
SLOWER, EQUAL = {"head": 1.1}, {"head": 1.0}


@pytest.mark.parametrize(("times", "factor", "options", "code", "words"), [
    (EQUAL, steady, (), 0, ""),
    ({"head": 0.5}, steady, (), 0, ""),
    (SLOWER, steady, (), 6, "specs/net.yaml: slower: 1.100 [1.100, 1.100] of base's time, threshold 3 %"),
    (SLOWER, steady, ("--threshold", "20%"), 7, "specs/net.yaml: inconclusive: "),
    (SLOWER, steady, ("--allow-inconclusive",), 6, "slower"),
    (EQUAL, shaking, (), 7, "specs/net.yaml: inconclusive: the interval holds 1 and more than ±2 %"),
    (EQUAL, shaking, ("--allow-inconclusive",), 0, ""),
    (SLOWER, noisy, (), 7, "specs/net.yaml: machine too noisy: a copy of base timed as another network; repeat it"),
    (SLOWER, noisy, ("--allow-inconclusive",), 0, ""),
    (SLOWER, steady, ("--quick",), 0, ""),
    (SLOWER, noisy, ("--quick",), 0, ""),
])  # fmt: skip
def test_how_each_verdict_ends(
    times: Mapping[str, float], factor: Factor, options: tuple[str, ...], code: int, words: str,
    bench: Workshop, run: Run,
) -> None:  # fmt: skip
    bench.call_ms, bench.factor = times, factor
    done = run(*DIFF, *options)
    assert (done.returncode, words in done.stderr, bool(done.stderr)) == (code, True, code != 0)
    assert "time ÷ base" in done.stdout or "time: " in done.stdout


def test_a_quick_look_is_seen_and_fails_nothing(bench: Workshop, run: Run) -> None:
    bench.call_ms = SLOWER
    done = run(*DIFF, "--quick")
    assert done.returncode == 0
    assert "1.100× [1.100, 1.100] slower (quick look, 75 %)" in " ".join(done.stdout.split())
    (spec,) = (one for one in Diff.from_json(run(*DIFF, "--quick", "--format", "json").stdout).specs if one.latency)
    assert spec.outcome == "inconclusive"


def test_the_same_network_is_not_timed_nor_is_what_has_one_side(bench: Workshop, run: Run) -> None:
    write(Path.cwd(), {**HEADS["knob"], **HEADS["deleted"], **HEADS["added"]})
    done = run(*DIFF, "--format", "json")
    assert (done.returncode, timed(bench)) == (0, [])
    untimed = {spec.path: spec.untimed for spec in Diff.from_json(done.stdout).specs}
    assert untimed["specs/net.yaml"].startswith("the network is the same, layer for layer")
    assert (
        untimed["specs/new.yaml"]
        == untimed["specs/tiny.yaml"]
        == "there is one side only, and nothing to compare it with"
    )
    assert "not timed: the network is the same" in " ".join(run(*DIFF).stdout.split())


def test_a_renamed_layer_is_another_file_and_is_timed(bench: Workshop, run: Run) -> None:
    write(Path.cwd(), {**HEADS["untouched"], "specs/tiny.yaml": TINY.replace("name: stem", "name: first")})
    done = run(*DIFF, "specs/tiny.yaml", "--format", "json")
    (spec,) = Diff.from_json(done.stdout).specs
    assert (done.returncode, timed(bench), spec.standing, spec.outcome) == (0, ["tiny"], "same_cost", "equivalent")


def test_several_specs_are_timed_one_after_the_other_and_the_most_severe_counts(bench: Workshop, run: Run) -> None:
    write(Path.cwd(), {"specs/tiny.yaml": TINY.replace("filters: 4", "filters: 6")})
    bench.factor = shaking
    done = run(*DIFF)
    assert (done.returncode, timed(bench)) == (7, ["net", "tiny"])
    bench.call_ms = {"tiny head": 1.1}
    bench.factor = lambda process, label: shaking(process, label) if timed(bench)[-1] == "net" else 1.0
    done = run(*DIFF)
    assert done.returncode == 6
    slower, unsure = done.stderr.splitlines()
    assert slower.startswith("specs/tiny.yaml: slower")
    assert unsure.startswith("specs/net.yaml: inconclusive")
    write(Path.cwd(), {"specs/deep/alone.yaml": "name: ["})
    done = run(*DIFF)
    assert (done.returncode, done.stderr.startswith("specs/deep/alone.yaml:")) == (2, True)
    assert "1.100× [1.100, 1.100] slower" in done.stdout


def test_a_side_that_is_not_proven_is_not_timed(bench: Workshop, run: Run) -> None:
    bench.wrong = frozenset({"net"})
    done = run(*DIFF)
    assert (done.returncode, timed(bench)) == (4, [])
    assert "specs/net.yaml: base: its verification FAILED: macs: off by 3" in done.stderr


@pytest.mark.parametrize(("error", "said"), [
    (ExportError("the disk is full"), "the disk is full; head: the disk is full\n"),
    (ValueError("no such operator"), "ValueError: no such operator (fake_tools.py:"),
])  # fmt: skip
def test_an_export_that_fails_keeps_the_others(error: Exception, said: str, bench: Workshop, run: Run) -> None:
    write(Path.cwd(), {"specs/tiny.yaml": TINY.replace("filters: 4", "filters: 6")})
    bench.fails = {"net": error}
    done = run(*DIFF)
    assert (done.returncode, timed(bench)) == (5, ["tiny"])
    assert done.stderr.startswith(f"specs/net.yaml: not timed: base: {said}"), done.stderr


def test_a_missing_framework_is_missing_for_all(bench: Workshop, run: Run, tmp_path: Path) -> None:
    write(Path.cwd(), {"specs/tiny.yaml": TINY.replace("filters: 4", "filters: 6")})
    bench.fails = {"net": RuntimeUnavailable("tensorflow is not installed; pip install it")}
    done = run(*DIFF, "--format", "json", "--comment", str(tmp_path / "comment.md"))
    assert (done.returncode, timed(bench)) == (5, [])  # of tiny it is not tried
    failed = [(spec.unavailable, spec.failed) for spec in Diff.from_json(done.stdout).specs]
    assert failed == [(True, "tensorflow is not installed; pip install it")] * 2
    assert "specs/tiny.yaml: not timed: tensorflow is not installed; pip install it" in done.stderr
    assert "not timed: tensorflow is not installed" in (tmp_path / "comment.md").read_text()
    errors = ElementTree.fromstring(run(*DIFF, "--format", "junit").stdout).iter("error")
    assert [error.get("type") for error in errors] == ["RuntimeUnavailable"] * 2


def test_a_missing_framework_hides_no_broken_spec(bench: Workshop, run: Run, tmp_path: Path) -> None:
    write(Path.cwd(), {"specs/tiny.yaml": TINY.replace("kernel", "kernal")})
    bench.fails = {"net": RuntimeUnavailable("tensorflow is not installed")}
    done = run(*DIFF, "--format", "github", "--comment", str(tmp_path / "comment.md"))
    assert (done.returncode, done.stderr.startswith("specs/tiny.yaml:5:36: ")) == (2, True)
    assert "::error file=specs/tiny.yaml,line=5" in done.stdout
    assert "::error file=specs/net.yaml,line=1" in done.stdout
    assert "`specs/tiny.yaml:5:36`" in (tmp_path / "comment.md").read_text()


def test_a_missing_device_is_part_of_the_result(bench: Workshop, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def absent(device: str) -> None:
        asked.append(device)
        raise RuntimeUnavailable("cuda: no such device; leave out --device")

    write(Path.cwd(), {"specs/tiny.yaml": TINY.replace("filters: 4", "filters: 6")})
    monkeypatch.setattr(runtimes.get("onnxruntime"), "require", absent)
    done = run(*DIFF, "--device", "cuda", "--format", "json")
    assert (done.returncode, asked) == (5, ["cuda"])
    assert all(spec.failed.startswith("cuda: no such device") for spec in Diff.from_json(done.stdout).specs)


def test_a_side_that_cannot_be_run_is_told(bench: Workshop, run: Run) -> None:
    bench.dies = lambda job: ProcessFailed("out of memory", "head") if list(job.models) == ["head"] else None
    done = run(*DIFF)
    assert (done.returncode, done.stderr.strip()) == (5, "specs/net.yaml: not timed: head: out of memory")


def test_verdicts_in_every_format(bench: Workshop, run: Run, tmp_path: Path) -> None:
    bench.call_ms = SLOWER
    comment = tmp_path / "comment.md"
    github = run(*DIFF, "--format", "github", "--comment", str(comment)).stdout
    assert github.splitlines()[0].startswith(
        "::error file=specs/net.yaml,line=1,title=costlens diff%3A net::specs/net.yaml: slower"
    )
    assert "| 1.100× [1.100, 1.100] slower |" in comment.read_text()
    assert "- Noise floor ±0 %: an identical copy of base" in comment.read_text()
    (failure,) = ElementTree.fromstring(run(*DIFF, "--format", "junit").stdout).iter("failure")
    assert failure.get("type") == "RegressionError"
    bench.factor = noisy
    assert "::warning file=specs/net.yaml,line=1" in run(*DIFF, "--format", "github", "--allow-inconclusive").stdout
    (skipped,) = ElementTree.fromstring(run(*DIFF, "--format", "junit", "--quick").stdout).iter("skipped")
    assert "inconclusive" in (skipped.get("message") or "") or "noisy" in (skipped.get("message") or "")
    assert "::error file=specs/net.yaml,line=1" in run(*DIFF, "--format", "github").stdout


def test_two_specs_of_the_command_line_are_timed_too(bench: Workshop, run: Run) -> None:
    bench.call_ms = SLOWER
    done = run("diff", "main:specs/net.yaml", "specs/net.yaml", "--bench")
    assert (done.returncode, timed(bench)) == (6, ["net"])
    assert "time: 1.100× [1.100, 1.100] slower (1 ms → 1.1 ms)" in done.stdout


@pytest.mark.tensorflow
@pytest.mark.measures
def test_a_look_at_two_real_exports(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(Path(shutil.copytree(base, tmp_path / "repository")))
    write(Path.cwd(), {**HEADS["swapped"], **HEADS["deleted"]})
    done = run(*DIFF, "--quick", "--device", "cpu", "--format", "json")
    assert done.returncode == 0, done.stderr
    net, tiny = Diff.from_json(done.stdout).specs
    assert net.latency is not None
    assert [model.label for model in net.latency.models] == ["base", "head"]
    assert net.ratio is not None
    assert net.ratio.macs_ratio == pytest.approx(738_624 / 232_768)
    assert (net.latency.processes, net.outcome in {"inconclusive", "too_noisy"}) == (3, True)
    assert tiny.latency is None
