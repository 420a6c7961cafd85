"""Answers: what sets models apart from the first, in one sentence."""

import re
from dataclasses import replace

import pytest

from costlens.formats.pages import latency, sweep
from costlens.formats.pages.answers import Beside, sentence
from costlens.results.comparison import TimeRatio
from costlens.results.latency import Control
from costlens.results.sweep import Condition, Sweep, SweepLine
from tests.cases.results import RESULTS, a_report, printed
from tests.places import ROOT

FAST = TimeRatio(0.1, 0.099, 0.101, 0.98, "faster")
SLOW = TimeRatio(1.03, 1.02, 1.04, 0.98, "slower")
SAME = TimeRatio(1.001, 0.999, 1.003, 0.98, "equivalent")
OPEN = TimeRatio(1.02, 0.9, 1.1, 0.98, "inconclusive")
STORED = TimeRatio(3.0)


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([Beside("b", 0.1, FAST)], "a takes 10.0 [9.90, 10.1] times as long as b."),
        ([Beside("b", 0.2, FAST)], "a needs 5.00 times the MACs of b and takes 10.0 [9.90, 10.1] times as long."),
        ([Beside("b", 0.27, SLOW)], "b needs 0.270 times the MACs of a and takes 1.030 [1.020, 1.040] times as long."),
        ([Beside("b", None, SLOW)], "b takes 1.030 [1.020, 1.040] times as long as a."),
        ([Beside("b", 1.0, SAME)], "b takes as long as a (1.001 [0.999, 1.003] times)."),
        ([Beside("b", 0.5, SAME)], "b needs 0.500 times the MACs of a and takes as long (1.001 [0.999, 1.003] times)."),
        ([Beside("as-written", 0.1, FAST)], "a takes 10.0 [9.90, 10.1] times as long as the network as written."),
        (
            [Beside("b", 0.1, FAST), Beside("c", 0.27, SLOW)],
            "a takes 10.0 [9.90, 10.1] times as long as b; "
            "c needs 0.270 times the MACs of a and takes 1.030 [1.020, 1.040] times as long.",
        ),
        ([Beside("b", 0.1, FAST), Beside("c", 1.04, SLOW)], "a takes 10.0 [9.90, 10.1] times as long as b."),
        ([Beside("b", 0.1, OPEN)], "No model is known to be faster or slower than a."),
        ([Beside("b", 3.0, STORED)], "By stored medians b takes 3.00 times as long as a."),
        ([Beside("b", 0.1, None, 0.5)], "a needs 10.0 times the MACs and 2.00 times the parameters of b."),
        ([Beside("b", 4.0), Beside("c", 2.0)], "b needs 4.00 times the MACs of a."),
        ([Beside("b", 1.0)], "The MACs are those of a."),
        ([Beside("b", None)], ""),
        ([], ""),
    ],
)
def test_one_sentence_says_what_sets_models_apart(others: list[Beside], said: str) -> None:
    assert sentence("a", others) == said


@pytest.mark.parametrize("name", ["layer-times", "report", "comparison", "check"])
def test_the_answer_is_the_last_line_of_the_screen(name: str) -> None:
    made, page_of = RESULTS[name]
    page = page_of(made())
    assert page.summary
    assert "".join(printed(page, 300).split()).endswith("".join(page.summary.split()))


def test_a_diff_of_several_specs_ends_with_how_many_differ() -> None:
    made, page_of = RESULTS["diff"]
    page = page_of(made())
    assert printed(page, 300).splitlines()[-1] == page.summary


def test_a_sweep_names_its_fastest_line() -> None:
    times = a_report().latency
    assert times is not None
    slow, fast = Condition("onnxruntime", 1, 1, "fp32"), Condition("onnxruntime", 2, 1, "fp32")
    lines = (SweepLine(slow, "standard", 0, "standard"), SweepLine(fast, "standard", 0, "as-written"))
    found = Sweep(Sweep.SCHEMA, "net", "Net", lines, (times,), 8.0)
    said = "Fastest is 2 threads: 1,278 examples/s, 11.9 times those of 1 thread."
    assert sweep.answer(found) == printed(sweep.page(found), 200).splitlines()[-1] == said
    turned = replace(found, lines=lines[::-1])
    assert sweep.answer(turned) == "Nothing measured is faster than the first, 2 threads."
    assert sweep.answer(replace(found, lines=lines[:1])) == ""


def test_a_sweep_compares_in_one_thing_at_a_time() -> None:
    """The fastest line stands beside its own variant elsewhere, and beside another variant under its condition."""
    file = ROOT / "reports" / "sweeps" / "yamnet-batches" / "sweep.json"
    found = Sweep.from_json(file.read_text(encoding="utf-8"))
    said, own, beside = re.split(r", (?:and )?(?=about|\d[\d.]* times)", sweep.answer(found))
    assert said == "Fastest is 2 threads, batch 8, separable: 1,344 examples/s"
    assert re.fullmatch(r"about [\d.]+ times those of 1 thread, batch 1, separable", own)
    assert re.fullmatch(r"[\d.]+ times those of 2 threads, batch 8, standard\.", beside)
    fastest = Condition("onnxruntime", 2, 8, "fp32")
    alone = [line for line in found.lines if line.condition == fastest and line.variant == "separable"]
    few = replace(found, lines=(found.lines[0], *alone))  # the lines between failed
    assert sweep.answer(few).endswith("times those of 1 thread, batch 1, standard.")


def test_bench_ends_with_its_answer() -> None:
    timed = a_report().latency
    assert timed is not None
    slow = (
        "standard needs 8.61 times the MACs of the network as written and takes 12.9 [12.8, 13.0] times as long"
    )
    for verdicts, confidence, noisy, said in (
        (("faster", "inconclusive"), 0.98, False, f"{slow}."),
        (("faster", "inconclusive"), 0.75, False, f"{slow} (quick look, 75 %)."),
        (("inconclusive", "inconclusive"), 0.98, False, "No model is known to be faster or slower than standard."),
        (("faster", "faster"), 0.98, True, "No answer: the machine is too noisy."),
    ):
        found = zip(timed.ratios, verdicts, strict=True)
        ratios = tuple(replace(one, verdict=word, confidence=confidence) for one, word in found)
        control = _noisy_control() if noisy else None
        shown = latency.page(replace(timed, ratios=ratios, control=control), "x")
        assert shown.summary == said
        assert printed(shown, 200).splitlines()[-1] == said


def _noisy_control() -> Control:
    return Control(
        baseline="standard", ratio=1.2, low=1.1, high=1.3, confidence=0.98, processes=7, resolution=0.3, too_noisy=True
    )
