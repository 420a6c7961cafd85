"""The file of one pull-request comment: sections that leave each other alone, and never too long."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from costlens.errors import UsageError
from costlens.formats import comment as comment_file
from costlens.formats.comment import LIMIT, MARKER
from costlens.results.page import Fold, Items, Mark, Page, Say
from tests.cases.hostile import HOSTILE


def include(path: Path, section: str, totals: str | Mark, details: Sequence[str] = ()) -> None:
    """Put a page of some text into a comment, with details that are folded."""
    folds = [Fold("more", (Say(detail),)) for detail in details]
    comment_file.include(path, section, Page("", [Say(totals), *folds]))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_section_has_its_marker_and_the_file_its_own(tmp_path: Path) -> None:
    path = tmp_path / "new" / "comment.md"
    comment_file.include(path, "check", Page("Budgets", [Say("kept")]))
    assert read(path) == (
        "<!-- costlens -->\n<!-- costlens:check -->\n## Budgets\n\nkept\n\n<!-- /costlens:check -->\n"
    )


def test_each_replaces_its_own_in_whichever_order(tmp_path: Path) -> None:
    one, other = tmp_path / "one.md", tmp_path / "other.md"
    include(one, "check", "old", ["detail of old"])
    include(one, "diff", "difference")
    include(one, "check", "new")
    include(other, "check", "new")
    include(other, "diff", "difference")
    assert read(one) == read(other)
    assert read(one).count(MARKER) == 1
    assert "old" not in read(one)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_name_ends_a_section(tmp_path: Path, text: str) -> None:
    path = tmp_path / "comment.md"
    include(path, "diff", "kept")
    for written in (text, Mark(text, "code")):
        include(path, "check", written)
        include(path, "check", "short")
        assert read(path) == (
            "<!-- costlens -->\n<!-- costlens:check -->\nshort\n\n<!-- /costlens:check -->\n"
            "<!-- costlens:diff -->\nkept\n\n<!-- /costlens:diff -->\n"
        )


def test_details_are_cut_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "comment.md"
    details = [f"detail {number} {'x ' * 900}" for number in range(25)]
    for section in ("diff", "check"):
        include(path, section, f"totals of {section}", details)
    text = read(path)
    assert len(text) <= LIMIT
    for section in ("check", "diff"):
        (body,) = [found for name, found in comment_file._SECTION.findall(text) if name == section]
        kept = body.count("<details>")
        assert body.startswith(f"totals of {section}\n\n<details>\n<summary>more</summary>\n\ndetail 0 ")
        assert f"detail {kept - 1} " in body
        assert body.endswith(f"\n\n*{25 - kept} details left out: a comment holds 65,536 characters.*\n")


def test_totals_too_long_for_a_comment_are_cut_between_lines(tmp_path: Path) -> None:
    path = tmp_path / "comment.md"
    items = Items(f"line {number} of many" for number in range(10_000))
    comment_file.include(path, "check", Page("", [items, Fold("more", (Say("detail"),))]))
    lines = read(path).splitlines()
    assert len(read(path)) <= LIMIT
    assert lines[2] == "- line 0 of many"
    assert lines[-5].endswith(" of many")
    assert lines[-3] == "*Cut: a comment holds 65,536 characters.*"


def test_what_is_folded_ends_before_the_next_section(tmp_path: Path) -> None:
    path = tmp_path / "comment.md"
    for section in ("check", "diff"):
        comment_file.include(path, section, Page(section, [Fold("more", (Say("text"),))], level=3))
    tokens = MarkdownIt("commonmark", {"html": True}).parse(read(path))
    assert [token.content for token in tokens if token.type == "inline"] == ["check", "text", "diff", "text"]


def test_a_file_that_is_something_else_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("# Mine\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"README.md: is not a comment of costlens.*choose another file"):
        include(path, "check", "x")
    assert read(path) == "# Mine\n"
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="it is not UTF-8; choose another file"):
        include(path, "check", "x")
    with pytest.raises(UsageError, match="choose another file"):
        include(tmp_path, "check", "x")
    with pytest.raises(UsageError, match="cannot be written"):
        include(Path("/proc/none/comment.md"), "check", "x")
