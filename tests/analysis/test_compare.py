"""Models side by side: the Pareto front against its definition, ratios, order; what is claimed of lower bounds."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.analysis.pareto import Point, Sort, front, front_axes, side_by_side
from costlens.bench.statistics import Estimate
from costlens.bench.verdict import judge, margin_of
from costlens.errors import UsageError, VerificationError
from costlens.results.comparison import ComparedModel, Comparison, ModelTime, TimeRatio, Timing
from costlens.results.counts import Status
from costlens.results.stored import to_json
from tests.fakes.fake_comparison import model, timing

POINTS = st.lists(st.tuples(*(st.integers(0, 4),) * 3), max_size=8)


def places(
    models: Sequence[ComparedModel], timed: Timing | None = None, sort: Sort | None = None
) -> dict[str, bool | None]:
    return {one.label: one.front for one in side_by_side(models, timed, sort=sort).models}


@given(POINTS)
def test_the_front_of_numbers_is_its_definition(points: list[tuple[int, int, int]]) -> None:
    """A point is off the front where another is nowhere larger and somewhere smaller."""
    found = front([Point(point) for point in points])
    for point, best in zip(points, found, strict=True):
        beaten = any(
            all(a <= b for a, b in zip(other, point, strict=True)) and sum(other) < sum(point) for other in points
        )
        assert best is not beaten


INTERVALS = st.tuples(st.integers(1, 9), st.integers(0, 9)).map(lambda given: (given[0], given[0] + given[1]))
TIMED = st.builds(
    lambda cost, ms, to_first: Point((cost,), ModelTime(sum(ms) / 2, ms, 0.98, measured=True), to_first),
    st.integers(0, 3),
    INTERVALS,
    st.none() | INTERVALS,
)


@given(st.lists(TIMED, min_size=1, max_size=8), st.sampled_from([0.0, 0.02, 0.5]))
def test_some_model_is_always_on_the_front_whatever_the_intervals(points: list[Point], margin: float) -> None:
    assert any(front(points, margin))
    tells_nothing = ModelTime(50, (0, 99), 0.98, measured=True)
    assert all(front([Point(point.costs, tells_nothing) for point in points], margin))


def test_times_of_two_kinds_that_contradict_each_other_go_round_in_no_circle() -> None:
    """The first is faster than the second by their ratio; by times the second than the third, that than the first."""
    times = [ModelTime(ms, (ms, ms), 0.98, measured=True) for ms in (9.0, 1.0, 5.0)]
    ratios = [(1.0, 1.0), (2.0, 2.0), None]
    points = [Point((1,), time, to_first) for time, to_first in zip(times, ratios, strict=True)]
    assert front(points) == [False, True, False]


@given(st.floats(0.3, 3), st.floats(0, 0.3), st.floats(0, 0.3), INTERVALS, INTERVALS, st.sampled_from([0.005, 0.03]))
def test_the_front_never_contradicts_a_verdict(
    ratio: float, below: float, above: float, ms: tuple[int, int], first_ms: tuple[int, int], threshold: float
) -> None:
    """Whatever the intervals of the times are: a faster model is not dominated by the first, nor it by a slower one."""
    low, high = ratio * (1 - below), ratio * (1 + above)
    verdict = judge(Estimate(ratio, low, high, 0.98), 10, 0.95, threshold).verdict
    costly = model("b", 6, 6, ms=ms, time_ratio=TimeRatio(ratio, low, high, 0.98, verdict))
    cheap = replace(costly, figures=model("b", 4, 4).figures)
    for other in (costly, cheap):
        found = side_by_side([model("a", 5, 5, ms=first_ms), other], timing(), margin=margin_of(threshold))
        first, second = (one.front for one in found.models)
        assert second or verdict != "faster"
        assert first or verdict != "slower"
        if verdict == "equivalent":
            assert (first, second) == ((True, False) if other is costly else (False, True))


def test_equal_models_are_both_on_the_front() -> None:
    assert places([model("a", 5, 5), model("b", 5, 5), model("c", 5, 6)]) == {"a": True, "b": True, "c": False}


@pytest.mark.parametrize("status", ["partial", "unavailable"])
@pytest.mark.parametrize("figure", ["params", "macs"])
def test_a_lower_bound_is_never_claimed_to_be_on_the_front(figure: str, status: Status) -> None:
    small = model("small", 1, 1, status={figure: status})
    assert places([small, model("a", 5, 9), model("b", 9, 5)]) == {"small": None, "a": True, "b": True}
    found = side_by_side([small, model("a", 5, 9)])
    assert figure not in found.models[1].ratios  # nor is it what ratios are to
    assert found.front_of == ("params", "macs")


def test_a_file_is_beside_a_spec_by_deployed_parameters() -> None:
    """A file's batch norms are folded: how many parameters its model had is not known, what both deploy is."""
    file = replace(model("file", None, 5), figures=replace(model("file", None, 5).figures, deployed_params=7))
    file = replace(file, status={**file.status, "deployed_params": "complete"})
    spec = replace(model("spec", 9, 6), figures=replace(model("spec", 9, 6).figures, deployed_params=8))
    spec = replace(spec, status={**spec.status, "deployed_params": "complete"})
    assert side_by_side([spec, file]).front_of == ("deployed_params", "macs")
    assert places([spec, file]) == {"spec": False, "file": True}


def test_a_figure_that_nobody_has_is_none_of_the_front() -> None:
    files = [model("a", None, 5), model("b", None, 6)]
    assert side_by_side(files).front_of == ("macs",)
    assert places(files) == {"a": True, "b": False}
    assert places([*files, model("c", 1, 9)]) == {"a": None, "b": None, "c": True}
    nothing = side_by_side([model("a"), model("b")])
    assert (nothing.front_of, [one.front for one in nothing.models]) == ((), [None, None])


