"""What words name: the models, their labels, and all that is wrong with them, the same for every command."""

from pathlib import Path
from typing import Any

import pytest

from costlens.errors import UsageError
from costlens.sources._source import ALL, Asked, Model
from costlens.sources._word import word
from costlens.sources.find import Named, files, models, named
from tests.cases.small import ONE, TWO, write_report
from tests.fakes.command_line import Run
from tests.fakes.git_repository import git
from tests.places import SPECS


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of two specs and two reports."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs" / "below").mkdir(parents=True)
    (tmp_path / "specs" / "one.yaml").write_text(ONE, encoding="utf-8")
    (tmp_path / "specs" / "below" / "two.yaml").write_text(TWO, encoding="utf-8")
    for name in "ab":
        write_report(tmp_path / "reports" / name, tmp_path / "specs" / "one.yaml")
    return tmp_path


def labels(*words: str, variants: tuple[str, ...] = (), alone: str = ALL) -> list[str]:
    return [model.label for model in models(words, Asked(variants, alone=(alone,)))]


ONE_YAML, TWO_YAML, REPORT = "specs/one.yaml", "specs/below/two.yaml", "reports/a"
KINDS = ["as-written", "bottleneck", "factorized", "separable"]
# words, the variants named, the labels of the models
LABELS = [
    ([ONE_YAML], (), KINDS),
    ([ONE_YAML], ("separable", "standard"), ["separable", "standard"]),
    ([ONE_YAML], ("standard", "as-written"), ["standard"]),
    ([f"{ONE_YAML}?width=8"], ("as-written",), ["as-written"]),
    ([f"{ONE_YAML}:standard"], (), ["standard"]),
    ([f"{ONE_YAML}:standard"], ("standard",), ["standard"]),
    ([f"{ONE_YAML}:standard?width=8", ONE_YAML], (), ["one:standard (width=8)", "one"]),
    ([f"{REPORT}:separable"], (), ["separable"]),
    (["specs:standard"], (), ["two:standard", "one:standard"]),
    (["yamnet", "yamnet:standard", "yamnet?classes=10"], (), ["yamnet", "yamnet:standard", "yamnet (classes=10)"]),
    ([REPORT], (), ["standard", "separable"]),
    ([f"{REPORT}/report.json"], (), ["standard", "separable"]),
    ([REPORT], ("separable",), ["separable"]),
    ([REPORT], ("as-written",), None),
    ([ONE_YAML, TWO_YAML], (), ["one", "two"]),
    ([ONE_YAML, TWO_YAML], ("separable", "standard"), ["one:separable", "one:standard", "two:separable", "two:standard"]),  # noqa: E501
    ([ONE_YAML, f"{ONE_YAML}?width=8"], (), ["one", "one (width=8)"]),
    ([ONE_YAML, f"{ONE_YAML}?width=8"], ("standard",), ["one:standard", "one:standard (width=8)"]),
    ([TWO_YAML, REPORT], (), ["two", "one:standard"]),  # the report holds nothing as written
    ([ONE_YAML, ONE_YAML], (), [f"one ({ONE_YAML})", f"one ({ONE_YAML}) #2"]),
    (["specs"], (), ["two", "one"]),
    (["specs?width=2"], (), ["two (width=2)", "one (width=2)"]),
    (["specs/*.yaml"], ("as-written",), ["as-written"]),
    (["specs/**/*.yaml"], (), ["two", "one"]),
    ([ONE_YAML, "specs"], (), ["one", "two"]),  # found again, not named again
    (["reports"], (), [f"one:standard (reports/{name}/report.json)" for name in "ab"]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "variants", "expected"), LABELS, ids=str)
def test_labels(words: list[str], variants: tuple[str, ...], expected: list[str] | None, here: Path) -> None:
    if expected is None:
        with pytest.raises(UsageError, match=r"report\.json: holds no variant as-written; it holds standard"):
            labels(*words, variants=variants)
    else:
        assert labels(*words, variants=variants) == expected


def test_one_network_is_as_written_unless_a_command_wants_its_variants(here: Path) -> None:
    assert labels(ONE_YAML, alone="as-written") == ["as-written"]
    assert labels("specs", alone="as-written") == ["two", "one"]


