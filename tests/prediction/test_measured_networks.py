"""What networks took is predicted from the table of the machine that ran them: nothing is timed here.

The archive is what ``tests.perf.predict`` kept of its last run, so a change to what a network's kernels are or to what
they cost in it is seen wherever these tests run.
"""

from statistics import median

import pytest

from costlens.prediction import predict
from tests.perf.pack_prediction import PACKED, unpacked
from tests.perf.predict import mixes, near, networks
from tests.places import ROOT

Errors = dict[tuple[str, str], float]


@pytest.fixture(scope="module")
def errors() -> Errors:
    """Return predicted ÷ measured - 1 by name and form, in the order of names."""
    table, taken = unpacked(ROOT / PACKED)
    found: Errors = {}
    for model in sorted([*networks(10**6), *mixes()], key=lambda one: (one.count.name, one.count.variant)):
        measured = taken.get(f"{model.count.name}-{model.count.variant}")
        if model.graph and measured:
            off = predict(model.graph, table).milliseconds / min(measured.network) - 1
            found[model.count.name, model.count.variant] = off
    return found


def test_networks_are_predicted_as_well_as_they_were(errors: Errors) -> None:
    assert len(errors) >= 130
    assert median(map(abs, errors.values())) <= 0.02
    assert near([*errors.values()], 0.05) >= 0.85
    assert near([*errors.values()], 0.10) >= 0.97


def test_forms_of_one_network_are_predicted_beside_each_other(errors: Errors) -> None:
    first: dict[str, float] = {}
    ratios = []
    for (name, _), off in errors.items():
        if name in first:
            ratios.append((1 + off) / (1 + first[name]) - 1)
        first.setdefault(name, off)
    assert len(ratios) >= 75
    assert near(ratios, 0.03) >= 0.65
    assert near(ratios, 0.10) >= 0.97
