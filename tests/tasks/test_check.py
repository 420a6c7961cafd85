"""``costlens check``: published figures and budgets against the count, and how it ends."""

from pathlib import Path
from typing import Any

import pytest

from costlens.arithmetic.cost import Cost
from costlens.errors import UsageError
from costlens.network.layers.dense import Dense
from costlens.results.check import CheckedFigure, Trouble
from costlens.sources._source import Asked
from costlens.tasks._tools import Tools
from costlens.tasks.check import Checks, check
from tests.cases.checked import BODY, lines
from tests.fakes.command_line import Run
from tests.places import ROOT

MEETS = "name: meets\n" + BODY + "expect: {params: 108, macs: 6.9k, source: here}\nbudget: {params: 108, macs: 7k}\n"
PLAIN = "name: plain\n" + BODY
MISSES = "name: misses\n" + BODY + "expect: {macs: 6.8k}\nbudget: {params: 107, peak_activation_bytes: 1M}\n"
TIMED = "name: timed\n" + BODY + "budget: {latency_ms: 3}\n"
BROKEN = "name: broken\ninput: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernal: 3}}]\n"
KNOBS = "name: knobs\nknobs: {alpha: 1}\n" + BODY.replace("filters: 4", "filters: 4 * alpha")
KNOBS += "expect: {params: 108}\nbudget: {params: 200}\n"


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """Return a folder of specs: one of each fate."""
    texts = {"meets": MEETS, "plain": PLAIN, "misses": MISSES, "timed": TIMED, "broken": BROKEN, "knobs": KNOBS}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.many