@pytest.mark.onnx
def test_a_model_file_is_labelled_by_its_name_and_has_a_file_to_run(here: Path) -> None:
    from tests.cases.onnx_drafts import CONVOLUTION_MACS, write_net

    for folder in ("x", "y"):
        (here / folder).mkdir()
        write_net(here / folder / "net.onnx", 2, batch=4)
    assert labels("x/net.onnx") == labels("x") == ["net"]
    assert labels("x/net.onnx", "y/net.onnx") == ["net (x/net.onnx)", "net (y/net.onnx)"]
    assert labels(ONE_YAML, "x/net.onnx", variants=("standard",)) == ["one:standard", "net:standard"]
    (model,) = models(["x/net.onnx"], Asked())
    assert (model.macs, model.count.batch, model.file) == (2 * CONVOLUTION_MACS, 4, Path("x/net.onnx"))
    assert (model.graph, model.stored, model.limits) == (None, None, ())
    assert labels("x/*.onnx") == labels(f"{here}/x/*.onnx") == ["net"]
    (here / "x" / "net.onnx").rename(here / "x" / "net.ONNX")
    assert labels("x/net.ONNX") == labels("x") == labels("x/*") == ["net"]
    (here / "x" / "net.ONNX").rename(here / "x" / "net.onnx")
    (here / "plain").write_bytes((here / "x" / "net.onnx").read_bytes())
    assert models(["plain"], Asked())[0].origin == "onnx"  # by how it begins


def test_what_a_spec_and_a_report_of_it_bring(here: Path) -> None:
    of_spec, of_report = models([ONE_YAML, REPORT], Asked(("standard",)))
    assert of_report.count == of_spec.count
    assert (of_spec.graph is None, of_report.graph) == (False, None)
    assert (of_spec.file, of_report.file) == (None, None)
    assert (of_spec.file_bytes, of_report.file_bytes) == (None, 1234)
    assert of_spec.knobs == of_report.knobs == {"width": 4}


def test_counts_of_a_batch_are_told_of_one_example(here: Path) -> None:
    (one,), (of_four,) = (models([ONE_YAML], Asked(batch=batch)) for batch in (1, 4))
    assert (one.macs, of_four.count.totals.macs) == (6_912, 4 * 6_912)
    assert (of_four.macs, of_four.peak_activation_bytes) == (one.macs, one.peak_activation_bytes)


def test_knobs_of_a_word_go_before_those_of_all(here: Path) -> None:
    found = models([ONE_YAML, f"{ONE_YAML}?width=8"], Asked(settings={"width": "2"}))
    assert {one.label: (one.count.totals.params, one.knobs, one.word.text) for one in found} == {
        "one": (54, {"width": 2}, ONE_YAML),
        "one (width=8)": (216, {"width": 8}, f"{ONE_YAML}?width=8"),
    }


def test_a_file_with_a_question_mark_in_its_name_is_that_file(here: Path) -> None:
    odd = Path("specs/one.yaml?width=8")
    odd.write_text(ONE, encoding="utf-8")
    assert (word(str(odd)).path, word(str(odd)).settings) == (odd, {})
    assert models([str(odd)], Asked())[0].count.totals.params == 108


def test_a_folder_that_holds_specs_and_reports_is_refused(here: Path) -> None:
    write_report(here / "specs" / "sub", here / ONE_YAML)
    with pytest.raises(UsageError, match=r"specs: holds \S*report\.json as well as \S*two\.yaml; name those"):
        labels("specs")
    for name in (ONE_YAML, TWO_YAML):
        (here / name).write_text("tables: [of published figures]\n", encoding="utf-8")
    assert labels("specs") == labels("specs/sub") == ["standard", "separable"]


def test_blocks_stand_for_the_specs_that_include_them(here: Path) -> None:
    (here / "specs" / "parts.blocks.yaml").write_text("blocks: {part: {layers: [relu]}}\n", encoding="utf-8")
    assert list(named(["specs/parts.blocks.yaml"], Asked())) == [Named(word("specs/parts.blocks.yaml"))]
    for words in (["specs/parts.blocks.yaml"], ["specs/parts.blocks.yaml", ONE_YAML]):
        with pytest.raises(UsageError, match=r"parts\.blocks\.yaml: no spec in its repository includes these blocks"):
            labels(*words)
    (here / TWO_YAML).write_text(f"include: ../parts.blocks.yaml\n{TWO}", encoding="utf-8")
    assert labels("specs/parts.blocks.yaml", alone="as-written") == ["as-written"]
    assert [one.path for one in files(["specs/parts.blocks.yaml"]) if not isinstance(one, Named)] == [Path(TWO_YAML)]


