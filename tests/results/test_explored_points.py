"""Points in columns are the points that were put in, whatever is known of them."""

from collections.abc import Sequence
from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from costlens.results.counts import Totals, figures_of
from costlens.results.exploration import Exploration, ExploredPoint, FrontAxis
from costlens.results.explored_points import ExploredPoints, TotalsColumns
from costlens.results.stored import to_json

_FIGURE = st.none() | st.integers(0, 10**19)
TOTALS = st.builds(
    Totals,
    **{
        each.name: st.none() | st.floats(0, 1e9) if each.name == "intensity" else _FIGURE
        for each in fields(Totals)
    },
)  # fmt: skip
POINTS = st.lists(st.none() | TOTALS, min_size=1, max_size=8)


def columns(totals: Sequence[Totals | None]) -> TotalsColumns:
    made = TotalsColumns(len(totals))
    for place, each in enumerate(totals):
        if each is not None:
            made[place] = figures_of(each)
    return made


@given(POINTS)
def test_totals_come_out_as_they_went_in(totals: list[Totals | None]) -> None:
    made = columns(totals)
    assert [made[place] for place in range(len(totals))] == totals


def explored(totals: Sequence[Totals | None], same_as: Sequence[int] = (), **how: object) -> ExploredPoints:
    number = len(totals)
    reasons = {place: "why" for place, each in enumerate(totals) if each is None and not (same_as and same_as[place])}
    values = [(str(place),) for place in range(number)]
    given = {"misses": None, "front": bytearray(number), **how}
    return ExploredPoints(values, columns(totals), reasons, same_as or [0] * number, **given)  # type: ignore[arg-type]


def test_a_point_tells_what_is_known_of_it() -> None:
    one = Totals(params=3, macs=8, intensity=0.5)
    found = explored([one, None, one], [0, 0, 1], misses=bytearray([0, 0, 1]), front=bytearray([1, 0, 0]),
                     predicted_ms=[2.5, 0.0, 3.5])  # fmt: skip
    assert [*found] == [
        ExploredPoint(("0",), one, holds=True, front=True, predicted_ms=2.5),
        ExploredPoint(("1",), None, "why"),
        ExploredPoint(("2",), one, same_as=1, holds=False, predicted_ms=3.5),
    ]
    assert (len(found), found[-1], found[1:]) == (3, found[2], (found[1], found[2]))
    assert explored([one])[0] == ExploredPoint(("0",), one)


@given(POINTS)
def test_a_result_in_columns_is_the_same_text_and_the_same_value(totals: list[Totals | None]) -> None:
    made = explored([each and Totals(macs=each.macs and each.macs % 10**18) for each in totals])
    written = [
        Exploration(Exploration.SCHEMA, "n", "", ("a",), {}, (), (FrontAxis("macs"),), points)
        for points in (made, tuple(made))
    ]
    assert written[0] == written[1]
    assert to_json(written[0]) == to_json(written[1])
    assert Exploration.from_json(to_json(written[0])) == written[0]
    assert made != tuple(made)[:-1]
