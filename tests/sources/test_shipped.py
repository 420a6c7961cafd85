"""The specs that are found by their names, in a checkout and by what a wheel holds."""

from pathlib import Path

import pytest

from costlens.errors import UsageError
from costlens.sources._source import Asked
from costlens.sources._word import word
from costlens.sources.find import models
from costlens.spec import shipped
from costlens.spec.loading import load
from tests.cases.small import ONE
from tests.fakes.command_line import Run
from tests.fakes.fake_exports import Exports
from tests.fakes.git_repository import commit, git
from tests.places import SPECS


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work where no spec is."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_names_are_those_of_the_specs() -> None:
    files = {path.name for path in SPECS.glob("*.yaml") if not path.name.endswith(".blocks.yaml")}
    assert {f"{name}.yaml" for name in shipped.names()} == files
    assert {"yamnet", "mobilenet_v1", "resnet50"} <= set(shipped.names())


@pytest.mark.many
@pytest.mark.parametrize("name", shipped.names())
def test_a_list_says_of_a_spec_what_the_spec_says(name: str, here: Path) -> None:
    spec = load(SPECS / f"{name}.yaml")
    assert shipped.described(name) == (spec.title, spec.knobs)


def test_a_name_is_the_spec_wherever_one_is(here: Path) -> None:
    (by_name,), (by_path,) = (models([text], Asked()) for text in ("yamnet", str(SPECS / "yamnet.yaml")))
    assert by_name.count == by_path.count
    assert (by_name.word.name, by_name.word.text, by_name.limits) == ("yamnet", "yamnet", by_path.limits)


def test_knobs_and_a_variant_are_part_of_the_word(here: Path) -> None:
    found = word("yamnet:standard?classes=10")
    assert (found.path, found.variant, found.settings) == (SPECS / "yamnet.yaml", "standard", {"classes": "10"})
    (model,) = models([found], Asked())
    (expected,) = models([str(SPECS / "yamnet.yaml")], Asked(("standard",), {"classes": "10"}))
    assert model.count == expected.count


def test_a_file_of_that_name_wins(here: Path) -> None:
    (here / "yamnet").write_text(ONE, encoding="utf-8")
    assert models(["yamnet"], Asked())[0].count.name == "one"
    (here / "resnet50").mkdir()
    (here / "resnet50" / "mine.yaml").write_text(ONE, encoding="utf-8")
    assert models(["resnet50"], Asked())[0].count.name == "one"


def test_a_revision_of_that_name_wins(here: Path) -> None:
    git(here, "init", "--template=", "--quiet")
    commit(here, {"standard": ONE, "one.yaml": ONE})
    assert word("yamnet:standard").is_shipped
    git(here, "branch", "yamnet")
    assert models(["yamnet:standard"], Asked())[0].count.name == "one"
    assert not word("yamnet:standard").is_shipped
    assert word("one.yaml:standard").variant == "standard"


def test_a_name_is_not_one_of_a_revision(here: Path) -> None:
    git(here, "init", "--template=", "--quiet")
    commit(here, {"one.yaml": ONE})
    with pytest.raises(UsageError, match=r"HEAD:yamnet: no such file"):
        models(["HEAD:yamnet"], Asked())


# a word, and what is said of it
REFUSED = [
    ("yamet", 'yamet: no such file (did you mean "yamnet"?)'),
    ("specs/yamnet.yaml", 'specs/yamnet.yaml: no such file (did you mean "yamnet"?)'),
    ("nothing_like_it", "nothing_like_it: no such file; costlens list shows the specs that have a name"),
    ("deep/nothing_like_it.yaml", "deep/nothing_like_it.yaml: no such file; costlens new writes one to begin with"),
    ("../yamnet", '../yamnet: no such file (did you mean "yamnet"?)'),
    ("yamnet.blocks.yaml", "yamnet.blocks.yaml: a file of blocks is not a spec; name a spec that includes it"),
    ("yamnet:standrd", 'yamnet:standrd: no such revision, and no variant standrd (did you mean "standard"?)'),
    ("a.tflite:standard", "a.tflite:standard: a TensorFlow Lite file (.tflite) has no variants; leave out :standard"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_is_said_where_nothing_has_that_name(text: str, said: str, here: Path, run: Run) -> None:
    (here / "a.tflite").touch()
    done = run("count", text)
    assert (done.returncode, done.stderr) == (2, f"{said}\n")


def test_a_variant_is_named_once(here: Path, run: Run) -> None:
    done = run("count", "yamnet:standard", "--variant", "separable")
    said = "yamnet:standard: names a variant itself; leave out --variant, or :standard\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_two_variants_of_one_spec_are_diffed_by_their_words(here: Path, run: Run) -> None:
    done = run("diff", "yamnet:standard", "yamnet", "--format", "json")
    assert (done.returncode, '"yamnet:standard"' in done.stdout) == (0, True)


def test_python_takes_the_words_and_keeps_the_variant(here: Path) -> None:
    import costlens

    model = costlens.load("yamnet:standard", classes=10)
    (expected,) = models(["yamnet:standard?classes=10"], Asked())
    assert (model.kind, model.count()) == ("standard", expected.count)
    first, second = costlens.api.compare(model, costlens.load("yamnet")).models
    assert (first.variant, second.variant) == ("standard", "as-written")
    assert first.figures.macs == model.count().totals.macs


def test_a_report_in_python_is_on_every_variant_or_on_that_of_its_word(here: Path, exports: Exports) -> None:
    import costlens

    (here / "one.yaml").write_text(ONE, encoding="utf-8")
    reports = costlens.load("one.yaml:standard").report(bench=False), costlens.report("one.yaml:standard", bench=False)
    assert [[count.variant for count in report.counts] for report in reports] == [
        ["as-written", "bottleneck", "factorized", "separable"],
        ["standard"],
    ]


def test_a_list_can_be_searched_and_counted(here: Path, run: Run) -> None:
    assert run("list").stdout.count("\n") > len(shipped.names())
    found = run("list", "VGG-16", "--counts", "--format", "csv").stdout.splitlines()
    assert [line.split(",")[0] for line in found] == ["name", "vgg_c", "vgg_d"]
    assert "138357544,15470264320" in found[2]
    missed = run("list", "resnt")
    assert (missed.returncode, 'did you mean "resnet' in missed.stderr) == (2, True)


def test_a_file_of_that_name_is_not_in_the_list(here: Path, run: Run) -> None:
    (here / "vgg_d").write_text(ONE, encoding="utf-8")
    assert "15470264320" in run("list", "vgg_d", "--counts", "--format", "csv").stdout
