"""HTML: one valid file that loads nothing, whose policy allows its own script only, with all figures in it."""

import re
import subprocess
import sys
import zipfile
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from costlens.formats import html
from costlens.formats.pages import count, report
from costlens.results.page import Page, Table
from costlens.results.report import Report
from costlens.results.stored import to_json
from tests.cases.counted import counts, load
from tests.cases.hostile import HOSTILE
from tests.cases.html_pages import LOADS, SMALL, read, structure, tag, without_assets
from tests.cases.results import RESULTS, same_as_golden, written
from tests.places import ROOT, SPECS


def made(name: str) -> Page:
    result, page = RESULTS[name]
    return page(result())


def elements(text: str, name: str) -> list[Element]:
    return [each for each in read(text).iter() if tag(each) == name]


def said(element: Element) -> str:
    return "".join(element.itertext())


def test_a_page_of_every_block_is_its_golden_file() -> None:
    same_as_golden("pages/blocks.html", without_assets(html.render(SMALL)))


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_is_a_valid_page_that_loads_nothing(name: str) -> None:
    text = written(made(name), "html")
    ids = []
    for each in read(text).iter():
        attributes = {str(key) for key in each.attrib}
        assert not attributes & LOADS, each.attrib
        assert not [key for key in attributes if key.startswith("on")]
        assert tag(each) not in {"link", "img", "iframe", "object", "embed", "base", "form", "audio", "video"}
        ids += [each.get("id")] if each.get("id") else []
    assert len(ids) == len(set(ids))
    targets = [str(each.get("href")) for each in elements(text, "a")]
    assert {target[1:] for target in targets if target.startswith("#")} <= set(ids)
    assert text == written(made(name), "html")
    assert len(elements(text, "script")) == len(elements(text, "style")) == len(elements(text, "h1")) == 1


@pytest.mark.parametrize("name", RESULTS)
def test_tables_have_all_cells_captions_and_scopes(name: str) -> None:
    page = made(name)
    text = written(page, "html")
    tables = elements(text, "table")
    assert tables
    for table in tables:
        caption, *others = table
        assert said(caption).strip()
        assert caption.tag == "caption"
        rows = [row for part in others for row in part]
        assert len({len(row) for row in rows}) == 1
        for part in others:
            scope = "col" if part.tag == "thead" else "row"
            assert {cell.get("scope") for row in part for cell in row if cell.tag == "th"} <= {scope}
    for block in page.blocks:
        if isinstance(block, Table) and block.rows:
            cells = [str(value) for found in block.filled().values() for value in found if isinstance(value, str)]
            shown = {said(cell) for table in tables for row in table.iter("tr") for cell in row}
            assert set(cells) <= shown | {cell for cell in cells if "\n" in cell}


def test_the_policy_names_the_hashes_of_what_stands_in_the_page() -> None:
    text = html.render(SMALL)
    (policy,) = (each.get("content") for each in elements(text, "meta") if each.get("http-equiv"))
    hashes = {
        name: b64encode(sha256(re.search(f"<{name}>(.*)</{name}>", text, re.DOTALL)[1].encode()).digest()).decode()
        for name in ("script", "style")
    }
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes['script']}'; style-src 'sha256-{hashes['style']}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize(("variants", "most"), [(("as-written",), 1_000_000), (("all",), 3_000_000)])
def test_the_page_of_a_large_network_stays_small(variants: tuple[str, ...], most: int) -> None:
    found = counts(load(SPECS / "resnet152.yaml"), variants)
    assert len(written(count.page(found), "html").encode()) < most
    drawn = elements(written(count.page(found[:1]), "html"), "svg")
    assert len(drawn) == 7  # MACs, parameters, traffic, three depths of the graph, memory


def test_a_table_of_very_many_rows_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    most, many = 20, 30
    assert html._MOST <= 5_000  # that of a model file has 1.7 MB then
    monkeypatch.setattr(html, "_MOST", most)
    (one,) = counts(load(SPECS / "yamnet.yaml"))
    rows = tuple(replace(one.rows[0], name=f"layer{place}", live_bytes=place) for place in range(many))
    page = count.page([replace(one, rows=rows)])
    text = written(page, "html")
    assert max(len([*table.iter("tr")]) for table in elements(text, "table")) == 1 + most
    assert "The first 20 of 30 rows are shown. Totals hold all rows; --format csv writes each." in text
    assert f"{one.totals.macs:,}" in {said(cell) for cell in elements(text, "td")}
    assert len(written(page, "csv").splitlines()) == 1 + many
    ids = {each.get("id") for each in read(text).iter()}
    to = [str(each.get("href"))[1:] for each in elements(text, "a") if str(each.get("href")).startswith("#row-")]
    assert set(to) <= ids
    assert len(to) > 1
    assert all(said(each) for each in elements(text, "a"))


def test_a_report_that_is_read_back_gives_the_same_page() -> None:
    made = Report.from_json((ROOT / "reports" / "yamnet" / "report.json").read_text(encoding="utf-8"))
    assert written(report.page(made), "html") == written(report.page(Report.from_json(to_json(made))), "html")


def test_headings_begin_below_the_title_whatever_the_page_s_level() -> None:
    for name in RESULTS:
        levels = [int(tag(each)[1]) for each in read(written(made(name), "html")).iter()
                  if re.fullmatch(r"h\d", tag(each))]  # fmt: skip
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), name


def test_numbers_keep_their_value_where_the_text_rounds_it() -> None:
    rows = {said(cell): cell for table in elements(html.render(SMALL), "table") for cell in table.iter("td")}
    assert rows["1,228,800"].get("data-v") is None
    assert rows["1.5 KiB"].get("data-v") == "1536"
    assert rows["0.117×"].get("data-v") == "0.116849"


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_hostile_titles_and_headings_are_shown_as_they_are(name: str) -> None:
    text = html.render(Page(name, SMALL.blocks))
    assert structure(read(text)) == structure(read(html.render(Page("name", SMALL.blocks))))
    (shown,) = elements(text, "h1")
    assert said(shown) == html._said(name)
    assert "\\x1b" in said(shown) or name != HOSTILE["escape"]


@pytest.mark.process
def test_the_wheel_holds_the_templates(tmp_path: Path) -> None:
    code = f"from hatchling.build import build_wheel; print(build_wheel({str(tmp_path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(tmp_path / done.stdout.split()[-1]) as wheel:
        names = set(wheel.namelist())
    assert {f"costlens/formats/assets/{file.name}" for file in html.ASSETS.iterdir()} <= names
    assert "costlens/results/schemas/check.json" in names
