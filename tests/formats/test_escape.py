"""Escaping: tables of what each mark becomes, and readers of each format that find the text as it was."""

import csv
import io
import json
import re
from html import unescape
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console
from rich.text import Text

from costlens.formats import escape
from tests.cases.hostile import HOSTILE

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
NO_WIDTH = "\u200b"
MARKS = st.text(st.sampled_from(list("ab1 _*`|[]()<>!&#\\~$@:;/.=+-\n\t'\"x")), max_size=30)
ANY = st.one_of(MARKS, st.text(max_size=30), st.sampled_from(list(HOSTILE.values())))


def inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens if token.type == "inline" for child in token.children or ()]


def shown(text: str) -> str:
    """What a reader of the document must see: one line, the invisible made visible."""
    return re.sub(r" +", " ", escape.shorten(escape.plain(text).strip(), escape.LIMIT))


def seen(tokens: list[Token]) -> str:
    found = inline(tokens)
    assert {token.type for token in found} <= {"text"}, [token.type for token in found]
    return re.sub(r" +", " ", "".join(token.content for token in found).replace(NO_WIDTH, ""))


PLAIN = [
    ("snake_case", "snake_case"),
    ("two\n\tlines", "two lines"),
    ("\x1b[31m", "\\x1b[31m"),
    ("\u202e\u2066\ufeff\u200b", "\\u202e\\u2066\\ufeff\\u200b"),
    ("\U000e0041", "\\U000e0041"),
    ("\udcff", "\\udcff"),
    ("\uffff", "\\uffff"),
    ("naïve ×÷ 模型 👩\u200d👧", "naïve ×÷ 模型 👩\u200d👧"),
    ("aten::group_norm ::x", "aten::group_norm ::x"),
    (" ::error file=x::y", " : :error file=x::y"),
    ("x::Stop-Commands::y", "x: :Stop-Commands::y"),
    ("x ##[add-mask]y", "x ## [add-mask]y"),
]


@pytest.mark.parametrize(("text", "expected"), PLAIN)
def test_what_cannot_be_seen_is_shown(text: str, expected: str) -> None:
    assert escape.plain(text) == expected


def test_lines_are_kept_where_they_are_wanted() -> None:
    assert escape.plain("a\r\nb\x1b\n::echo::on\n", lines=True) == "a\nb\\x1b\n: :echo::on"


MARKDOWN = [
    ("stage1.conv_1", "stage1.conv_1"),
    ("MobileNetV1, 224 (α = 0.5)", "MobileNetV1, 224 (α = 0.5)"),
    ("[0.991, 1.004] of its time", "[0.991, 1.004] of its time"),
    ("3 * 4", "3 * 4"),
    ("-3.2 %", "-3.2 %"),
    ("*a*", "&#42;a&#42;"),
    ("_a_b_", "&#95;a_b&#95;"),
    ("a\\|b", "a&#92;&#124;b"),
    ("- a", "&#45; a"),
    ("# a # b", "&#35; a # b"),
    ("C #", "C &#35;"),
    ("12. a", "12&#46; a"),
    ("1.5 MB", "1.5 MB"),
    ("---", "&#45;&#45;&#45;"),
    ("/close", "&#47;close"),
    ("copy #2", "copy #&#8203;2"),
    ("a@b.c", "a@&#8203;b.c"),
    ("specs/tiny.yaml:100:24: x", "specs/tiny.yaml:&#8203;100:&#8203;24: x"),
    (":+1::-1: a: b: c", ":&#8203;+1::&#8203;-1: a: b: c"),
    ("]( a", "&#93;( a"),
    ("[a]: b", "&#91;a&#93;: b"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), MARKDOWN)
def test_markdown_marks_become_references(text: str, expected: str) -> None:
    assert escape.markdown(text) == expected


def test_addresses_stay_links_only_where_that_is_wanted() -> None:
    assert escape.markdown("https://x.y @a", links=True) == "https://x.y @&#8203;a"
    assert escape.markdown("see www.x.y, HTTPS://x.y") == "see www&#8203;.x.y, HTTPS&#8203;://x.y"


@given(ANY)
def test_markdown_is_read_back_as_the_text(text: str) -> None:
    escaped = escape.markdown(text)
    places = {
        "paragraph": f"before\n\n{escaped}\n\nafter",
        "heading": f"before\n\n## {escaped}\n\nafter",
        "item": f"before\n\n- {escaped}\n\nafter",
        "cell": f"before\n\n| a | b |\n| :-- | --: |\n| {escaped} | 1 |\n\nafter",
    }
    expected = shown(text)
    for place, document in places.items():
        tokens = READER.parse(document)
        whole = {"cell": f"beforeab{expected}1after"}.get(place, f"before{expected}after")
        assert seen(tokens) == whole, place
        assert not [t for t in tokens if t.type in {"html_block", "fence", "code_block", "hr", "blockquote_open"}]
    in_html = unescape(escaped)
    assert re.sub(r" +", " ", in_html.replace(NO_WIDTH, "")) == expected
    assert not re.search(r"[<\n]", escaped)
    assert not re.search(r"@\w|#\d|https?://|:[\w+-]+:", in_html, re.IGNORECASE)


