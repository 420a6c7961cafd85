"""Variants of a spec's own, and kinds given by name, in the words and options of every command."""

from pathlib import Path

import pytest

import costlens as cl
from costlens.errors import UsageError
from costlens.sources._source import ALL, Asked
from costlens.sources.find import models
from costlens.spec.loading import load
from tests.cases.small import ONE
from tests.cases.spec_texts import MIXES
from tests.fakes.command_line import Run

KINDS = ["as-written", "standard", "bottleneck", "factorized", "grouped", "separable"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("mixes.yaml").write_text(MIXES, encoding="utf-8")
    Path("one.yaml").write_text(ONE, encoding="utf-8")
    return tmp_path


def labels(*words: str, asked: Asked) -> list[str]:
    return [name for model in models(words, asked) for name in (model.label, *model.count.also)]


RULES = (("stage1", "grouped"),)


@pytest.mark.parametrize(("asked", "expected"), [
    (Asked(("fast",)), ["fast"]),
    (Asked(("rows", "standard")), ["rows", "standard"]),
    (Asked((ALL,)), [*KINDS, "fast", "rows"]),
    (Asked(alone=(ALL,)), [*KINDS, "fast", "rows"]),
    (Asked(kinds=RULES), ["mixed"]),
    (Asked(("as-written",), kinds=RULES), ["as-written", "mixed"]),
    (Asked(("mixed",), kinds=RULES), ["mixed"]),
    (Asked((ALL,), kinds=RULES), [*KINDS, "fast", "rows", "mixed"]),
    (Asked(alone=(ALL,), kinds=RULES), [*KINDS, "fast", "rows", "mixed"]),
], ids=str)  # fmt: skip
def test_which_variants_are_meant(asked: Asked, expected: list[str], here: Path) -> None:
    assert labels("mixes.yaml", asked=asked) == expected


def test_a_word_names_a_variant_of_its_spec(here: Path) -> None:
    (word,) = models(["mixes.yaml:fast"], Asked())
    (named,) = models(["mixes.yaml"], Asked(("fast",)))
    assert word.count == named.count
    assert labels("mixes.yaml:fast", "one.yaml", asked=Asked()) == ["mixes:fast", "one"]


def test_kinds_of_the_spec_itself_are_what_is_written(here: Path) -> None:
    written = {row.name for row in cl.count("mixes.yaml").rows}
    assert "stage2.conv1.depthwise" in written
    assert "stage1.conv1.depthwise" not in written
    assert cl.count("mixes.yaml", variant="standard").totals.macs > cl.count("mixes.yaml").totals.macs
    fast = {row.name for row in cl.count("mixes.yaml:fast").rows}
    assert fast == written - {"stage1.conv1"} | {"stage1.conv1.depthwise", "stage1.conv1.pointwise"}


def test_what_the_kinds_of_a_spec_leave_alone_is_said(here: Path) -> None:
    Path("one.yaml").write_text(f"{ONE}kinds: {{conv1: factorized}}\n".replace("kernel: 3", "kernel: [3, 1]"))
    found = cl.count("one.yaml")
    assert [(each.name, each.reason) for each in found.left_alone] == [("conv1", "one-dimensional kernel")]


def test_a_model_takes_kinds_by_name(here: Path) -> None:
    rules = {"*": "separable", "stage2": "factorized"}
    models = [cl.load("mixes.yaml", kind=rules), cl.load("mixes.yaml").variant(rules)]
    counts = [*(model.count() for model in models), cl.count("mixes.yaml", kind=rules), cl.count(models[0])]
    assert all(one == counts[0] for one in counts)
    assert (counts[0].variant, counts[0].mixes) == ("mixed", {"mixed": rules})
    compared = {model.label: model.figures.macs for model in cl.compare("mixes.yaml", models[0]).models}
    assert compared == {"mixes": cl.count("mixes.yaml").totals.macs, "mixes:mixed": counts[0].totals.macs}
    assert cl.report(models[0], variant="standard", bench=False).counts[1].mixes == {"mixed": rules}


# words, what is asked, what is said
WRONG: list[tuple[list[str], Asked, str]] = [
    (["mixes.yaml"], Asked(("fats",)), 'variant fats: unknown (did you mean "fast"?); there are '
     f"{', '.join(KINDS)}, fast, rows"),
    (["mixes.yaml", "one.yaml"], Asked(("fast",)),
     f"one.yaml: variant fast: unknown; there are {', '.join(KINDS)}"),
    (["mixes.yaml", "one.yaml"], Asked(("seperable",)),
     'variant seperable: unknown (did you mean "separable"?); there are '
     f"{', '.join(KINDS)}, fast, rows"),
    (["mixes.yaml:fats"], Asked(), 'mixes.yaml:fats: no such revision, and no variant fats (did you mean "fast"?)'),
    (["mixes.yaml:fast"], Asked(kinds=RULES),
     "mixes.yaml:fast: names a variant itself; leave out --kind, or the variant"),
    (["mixes.yaml"], Asked(("mixed",)),
     "variant mixed: is what --kind makes; add --kind, such as --kind 'stage3=separable'"),
    (["mixes.yaml"], Asked(kinds=(("stage9", "grouped"),)),
     '--kind stage9: no convolution, and no block that holds one, has this name (did you mean "stage2"?)'),
]  # fmt: skip


@pytest.mark.parametrize(("words", "asked", "said"), WRONG, ids=str)
def test_what_cannot_be_meant_is_said(words: list[str], asked: Asked, said: str, here: Path) -> None:
    with pytest.raises(UsageError) as caught:
        models(words, asked)
    assert str(caught.value) == said


def test_other_knobs_may_leave_out_what_a_variant_names(here: Path) -> None:
    body = "repeat: {times: n, layers: [{conv: {name: c, filters: 4, kernel: 3}}]}"
    text = f"name: k\nknobs: {{n: 2}}\ninput: [8, 8, 4]\nlayers: [{{{body}}}]\n"
    Path("k.yaml").write_text(f"{text}variants: {{fast: {{c2: separable}}}}\n", encoding="utf-8")
    assert cl.count("k.yaml:fast").mixes
    assert load("k.yaml", {"n": 1}).graph.outputs == ("c1",)
    with pytest.raises(UsageError, match="variant fast: c2: no convolution"):
        cl.count("k.yaml:fast?n=1")


@pytest.mark.parametrize("pair", ["stage3", "=separable", "stage3="])
def test_kinds_of_the_command_line_are_pairs(pair: str, here: Path, run: Run) -> None:
    done = run("count", "mixes.yaml", "--kind", pair)
    said = f"--kind {pair}: expected GLOB=KIND, for example --kind 'stage3=factorized'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_the_last_rule_of_the_command_line_holds(here: Path, run: Run) -> None:
    done = run("count", "mixes.yaml", "--kind", "stage1=grouped", "--kind", "*=separable", "--kind", "stage1=standard",
               "--no-rows")  # fmt: skip
    assert done.returncode == 0
    assert "kinds: *=separable stage1=standard" in done.stdout


def test_a_report_has_no_kinds_to_give(here: Path, run: Run) -> None:
    cl.report("mixes.yaml", variant=["fast"], bench=False, output="reports")
    (kept,) = models(["reports/mixes:fast"], Asked())
    assert kept.count == cl.count("mixes.yaml:fast")
    done = run("count", "reports/mixes", "--kind", "stage1=grouped")
    assert "holds its convolutions as they are; name a spec, an ONNX file or a Keras model" in done.stderr
