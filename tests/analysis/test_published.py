"""Tables of published figures: read, compared, rendered and written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from costlens.analysis.published.document import figure
from costlens.errors import UsageError
from costlens.formats.pages import published as pages
from costlens.results.published import PublishedDocument
from costlens.tasks import tables as task
from tests.fakes.command_line import Run
from tests.places import ROOT

SPEC = """
name: tiny
knobs: {classes: 10}
input: [8, 8, 3]
sections:
  body:
    - separable: {name: example, filters: 256, kernel: 5, bias: false, norm: batch}
    - global_avg_pool: {name: pool}
  head:
    - dense: {name: classifier, units: classes}
"""
HEAD = "title: T\nsource: S\ntables:\n  - title: A\n    spec: tiny.yaml\n    figures:\n"


TWINS = """
name: twins
input: [8, 8, 3]
layers:
  - conv: {name: twin1, filters: 3, kernel: 1}
  - conv: {name: twin2, filters: 3, kernel: 1}
  - conv: {name: other, filters: 5, kernel: 3, padding: same, stride: [2, 1]}
"""


@pytest.fixture
def compared(tmp_path: Path) -> Callable[..., PublishedDocument]:
    """Compare figures, written as YAML mappings, with a small network."""

    def compare(*figures: str, head: str = HEAD) -> PublishedDocument:
        (tmp_path / "tiny.yaml").write_text(SPEC, encoding="utf-8")
        (tmp_path / "twins.yaml").write_text(TWINS, encoding="utf-8")
        target = tmp_path / "tables.yaml"
        target.write_text(head + "".join(f"      - {one}\n" for one in figures), encoding="utf-8")
        return task.tables(target)

    return compare


# a figure, ours, whether they agree
FIGURES = [
    ("published: {macs: '56,512'}", 56_512, True),
    ("published: {macs: 57k}", 56_512, True),
    ("published: {macs: 58k}", 56_512, False),
    ("published: {macs: ∼56k}", 56_512, True),
    ("published: {macs: none}", 56_512, None),
    ("published: {kernels: 3403}", 843 + 2_560, True),
    ("published: {params: 4449}", 843 + 4 * 259 + 2_570, True),
    ("published: {trainable: 3931}", 843 + 2 * 259 + 2_570, True),
    ("published: {deployed: 3672}", 843 + 259 + 2_570, True),
    ("published: {macs: 54k}, without: classifier", 53_952, True),
    ("published: {macs: 54k}, without: [head]", 53_952, True),
    ("published: {macs: 54k}, rows: {name: example}", 53_952, True),
    ("published: {macs: 4800}, rows: {name: example.depthwise}", 4_800, True),
    ("published: {macs: 7360}, rows: {name: [example.depthwise, classifier]}", 7_360, True),
    ("published: {macs: 49152}, rows: {kind: conv}", 49_152, True),
    ("published: {macs: 49152}, rows: {kernel: 1x1}", 49_152, True),
    ("published: {macs: 49152}, rows: {kernel: 1×1, section: body}", 49_152, True),
    ("published: {macs: 5120}, rows: {section: head}, settings: {classes: 20}", 5_120, True),
    ("published: {macs: 1.2288M}, variant: standard, without: head", 1_228_800, True),
    ("published: {macs_share: 4.53%}, rows: {section: head}", 100 * 2_560 / 56_512, True),
    ("published: {macs_share: 4.55%}, rows: {section: head}", 100 * 2_560 / 56_512, False),
    ("published: {macs_ratio: 0.04390625}, without: head", 53_952 / 1_228_800, True),
    ("published: {kernels_saving: 23×}, rows: {section: body}", 19_200 / 843, True),
    ("published: {layer: 'Conv dw / s1, 5 × 5 × 3 dw, 8 × 8 × 3'}, rows: {kind: depthwise}",
     "Conv dw / s1, 5×5×3 dw, 8×8×3", True),
    ("published: {layer: 'Conv / s2, 1x1x3x256, 8x8x3'}, rows: {kind: conv}", "Conv / s1, 1×1×3×256, 8×8×3", False),
    ("published: {layer: 'FC / s1, 256×10, 1×1×256'}, rows: {kind: dense}", "FC / s1, 256×10, 1×1×256", True),
    ("published: {layer: 'Avg Pool / s1, Pool 8×8, 8×8×256'}, rows: {name: pool}",
     "Avg Pool / s1, Pool 8×8, 8×8×256", True),
]  # fmt: skip


@pytest.mark.parametrize(("given", "ours", "agrees"), FIGURES, ids=[row[0] for row in FIGURES])
def test_a_figure_beside_ours(
    compared: Callable[..., PublishedDocument], given: str, ours: int | float | str, agrees: bool | None
) -> None:
    (line,) = compared(f"{{label: a, {given}}}").figures
    assert (line.ours, line.agrees) == (pytest.approx(ours) if isinstance(ours, float) else ours, agrees)
    assert bool(line.unexpected) is (agrees is False)


def test_rows_that_are_alike_are_one_layer(compared: Callable[..., PublishedDocument]) -> None:
    one, two = compared(
        "{published: {layer: '2× Conv / s1, 1×1×3×3, 8×8×3'}, rows: {name: [twin1, twin2]}}",
        "{label: b, published: {layer: Conv}, rows: {kind: conv}}",
        head=HEAD.replace("tiny.yaml", "twins.yaml"),
    ).figures
    assert (one.agrees, one.label) == (True, "twin1 to twin2")
    assert two.ours == "Conv / s1, 1×1×3×3, 8×8×3; Conv / s2×1, 3×3×3×5, 8×8×3"


def test_a_table_says_once_what_its_figures_do_not(compared: Callable[..., PublishedDocument]) -> None:
    head = HEAD.replace("    figures:", "    settings: {classes: 20}\n    rows: {section: head}\n    figures:")
    lines = compared(
        "{label: a, published: {macs: 5120, kernels: 5120}}",
        "{label: b, published: {macs: 2560}, settings: {classes: 10}}",
        "{label: c, published: {macs: 53952}, rows: {section: body}}",
        head=head,
    ).figures
    assert [line.ours for line in lines] == [5_120, 5_120, 2_560, 53_952]
    assert all(line.agrees for line in lines)


@pytest.mark.parametrize("known", ["wrong", "differs"])
def test_a_figure_known_not_to_agree_must_not(compared: Callable[..., PublishedDocument], known: str) -> None:
    document = compared(
        f"{{label: a, published: {{macs: 58k}}, {known}: true, remark: why}}",
        f"{{label: b, published: {{macs: 57k}}, {known}: true, remark: why}}",
        "{label: c, published: {macs: 58k}}",
    )
    assert [bool(line.unexpected) for line in document.figures] == [False, True, True]
    assert document.tally == ((3, 1, 1, 0) if known == "wrong" else (3, 1, 0, 1))
    agrees, misses = document.unexpected
    assert agrees.endswith(f"tables.yaml:8: b: macs agrees with 57k; remove {known}: true")
    assert "tables.yaml:9: c: macs is 56,512, published as 58k; " in misses


def test_printed_figures() -> None:
    assert (figure("kernels", "~330k"), figure("macs", "none"), figure("layer", "any")) == (
        figure("kernels", "∼330k"), None, None
    )  # fmt: skip
    share = figure("macs_share", "94.86%")
    assert share is not None
    assert (share.holds(94.8574), share.holds(94.8499)) == (True, False)


MISTAKES = [
    # a figure, where, what
    ("{label: a, published: {mcas: 3M}}", "7:", "tables[0].figures[0].published: mcas", 'did you mean "macs"'),
    ("{label: a, published: {macs: 3Q}}", "7:", ".published: macs: expected a figure", "'3Q'"),
    ("{label: a, published: {macs: 3%}}", "7:", ".published: macs: expected no percentage", "3%"),
    ("{label: a, published: {macs_share: 3M}}", "7:", ".published: macs_share: expected a percentage", "3M"),
    ("{label: a, published: {}}", "7:", ".published: expected at least one"),
    ("{published: {macs: 3M}}", "7:9:", "tables[0].figures[0]: label: missing"),
    ("{label: [a], published: {macs: 3M}}", "7:", ".label: expected a text, received a list"),
    ("{label: a, published: {macs: 3M}, remrak: x}", "7:", 'remrak: unknown field (did you mean "remark"?)'),
    ("{label: a, published: {macs: 3M}, tables: x}", "7:", "tables: unknown field; it belongs elsewhere"),
    ("{label: a, published: {macs: 3M}, wrong: true}", "7:9:", "wrong: true needs a remark"),
    ("{label: a, published: {macs: 3M}, differs: true}", "7:9:", "differs: true needs a remark"),
    ("{label: a, published: {macs: 3M}, wrong: true, differs: true, remark: x}", "7:9:", "exclude each other"),
    ("{label: a, published: {macs: 3M}, wrong: perhaps}", "7:", "expected true or false", "'perhaps'"),
    ("{label: a, published: {macs: 3M}, settings: [1]}", "7:", ".settings: expected a mapping", "a list"),
    ("{label: a, label: b, published: {macs: 3M}}", "7:", "label: written twice"),
    ("&a {label: a, published: {macs: 3M}, rows: *a}", "7:", "aliases are not supported"),
    ("{label: a, published: {macs: 3M}", "8:1:", "not valid YAML"),
    ("{label: a, published: {macs: 3M}, spec: tinny.yaml}", "7:", ".spec: ", "no such file", "tiny.yaml"),
    ("{label: a, published: {macs: 3M}, spec: ''}", "7:", ".spec: missing; name the spec"),
    ("{label: a, published: {macs: 3M}, settings: {clases: 3}}", "5:5: tables[0].spec", 'did you mean "classes"'),
    ("{label: a, published: {macs: 3M}, variant: seperable}", "5:5: tables[0].spec", 'did you mean "separable"'),
    ("{label: a, published: {macs: 3M}, without: clasifier}", "7:", ".without: ", 'did you mean "classifier"'),
    ("{label: a, published: {macs: 3M}, rows: {kind: convv}}", "7:", ".rows: convv", 'did you mean "conv"'),
    ("{label: a, published: {macs: 3M}, rows: {kernel: 7x7}}", "7:", ".rows: 7x7"),
    ("{label: a, published: {macs: 3M}, rows: {kind: dense, kernel: 1x1}}", "7:", ".rows: no row of tiny is left"),
    ("{label: a, published: {macs: 3M}, rows: {section: head}, without: head}", "7:", "no row of tiny is left"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_named_with_file_line_and_field(
    compared: Callable[..., PublishedDocument], mistake: tuple[str, ...]
) -> None:
    given, place, *words = mistake
    with pytest.raises(UsageError) as caught:
        compared(given)
    assert f"tables.yaml:{place}" in str(caught.value)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_all_mistakes_come_at_once_and_each_once(compared: Callable[..., PublishedDocument]) -> None:
    with pytest.raises(UsageError) as caught:
        compared(*["{label: a, published: {macs: 3M}, rows: {kind: convv}}"] * 2,
                 "{label: a, published: {macs: 3M}, variant: seperable}")  # fmt: skip
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("text", ["", "- a\n", "title: T\n", "a: " + "[" * 400])
def test_what_is_no_document(tmp_path: Path, text: str) -> None:
    target = tmp_path / "x.yaml"
    target.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"x\.yaml:1:"):
        task.tables(target)


def test_a_page(compared: Callable[..., PublishedDocument]) -> None:
    page = pages.text(
        compared(
            "{label: a|b, published: {macs: 57k}, convention: rounded}",
            "{label: c, published: {macs: 3800}, rows: {name: example.depthwise}, wrong: true, remark: It is 4800.}",
            "{label: d, published: {macs: none}, settings: {classes: 20}}",
            "{label: e, published: {macs: 58k}, remark: Nobody knows.}",
        )
    )
    assert page == (ROOT / "tests" / "golden" / "published.md").read_text(encoding="utf-8")


@pytest.fixture
def tables(run: Run) -> Run:
    """Run ``costlens tables`` in this process."""
    return lambda *arguments: run("tables", *map(str, arguments))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder of one document whose figure agrees, beside the folder of its spec."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "tiny.yaml").write_text(SPEC, encoding="utf-8")
    made = tmp_path / "published"
    made.mkdir()
    text = HEAD.replace("tiny.yaml", "../specs/tiny.yaml") + "      - {label: a, published: {macs: 57k}}\n"
    (made / "tables.yaml").write_text(text, encoding="utf-8")
    return made


def test_tables_writes_pages_and_index_and_check_compares_them(tables: Run, folder: Path) -> None:
    before = tables(folder, "--check")
    assert before.returncode == 3
    assert f"{folder / 'tables.md'}: stale; run costlens tables {folder}" in before.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["tables.yaml"]
    written = tables(folder)
    assert (written.returncode, written.stderr) == (0, "")
    assert "1 of 1 figures agree" in written.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "tables.md", "tables.yaml"]
    assert "[T](tables.md)" in (folder / "README.md").read_text(encoding="utf-8")
    assert tables(folder, "--check").returncode == 0
    (folder / "tables.md").write_text(pages.MARK + " -->\nold\n", encoding="utf-8")
    assert tables(folder, "--check").returncode == 3
    assert tables(folder / "tables.yaml").returncode == 0
    assert tables(folder, "--check").returncode == 0


def test_a_figure_that_should_agree_is_exit_3_and_the_page_says_so(tables: Run, folder: Path) -> None:
    document = folder / "tables.yaml"
    document.write_text(document.read_text(encoding="utf-8").replace("57k", "58k"), encoding="utf-8")
    done = tables(folder)
    assert done.returncode == 3
    assert f"{document}:7: a: macs is 56,512, published as 58k" in done.stderr
    assert "**NO**" in (folder / "tables.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["tables.md", "README.md"])
def test_a_page_of_someone_else_is_left_alone(tables: Run, folder: Path, name: str) -> None:
    (folder / name).write_text("mine\n", encoding="utf-8")
    done = tables(folder)
    assert done.returncode == 2
    assert f"{name}: was not written by costlens tables" in done.stderr
    assert (folder / name).read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize(("name", "words"), [
    ("nothing.yaml", "nothing.yaml: no such file"),
    ("README.txt", "README.txt: expected the YAML file of a table"),
    ("../specs/tiny.md", "no such file or folder; expected the YAML file of a table"),
    ("empty", "no table (*.yaml) in this folder"),
])  # fmt: skip
def test_a_wrong_path_is_named(tables: Run, folder: Path, name: str, words: str) -> None:
    (folder / "empty").mkdir()
    (folder / "README.txt").touch()
    done = tables(folder / name)
    assert done.returncode == 2
    assert words in done.stderr