def test_latency_is_of_the_front_where_it_was_measured() -> None:
    fast, slow = model("fast", 9, 9, ms=(1.0, 1.1)), model("slow", 5, 5, ms=(2.0, 2.2))
    failed = model("failed", 1, 1)
    assert places([fast, slow, failed]) == {"fast": False, "slow": False, "failed": True}
    assert places([fast, slow, failed], timing()) == {"fast": True, "slow": True, "failed": None}
    assert front_axes([fast, slow], timing(too_noisy=True)) == ("params", "macs")  # no time can be believed
    assert front_axes([failed], timing()) == ("params", "macs")


def test_stored_times_count_where_every_model_has_one() -> None:
    stored = replace(timing(), measured=False)
    one, other = model("a", 9, 9, ms=(1.0, 1.1)), model("b", 5, 5)
    assert front_axes([one, other], stored) == ("params", "macs")
    assert front_axes([one, model("b", 5, 5, ms=(1.0, 2.0))], stored) == ("params", "macs", "latency")
    assert front_axes([one, model("b", None, 5)], stored) == ("params", "macs", "latency")  # b cannot be on it anyway


def test_a_model_that_is_faster_is_on_the_front_though_its_interval_overlaps() -> None:
    first = model("a", 5_000_000, 5, ms=(9.0, 10.5))
    faster = model("b", 5_000_001, 5, ms=(8.6, 10.0), time_ratio=TimeRatio(0.95, 0.94, 0.96, 0.98, "faster"))
    assert places([first, faster], timing()) == {"a": True, "b": True}


def test_times_whose_intervals_overlap_settle_nothing() -> None:
    a = model("a", 5, 5, ms=(1.0, 1.1))
    assert places([a, model("b", 5, 5, ms=(1.05, 1.2))], timing()) == {"a": True, "b": True}
    assert places([a, model("b", 5, 5, ms=(1.11, 1.2))], timing()) == {"a": True, "b": False}
    assert places([a, model("b", 6, 6, ms=(1.05, 1.2))], timing()) == {"a": True, "b": True}
    close = [model("a", 5, 5, ms=(1.0, 1.01)), model("b", 6, 6, ms=(0.995, 1.005))]
    assert places(close, timing()) == {"a": True, "b": True}
    assert [one.front for one in side_by_side(close, timing(), margin=0.02).models] == [True, False]


def test_ratios_to_the_first_decide_between_the_others() -> None:
    first = model("a", 9, 9, ms=(9.0, 11.0))
    b = model("b", 5, 5, ms=(4.0, 6.0), time_ratio=TimeRatio(0.5, 0.49, 0.51, 0.98, "faster"))
    c = model("c", 6, 6, ms=(5.0, 7.0), time_ratio=TimeRatio(0.6, 0.59, 0.61, 0.98, "faster"))
    assert places([first, b, c], timing()) == {"a": False, "b": True, "c": False}
    assert places([first, b, replace(c, time_ratio=TimeRatio(0.6))], timing())["c"]  # measured elsewhere: not known


def test_a_model_whose_numbers_disagree_is_not_placed_and_fails_the_comparison() -> None:
    wrong = model("b", 1, 1, disagreement="its verification FAILED: macs: off by 3")
    found = side_by_side([model("a", 5, 5), wrong])
    assert [one.front for one in found.models] == [True, None]
    (error,) = found.failures
    assert isinstance(error, VerificationError)
    assert str(error) == "b: its verification FAILED: macs: off by 3"
    stored = replace(found, models=(found.models[0], replace(wrong, origin="report")))
    assert stored.failures == []  # writing the report ended so


def test_ratios_stay_to_the_first_when_the_smallest_comes_first() -> None:
    models = [model("a", 40, 40, ms=(3, 3), peak=8), model("b", 10, 80, ms=(1, 1)), model("c", None, 20, ms=(2, 2))]
    order = {sort: [one.label for one in side_by_side(models, sort=sort).models] for sort in (None, *Sort)}
    assert order == {
        None: ["a", "b", "c"],
        "macs": ["c", "a", "b"],
        "params": ["b", "a", "c"],
        "latency": ["b", "c", "a"],
    }
    for sort in Sort:
        found = side_by_side(models, sort=sort)
        assert found.first == "a"
        assert {one.label: one.ratios for one in found.models} == {
            "a": {"params": 1.0, "macs": 1.0, "peak_activation_bytes": 1.0},
            "b": {"params": 0.25, "macs": 2.0},
            "c": {"macs": 0.5},
        }


def test_nothing_is_divided_by_nothing() -> None:
    found = side_by_side([model("a", 0, 0), model("b", 7, 0)])
    assert [one.ratios for one in found.models] == [{}, {}]


def test_a_comparison_is_the_same_behind_its_json() -> None:
    found = side_by_side([model("a", 5, 9, ms=(1.0, 1.5)), model("b", 4, 9, status={"macs": "partial"})], timing())
    text = to_json(found)
    assert Comparison.from_json(text) == found
    assert to_json(Comparison.from_json(text)) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "comparison: schema: Field required; compare again"),
        ('{"schema": "costlens.comparison/9", "first": "", "front_of": [], "models": []}', "expected schema"),
    ],
)
def test_another_document_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Comparison.from_json(text)


def test_a_status_is_needed_of_every_figure() -> None:
    with pytest.raises(ValueError, match="status: expected params, trainable"):
        replace(model("a"), status={"params": "complete"})
    assert Comparison("costlens.comparison/1", "", (), ()).timing is None