@given(ANY)
def test_code_is_read_back_as_the_text(text: str) -> None:
    escaped = escape.code(text)
    tokens = READER.parse(f"| a | b |\n| :-- | --: |\n| {escaped} | 1 |\n\nafter")
    found = inline(tokens)
    content = "".join(token.content for token in found if token.type in {"text", "code_inline"})
    assert re.sub(r" +", " ", content.replace(NO_WIDTH, "")) == f"ab{shown(text)}1after"
    raw = [token.content for token in found if token.type == "html_inline"]
    assert raw in ([], ["<code>", "</code>"])
    assert "<!--" not in escaped


@given(ANY)
def test_a_path_is_the_target_of_its_link_and_nothing_else(path: str) -> None:
    tokens = READER.parse(f"[x](./{escape.address(path)}) after")
    assert [token.type for token in inline(tokens)] == ["link_open", "text", "link_close", "text"]


CSV = [
    ("=1+1", "'=1+1"),
    ("+1", "'+1"),
    ("-1", "'-1"),
    ("@SUM(1)", "'@SUM(1)"),
    ("\t=1", "'=1"),
    ("\r=1", "'=1"),
    ("＝1", "'＝1"),
    ("a;=1", "a;'=1"),
    ("3x3/2", "3x3/2"),
    ("3·3·8 + 8", "3·3·8 + 8"),
    (-7, -7),
    (-0.5, -0.5),
    (None, None),
]


@pytest.mark.parametrize(("value", "expected"), CSV)
def test_no_cell_is_a_formula(value: object, expected: object) -> None:
    cell = escape.csv_cell(value)
    assert (cell.lstrip() if isinstance(cell, str) else cell) == expected


@given(st.lists(ANY, min_size=1, max_size=4))
def test_csv_is_read_back_in_one_line_a_row(texts: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([escape.csv_cell(text) for text in texts])
    assert out.getvalue().count("\n") == 1
    (cells,) = csv.reader(io.StringIO(out.getvalue()))
    assert [cell.replace("'", "") for cell in cells] == [escape.plain(text).replace("'", "") for text in texts]
    for cell in cells:
        for part in cell.split(";"):
            assert not re.match(r"\s*[=+\-@]", part)


@given(ANY)
def test_an_annotation_is_one_line_that_a_runner_reads_back(text: str) -> None:
    line = f"::error file={escape.annotation_property(text)},line=1::{escape.annotation(text)}"
    assert "\n" not in line
    assert "\r" not in line
    found = re.fullmatch(r"::error file=([^,:]*),line=1::(.*)", line)
    assert found
    expected = escape.shorten(escape.plain(text, lines=True), 4_000)
    read = [part.replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",") for part in found.groups()]
    assert [part.replace("%25", "%") for part in read] == [expected, expected]


@given(ANY)
def test_json_means_the_same_and_shows_all(text: str) -> None:
    document = json.dumps({"a": [text]}, indent=2, ensure_ascii=False) + "\n"
    safe = escape.json_text(document)
    assert json.loads(safe) == {"a": [text]}
    assert escape.plain(safe).replace(": :", "::") == " ".join(safe.split("\n")).replace(": :", "::")
    assert safe == document or not text.isprintable() or "##[" in text


@given(ANY)
def test_plain_text_fits_xml_utf8_and_a_terminal(text: str) -> None:
    safe = escape.plain(text)
    assert escape.plain(safe) == safe
    node = ElementTree.Element("failure", message=safe)
    assert ElementTree.fromstring(ElementTree.tostring(node, encoding="utf-8")).get("message") == safe
    console = Console(file=io.StringIO(), width=20_000, color_system=None, highlight=False)
    console.print(Text(safe), soft_wrap=True)
    assert console.file.getvalue() == safe + "\n"  # type: ignore[attr-defined]


@given(st.text(max_size=60), st.integers(1, 50))
def test_a_shortened_text_keeps_both_ends(text: str, limit: int) -> None:
    short = escape.shorten(text, limit)
    assert len(short) == min(len(text), limit)
    if len(text) > limit:
        head, _, tail = short.partition("…") if "…" not in text else ("", "", "")
        assert text.startswith(head)
        assert text.endswith(tail)
