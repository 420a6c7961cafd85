"""Results show themselves: in a notebook, as Markdown, and where they are printed."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import html5lib
import pytest

import costlens as cl
from costlens import api
from costlens.formats import _shown, html
from costlens.results import shown
from costlens.results.explanation import FileRowExplanation
from tests.cases.hostile import HOSTILE
from tests.cases.results import RESULTS, a_report, counts

TYPES = {
    "count": "ModelCount", "report": "Report", "comparison": "Comparison", "check": "Checked", "diff": "Diff",
    "latency": "LatencyReport", "layer-times": "LayerTimes", "machine": "MachineBounds", "sweep": "Sweep",
    "advice": "Advice", "verification": "Verification", "ledger": "Ledger", "convolution": "ConvolutionExplanation",
    "layer": "LayerExplanation", "row": "FileRowExplanation", "exploration": "Exploration", "history": "History",
    "history-run": "StoredRun", "history-diff": "HistoryDiff", "history-change": "HistoryChange", "trend": "Trend",
    "memory": "MemoryExplanation",
}  # fmt: skip
EXPLAINED: dict[str, Callable[[], object]] = {
    "convolution": lambda: cl.explain("conv", input=(8, 8, 3), kernel=5, filters=256),
    "layer": lambda: cl.explain("yamnet", "stage3"),
    "row": lambda: FileRowExplanation(counts("yamnet")[0], counts("yamnet")[0].rows[0], EXPLAINED["convolution"]()),  # type: ignore[arg-type]
}


def made(name: str) -> object:
    if name in EXPLAINED:
        return EXPLAINED[name]()
    found = RESULTS[name][0]()
    return found[0] if isinstance(found, list) else found


def test_every_result_that_has_a_page_is_here() -> None:
    assert set(TYPES.values()) == set(_shown._PAGES)


@pytest.mark.parametrize(("name", "kind"), TYPES.items())
def test_a_result_shows_itself_in_every_way(name: str, kind: str) -> None:
    result = made(name)
    assert type(result).__name__ == kind
    assert isinstance(result, shown.Shown)
    text, markdown, page = str(result), result._repr_markdown_(), result._repr_html_()
    assert markdown is not None
    assert page is not None
    assert "|" in markdown
    assert text.count("\n") > 2
    assert "Column(" not in text + markdown + page
    assert not text.startswith(kind)
    tree = html5lib.parseFragment(page, namespaceHTMLElements=False)
    tags = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert "table" in tags
    assert tags.isdisjoint({"script", "iframe", "svg", "link", "html", "body"})


def called(name: str) -> list[str]:
    """Return the elements of a count whose names are all this one; links in text are left out."""
    model = counts("yamnet")[0]
    rows = (replace(model.rows[0], name=name), *model.rows[1:])
    page = replace(model, name=name, title=name, rows=rows, notes=(name,))._repr_html_()
    assert page is not None
    tree = html5lib.parseFragment(page, namespaceHTMLElements=False)
    return [element.tag for element in tree.iter() if element.tag != "a"]


@pytest.mark.parametrize("name", HOSTILE)
def test_somebody_s_names_stay_text(name: str) -> None:
    assert called(HOSTILE[name]) == called("x")


def test_a_model_shows_its_count() -> None:
    model = cl.load("specs/separable_example.yaml")
    assert repr(model) == "Model(word='specs/separable_example.yaml', kind='as-written', knobs={})"
    assert "53,952" in str(model)
    assert model._repr_html_() == model.count()._repr_html_()
    assert "53,952" in (model._repr_markdown_() or "")


def test_a_summary_shows_itself_too() -> None:
    made_ = api.Summary(counts("yamnet")[0], 80)
    assert "69,165,056" in (made_._repr_html_() or "")
    assert "69,165,056" in repr(made_)


def test_an_interactive_session_prints_the_table() -> None:
    class Printer:
        said = ""

        def text(self, said: str) -> None:
            self.said += said

    printer = Printer()
    counts("yamnet")[0]._repr_pretty_(printer, cycle=False)
    assert printer.said.startswith("YAMNet")


def test_a_result_without_a_page_is_as_python_writes_it() -> None:
    class Other(shown.Shown):
        def __repr__(self) -> str:
            return "Other()"

    assert (str(Other()), Other()._repr_html_(), Other()._repr_markdown_()) == ("Other()", None, None)


def test_without_jinja_a_notebook_shows_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    html._templates.cache_clear()
    try:
        assert a_report()._repr_html_() is None
        assert a_report()._repr_markdown_() is not None
    finally:
        html._templates.cache_clear()


COUNTS = """
import sys, costlens
costlens.load("specs/separable_example.yaml").count()
print([name for name in ("costlens.formats.html", "jinja2", "rich") if name in sys.modules])
"""


@pytest.mark.process
def test_what_is_only_counted_imports_nothing_that_shows_it() -> None:
    done = subprocess.run([sys.executable, "-c", COUNTS], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_ipython_prints_the_table_and_not_the_fields() -> None:
    """It prefers a class's own ``__repr__``, which every dataclass has, to an inherited ``_repr_pretty_``."""
    from IPython.lib.pretty import pretty

    for name, kind in TYPES.items():
        assert pretty(made(name)) == str(made(name))
        assert not pretty(made(name)).startswith(kind)


def test_printing_in_a_notebook_writes_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    assert "69,165,056" in str(counts("yamnet")[0])


@pytest.mark.parametrize("name", ["json", "csv", "markdown", "html"])
def test_a_result_is_written_in_every_format(name: str) -> None:
    for each in TYPES:
        assert made(each).render(name).strip()  # type: ignore[attr-defined]


def test_a_short_fold_is_open_in_a_notebook_and_a_long_one_is_not() -> None:
    small = cl.count("mobilenet_v1", depth=1)
    assert "<details>" not in (small._repr_html_() or "<details>")
    assert "stage13" in (small._repr_html_() or "")
    long = cl.count("resnet50")
    assert "<details>" in (long._repr_html_() or "")