def test_all_mistakes_come_at_once(here: Path) -> None:
    (here / "broken.yaml").write_text(ONE.replace("kernel", "kernal"), encoding="utf-8")
    (here / "empty").mkdir()
    (here / "other.json").write_text("{}")
    expected = {
        "broken.yaml": 'broken.yaml:4:34: layers[0].conv: kernal: unknown field (did you mean "kernel"?)',
        "none.yaml": "none.yaml: no such file",
        "none.onnx": "none.onnx: no such file; name an ONNX file",
        "none.json": "none.json: no such file; name a report.json",
        "other.json": "other.json: schema: Field required; write the report",
        "empty": "empty: holds nothing to read; name a file, or a folder that holds some: ",
        f"{REPORT}?a=1": f"{REPORT}/report.json?a=1: a report (report.json) has no knobs",
        f"{ONE_YAML}?a=1": f"{ONE_YAML}:2:1: knobs: --set a=1: unknown knob; known: width",
        "": "an empty word names nothing; name a spec, a model file, a report",
        f"{ONE_YAML}?width=1&width=2": f"{ONE_YAML}?width=1&width=2: width is set twice; keep one",
        "one.yaml?width": "one.yaml?width: expected NAME=VALUE after ?, joined by &, received 'width': one.yaml?alpha=",
        "/none/*.onnx": "/none/*.onnx: matches no spec (*.yaml) and no model file",
        "x" * 300 + "/*.yaml": "x" * 300 + "/*.yaml: matches no spec",
        "none/*.yaml": "none/*.yaml: matches no spec (*.yaml) and no model file",
    }
    with pytest.raises(UsageError) as raised:
        models(list(expected), Asked())
    said = str(raised.value).splitlines()
    assert len(said) == len(expected)
    for line in expected.values():
        assert sum(one.startswith(line) for one in said) == 1, line


# words, variants, knobs, what is said
IDLE: list[tuple[str, tuple[str, ...], dict[str, Any], str]] = [
    (REPORT, ("seperable",), {}, r"holds no variant seperable .did you mean \"separable\""),
    (REPORT, ("grouped",), {}, "report.json: holds no variant grouped; it holds standard, separable"),
    (REPORT, (), {"width": "3"}, "--set is for specs and model files, and none is named"),
    ("none.tflite", ("standard",), {}, r"--variant: a TensorFlow Lite file \(\.tflite\) has no variants; name a spec"),
]


@pytest.mark.parametrize(("named", "variants", "settings", "said"), IDLE, ids=str)
def test_options_that_no_word_takes(
    named: str, variants: tuple[str, ...], settings: dict[str, Any], said: str, here: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        models([named], Asked(variants, settings))


def test_a_shipped_network_has_the_kinds_that_it_can_be(here: Path) -> None:
    found: list[Model] = models([str(SPECS / "yamnet.yaml")], Asked(alone=(ALL,)))
    assert [one.label for one in found] == ["as-written", "standard", "bottleneck", "factorized", "grouped"]
    assert (found[0].macs, found[0].names) == (69_165_056, ("as-written", "separable"))


@pytest.mark.parametrize("named", ["specs", "specs/*.yaml"])
@pytest.mark.parametrize("command", [
    ("count",), ("check",), ("compare",), ("bench", "--quick"), ("profile",), ("verify", "--variant", "as-written"),
    ("report", "--no-bench", "--variant", "as-written"),
], ids=lambda command: command[0])  # fmt: skip
def test_a_link_that_is_found_is_not_followed_out_of_the_repository(
    command: tuple[str, ...], named: str, here: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "secret.yaml").write_text(ONE.replace("one", "secret"))
    (here / "specs" / "link.yaml").symlink_to(here / "secret.yaml")
    (here / "specs").rename(here / "reports" / "specs")
    monkeypatch.chdir(here / "reports")
    git(here / "reports", "init", "--quiet")
    done = run(*command, named)
    assert (done.returncode, "secret" in done.stdout) == (2, False)
    assert "link.yaml: lies outside the repository, and is not read; put a copy inside it" in done.stderr
