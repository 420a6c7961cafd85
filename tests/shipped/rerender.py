"""Write every committed page of reports/ again from the JSON or YAML beside it: ``python -m tests.shipped.rerender``.

Nothing is measured again: a page is only shown as today's formats write it.
"""

from collections.abc import Iterator
from pathlib import Path

from costlens.analysis.explain import convolution
from costlens.formats import markdown
from costlens.formats.pages import explanation, published, reports, sweep, verification
from costlens.formats.pictures import sweep as picture
from costlens.network.layers.conv import Conv
from costlens.results.report import Report
from costlens.results.sweep import Sweep
from costlens.results.verification import Verification
from costlens.sources.report import read
from costlens.tasks._report_folder import INDEX, INDEX_MARK, texts
from costlens.tasks.tables import tables
from tests.places import ROOT

REPORTS = ROOT / "reports"
WHOLE = "yamnet"
"""The report whose page of HTML is committed too: those of all six would be 4.6 MB."""


def pages() -> Iterator[tuple[Path, str]]:
    """Yield every file and its text."""
    for file in sorted(REPORTS.glob("*/report.json")):
        found = Report.from_json(file.read_text(encoding="utf-8"))
        kept = texts(found)
        if file.parent.name != WHOLE:
            kept.pop("report.html")
        yield from ((file.with_name(name), text) for name, text in kept.items())
    yield REPORTS / INDEX, f"{INDEX_MARK}\n{markdown.render(reports.index(read(REPORTS)))}"
    for file in sorted(REPORTS.glob("sweeps/*/sweep.json")):
        swept = Sweep.from_json(file.read_text(encoding="utf-8"))
        yield file.with_suffix(".md"), markdown.render(sweep.page(swept, picture="sweep.svg"))
        yield file.with_suffix(".svg"), picture.svg(swept)
    file = REPORTS / "verification.json"
    found_all = Verification.from_json(file.read_text(encoding="utf-8"))
    yield file.with_suffix(".md"), markdown.render(verification.page(found_all))
    explained = convolution(Conv(filters=256, kernel=5, bias=False), (8, 8, 3))
    yield REPORTS / "explain" / INDEX, markdown.render(explanation.convolution(explained, "separable_example.svg"))
    documents = [tables(Path("reports/published") / name.name) for name in sorted(REPORTS.glob("published/*.yaml"))]
    for document in documents:
        yield REPORTS / "published" / f"{document.name}.md", published.text(document)
    yield REPORTS / "published" / INDEX, published.index_text(documents)


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