def test_every_shipped_spec_holds(run: Run) -> None:
    done = run("check", str(ROOT / "specs"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].endswith("figures: all hold")
    assert max(map(len, done.stdout.splitlines())) <= 80


def words(text: str) -> list[str]:
    """Return the lines of a table and below it, without what only makes it look like one."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip() and "─" not in line]


def test_one_line_a_figure_and_a_sum(run: Run, specs: Path) -> None:
    done = run("check", *(str(specs / f"{name}.yaml") for name in ("meets", "plain", "timed")))
    assert (done.returncode, done.stderr) == (0, "")
    assert words(done.stdout) == [
        "spec figure expected ours used",
        "meets params 108 108 ok",
        "meets macs 6.9k 6,912 ok",
        "meets params ≤ 108 108 100.0% ok",
        "meets macs ≤ 7k 6,912 98.7% ok",
        "plain nothing to compare",
        "timed latency_ms ≤ 3 ms not measured",
        "hidden (widen the terminal, or --columns): headroom",
        "a time is compared with --bench only",
        "Closest to its budget: params of meets, 100.0% used, 0 left.",
        "3 specs, 4 figures: all hold, 1 not measured",
    ]


def test_a_miss_is_exit_3_and_says_what_and_where(run: Run, specs: Path) -> None:
    done = run("check", str(specs / "misses.yaml"), str(specs / "meets.yaml"))
    assert done.returncode == 3
    assert words(done.stdout)[1:4] == [
        "misses macs 6.8k 6,912 MISSED",
        "misses params ≤ 107 108 100.9% MISSED",
        "misses peak_activation_bytes ≤ 1M 1,792 B 0.2% ok",
    ]
    assert lines(done.stdout)[-1] == "2 specs, 7 figures: 2 missed"
    assert lines(done.stderr) == [
        f"{specs / 'misses.yaml'}:4:10: macs is 6,912, published as 6.8k; correct the spec or its expect:",
        f"{specs / 'misses.yaml'}:5:10: params is 108, over its budget of 107 by 1 (0.9%)",
    ]


def test_a_spec_with_errors_hides_no_other_and_outranks_a_miss(run: Run, specs: Path) -> None:
    done = run("check", str(specs), str(specs / "none.yaml"))
    assert done.returncode == 2
    assert lines(done.stdout)[-1] == "7 specs, 9 figures: 2 missed, 2 specs with errors, 1 not measured"
    assert sum("ERRORS, see below" in line for line in lines(done.stdout)) == 2
    for word in ("misses  ", "meets  ", "knobs  "):
        assert word in done.stdout
    assert 'kernal: unknown field (did you mean "kernel"?)' in done.stderr
    assert "none.yaml: no such file" in done.stderr
    assert "params is 108, over its budget of 107" in done.stderr


@pytest.mark.parametrize("form", ["terminal", "json", "github", "junit", "markdown"])
def test_a_count_is_written_whole_however_large(run: Run, form: str) -> None:
    done = run("check", str(ROOT / "specs" / "vgg_d.yaml"), "--budget", "macs=1G", "--format", form)
    assert done.returncode == 3
    assert "macs is 15,470,264,320, over its budget of 1G (--budget)" in done.stderr
    assert ("15470264320" if form == "json" else "15,470,264,320") in done.stdout
    assert "e+" not in done.stdout + done.stderr


def test_with_knobs_set_only_budgets_are_compared(run: Run, specs: Path) -> None:
    spec = str(specs / "knobs.yaml")
    assert run("check", spec).stdout.endswith("1 spec, 2 figures: all hold\n")
    for double in (run("check", spec, "--set", "alpha=2"), run("check", f"{spec}?alpha=2")):
        assert double.returncode == 3
        assert "params is 216, over its budget of 200" in double.stderr
        assert "published" not in double.stderr
        apart = "with --set or ?knob=value only budgets: published figures are of a spec's own knobs"
        assert apart in " ".join(double.stdout.split())
    assert run("check", spec, "--set", "alpha=0.5").returncode == 0


PARTIAL = "name: partial\ninput: [4]\nlayers: [{reshape: [4]}, {dense: {units: 2, bias: false}}]\n"
# what the spec says, its verdict, its message; 8 parameters and 8 MACs are counted, and something is not
PARTIALS = [
    ("budget: {macs: 100}", "partial", "macs is at least 8, its budget 100: not everything is counted"),
    ("budget: {macs: 7}", "MISSED", "macs is at least 8, over its budget of 7"),
    ("expect: {macs: 8}", "partial", "macs is at least 8, published as 8; not everything is counted"),
]


@pytest.mark.usefixtures("no_figure_is_remembered")
@pytest.mark.parametrize(("says", "verdict", "message"), PARTIALS)
def test_a_partial_count_passes_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str, verdict: str, message: str
) -> None:
    whole = Dense.cost

    def partly(self: Dense, *inputs: Any) -> Cost:
        return whole(self, *inputs) + Cost(uncounted=("its other half",))

    monkeypatch.setattr(Dense, "cost", partly)
    spec = tmp_path / "partial.yaml"
    spec.write_text(PARTIAL + says + "\n", encoding="utf-8")
    done = run("check", str(spec))
    assert done.returncode == 3
    assert "≥ 8" in done.stdout
    assert verdict in done.stdout
    assert message in done.stderr
    assert "not counted: dense1: its other half" in done.stderr


def test_results_are_values(specs: Path) -> None:
    file, timed = str(specs / "misses.yaml"), str(specs / "timed.yaml")
    checked = check([file, timed], Asked(), Checks(), tools=Tools())
    assert checked.exit_code == 3
    assert checked.specs[0].figures == (
        CheckedFigure("expect", "macs", "6.8k", 6800, 6912, "missed", file=file, line=4, column=10),
        CheckedFigure("budget", "params", "107", 107, 108, "missed", file=file, line=5, column=10),
        CheckedFigure("budget", "peak_activation_bytes", "1M", 10**6, 1792, "kept", file=file, line=5, column=23),
    )
    assert [sum(one.ours is not None for one in spec.figures) for spec in checked.specs] == [3, 0]
    assert checked.specs[1].figures[0].verdict == "not measured"
    (trouble,) = check([file], Asked(settings={"alpha": "1"}), Checks(), tools=Tools()).all_troubles
    assert str(trouble).endswith("the spec has no knobs")


def test_a_limit_of_time_that_nobody_measured_is_said_in_every_format(run: Run, specs: Path) -> None:
    file = str(specs / "timed.yaml")
    shown = {form: run("check", file, "--format", form) for form in ("terminal", "github", "junit", "markdown")}
    assert {done.returncode for done in shown.values()} == {0}
    for form in ("terminal", "github", "markdown"):
        assert "1 spec, 0 figures: 1 not measured" in shown[form].stdout
    notice = f"::notice file={file},line=4,col=10,title=timed%3A latency_ms not measured::"
    assert lines(shown["github"].stdout)[0] == f"{notice}a time is compared with --bench only"
    assert f'<skipped message="{file}:4:10: a time is compared with --bench only" />' in shown["junit"].stdout


def test_only_what_can_end_a_check_is_a_trouble() -> None:
    with pytest.raises(UsageError, match="expected exit_code 2, 4, 5, received 7"):
        Trouble(7, "x.yaml", 0, 0, "unsure")


MISTAKES = [
    (("check", str(ROOT / "costlens")), ("costlens: holds nothing to read", "a spec (.yaml)")),
    (("check", "x.yaml", "--variant", "standard"), ("--variant",)),
    (("check", "x.yaml", "--budget", "macs"), ("--budget macs: expected NAME=FIGURE",)),
    (("check", "x.yaml", "--budget", "size=1MB"), ('size: unknown figure (did you mean "weight_bytes"?)',)),
    (("check", "x.yaml", "--budget", "zzz=3"), ("zzz: unknown figure; known: params, trainable",)),
    (("check", "x.yaml", "--budget", "macs=many"), ("expected a figure such as 4.2M", "received 'many'")),
    (("check", "x.yaml", "--budget", "weight_bytes=1QB"), ("expected a size such as 14MB, 2MiB",)),
    (("check", "x.yaml", "--budget", "macs=1", "--budget", "macs=2"), ("limited already, to 1; keep one",)),
    (("check", "x.yaml", "--budget", "macs=6,8k"), ("a decimal point, no comma", "received '6,8k'")),
    (("check", "x.yaml", "--budget", "latency_ms=1"), ("--budget latency_ms=1: no time is measured; add --bench",)),
]


@pytest.mark.parametrize(("arguments", "words"), MISTAKES)
def test_a_mistake_is_named(run: Run, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert all(word.lower() in (done.stdout + done.stderr).lower() for word in words), done
