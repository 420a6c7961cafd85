"""Every total of a count can be expected and, where it is a cost, limited."""

import pytest

from costlens.analysis.budgets import Limit, judge
from costlens.errors import SpecError
from costlens.network.count import count
from costlens.results.counts import FIGURES, ModelCount, Totals
from costlens.spec.loading import loads
from costlens.spec.model import EXPECTED, LIMITED, limit, published

NET = "name: t\ninput: [8, 8, 3]\nlayers: [{conv: {filters: 16, kernel: 3, norm: batch, activation: relu}}]\n"
COUNT = count(loads(NET).graph)


@pytest.mark.parametrize("name", [name for name in LIMITED if name != "latency_ms"])
def test_a_total_is_limited(name: str) -> None:
    ours = getattr(COUNT.totals, FIGURES[name])
    assert judge(Limit("budget", name, limit(name, f"{ours:,}")), COUNT, None).verdict == "kept"
    assert judge(Limit("budget", name, limit(name, str(ours - 1))), COUNT, None).verdict == "missed"


@pytest.mark.parametrize("name", EXPECTED)
def test_a_total_is_expected(name: str) -> None:
    ours = getattr(COUNT.totals, FIGURES[name])
    for text, verdict in ((f"{ours:.1f}" if name == "intensity" else str(ours), "kept"), (str(ours + 1), "missed")):
        assert judge(Limit("expect", name, published(name, text)), COUNT, None).verdict == verdict


def test_both_are_read_from_a_spec_with_their_units() -> None:
    """16 kernels of 3·3·3 in int8 with 16 scales and 16 biases of four bytes: 560; 19 channels of 8·8 values: 1,216."""
    spec = loads(
        f"{NET}expect: {{flops: 59.4k, weight_bytes_int8: 560B, traffic_bytes: 6.7kB, source: x}}\n"
        "budget: {peak_activation_bytes_int8: 1.2KiB, weight_bytes_int8: 600, trainable: 0.5k}\n"
    )
    assert [judge(each, COUNT, None).verdict for each in spec.limits] == ["kept"] * 6
    with pytest.raises(SpecError, match='KB may be 1,000 or 1,024 bytes: write 1kB or 1KiB, received "1KB"'):
        loads(f"{NET}budget: {{weight_bytes: 1KB}}\n")


def test_a_total_that_a_source_cannot_know_keeps_nothing_and_says_so() -> None:
    unknown = ModelCount(name="a", batch=1, totals=Totals(macs=3), status={"macs": "complete"}, uncounted=(), rows=())
    found = judge(Limit("flag", "weight_bytes_int8", limit("weight_bytes_int8", "1kB")), unknown, None)
    assert (found.verdict, found.used) == ("partial", None)
    assert found.message == "weight_bytes_int8 is not known of this model; take 1kB out, or check its spec"


def test_a_difference_is_written_in_the_unit_of_the_published_figure() -> None:
    assert published("weight_bytes", "14.2MB").difference(14_100_000) == "−0.1MB"
    assert published("weight_bytes", "2KiB").difference(4096) == "+2KiB"
    assert published("macs", "569M").difference(568_740_352) == "−0.26M"
