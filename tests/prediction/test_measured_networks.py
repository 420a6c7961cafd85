"""What networks took is predicted from the table of the machine that ran them: nothing is timed here.

The archive is what ``tests.perf.predict`` kept of its last run, so a change to what a network's kernels are or to what
they cost in it is seen wherever these tests run.
"""

import json
from statistics import median
from zipfile import ZipFile

import pytest

from costlens.prediction import predict
from costlens.prediction.table import parse
from tests.cases.counted import ROOT
from tests.perf.pack_prediction import PACKED
from tests.perf.predict import mixes, near, networks

Errors = dict[tuple[str, str], float]


@pytest.fixture(scope="module")
def errors() -> Errors:
    """Return predicted ÷ measured - 1 by name and form, in the order of names."""
    with ZipFile(ROOT / PACKED) as archive:
        (listed,) = [name for name in archive.namelist() if name.startswith("kernels-") and name.endswith(".jsonl")]
        table = parse(archive.read(listed).decode())
        taken = {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith("-1-1.json")}
    found: Errors = {}
    for model in sorted([*networks(10**6), *mixes()], key=lambda one: (one.count.name, one.count.variant)):
        of = f"{model.count.name}-{model.count.variant}-1-1.json"
        if model.graph and of in taken:
            predicted = predict(model.graph, table).milliseconds
            found[model.count.name, model.count.variant] = predicted / min(taken[of]["network"]) - 1
    return found


def test_networks_are_predicted_as_well_as_they_were(errors: Errors) -> None:
    assert len(errors) >= 130
    assert median(map(abs, errors.values())) <= 0.02
    assert near([*errors.values()], 0.05) >= 0.85
    assert near([*errors.values()], 0.10) >= 0.97


def test_forms_of_one_network_are_predicted_beside_each_other(errors: Errors) -> None:
    first: dict[str, float] = {}
    for (name, _), off in errors.items():
        first.setdefault(name, off)
    ratios = [(1 + off) / (1 + first[name]) - 1 for (name, _), off in errors.items() if off != first[name]]
    assert len(ratios) >= 75
    assert near(ratios, 0.03) >= 0.65
    assert near(ratios, 0.10) >= 0.97
