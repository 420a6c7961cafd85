"""Bars of shares on the terminal: drawn where there is room besides the columns, never in the place of one."""

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from costlens.formats import format_named
from costlens.formats.pages import count, layer_times
from costlens.results.columns import COUNT, PERCENT, Column, of_items
from costlens.results.page import Page, Table
from tests.cases.results import a_profile, counts, printed

BLOCKS = set("█▉▊▋▌▍▎▏")
ROWS = [("a", 0.5), ("b", 0.25), ("c", 0.01), ("d", None), ("e", 0.0)]
COLUMNS: list[Column[Any]] = [
    Column("name", "name", value=lambda row: row[0]), Column("share", "share", PERCENT, lambda row: row[1]),
]  # fmt: skip
TABLE = Table(COLUMNS, ROWS, sums=[{"name": "Σ", "share": "76.0%"}], bars="share")


def bars(text: str) -> list[str]:
    return ["".join(letter for letter in line if letter in BLOCKS | {"#"}) for line in text.splitlines()]


def test_the_longest_is_as_wide_as_there_is_room_and_the_others_are_in_proportion() -> None:
    drawn = [bar for bar in bars(printed(Page("p", [TABLE]), 100)) if bar]
    assert drawn == ["█" * 24, "█" * 12, "▌"]
    drawn = [bar for bar in bars(printed(Page("p", [TABLE]), 30)) if bar]
    assert len(drawn[0]) == 12


@pytest.mark.parametrize("width", range(20, 140, 7))
def test_bars_take_no_column_s_room(width: int) -> None:
    screen = count.page(counts("yamnet")[:1], rows=True).screen or ()
    table = next(block for block in screen if isinstance(block, Table))
    with_bars, without = (printed(Page("p", [one]), width) for one in (table, replace(table, bars="")))
    assert max(map(len, with_bars.splitlines())) <= width
    letters = str.maketrans("", "", "".join(BLOCKS) + "─")
    assert with_bars.translate(letters).split() == without.translate(letters).split()


def test_where_the_share_is_hidden_there_is_no_bar() -> None:
    assert not any(bars(printed(count.page(counts("yamnet")[:1], rows=True), 50)))


def test_count_and_profile_draw_theirs() -> None:
    assert any(bars(printed(count.page(counts("yamnet")[:1], rows=True), 100)))
    drawn = [bar for bar in bars(printed(layer_times.page(a_profile()), 200)) if bar]
    assert max(drawn, key=len) == drawn[2]  # the row that takes the most time


@pytest.mark.parametrize("made", [lambda: Page("p", [TABLE]), lambda: count.page(counts("yamnet")[:1], rows=True)])
def test_a_terminal_without_block_characters_has_others(made: Any) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="replace")
    console = Console(width=100, file=stream, color_system=None, highlight=False)
    console.print(format_named("terminal").render(made(), 100))  # type: ignore[call-arg]
    stream.flush()
    text = raw.getvalue().decode()
    drawn = [bar for bar in bars(text) if bar]
    assert drawn
    assert set("".join(drawn)) == {"#"}
    assert max(map(len, text.splitlines())) <= 100


def test_a_table_without_bars_may_have_a_column_without_a_name() -> None:
    """Its cells are texts, of which no bar can be drawn."""
    lines = [("parameters", "3,888"), ("differences", "0")]
    table = Table(of_items(Column("what", "what"), Column("", "", COUNT)), lines)
    assert not any(bars(printed(Page("p", [table]), 100)))


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_figure_is_left_out_and_not_cut(width: int) -> None:
    """A number without its last digits is another number."""
    numbers = [10 ** (6 + place) + place for place in range(8)]
    columns = of_items(Column("check", "a = b"), *(Column(f"n{place}", f"n{place}", COUNT) for place in range(8)))
    text = printed(Page("p", [Table(columns, [("parameters", *numbers)])]), width)
    whole = [word for word in text.split() if word[:1].isdigit()]
    assert whole == [f"{number:,}" for number in numbers[: len(whole)]]
    assert "hidden (widen the terminal, or --columns): " in " ".join(text.split())
