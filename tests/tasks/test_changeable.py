"""What each convolution of a random ONNX file costs in each kind: sums of options are the counts of real mixes."""

from itertools import product
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import onnx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from costlens.analysis.forms import LAYERS, MOVED, PEAKS, Forms
from costlens.network.variants import kind_names
from costlens.sources._source import Asked
from costlens.sources.find import models
from costlens.tasks._changeable import Changeable, changeable
from tests.draw.onnx_nets import Net, nets

slow = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.reuse, Phase.generate]
)  # fmt: skip
MOST = 40


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path))


def network(path: Path) -> Changeable:
    (model,) = models([str(path)], Asked())
    return changeable(model, Asked())


def same(net: Changeable, held: Forms, mix: tuple[int, ...]) -> None:
    """Compare what a mix costs by its options with the count of the file that is written for it."""
    choices, count = held.choices, net.made(held.kinds(mix)).count
    figures = [name for name in {**choices.rest.sums, **choices.rest.peaks} if hasattr(count.totals, name)]
    assert {"weight_bytes", "macs", "peak_activation_bytes"} <= {*figures}
    assert {name: choices.total(name, mix) for name in figures} == {
        name: getattr(count.totals, name) for name in figures
    }


@slow
@given(nets(), st.data())
def test_figures_of_a_mix_are_those_of_its_file(drawn: tuple[Any, Net], data: Any) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        onnx.save(drawn[0], path)
        net = network(path)
        held = net.forms(kind_names(), keep=(), tie=data.draw(st.booleans()))
        sites = held.choices.sites
        same(net, held, held.choices.as_written)
        same(net, held, tuple(data.draw(st.integers(0, len(site.options) - 1)) for site in sites))
        assert {name for site in sites for name in site.names}.isdisjoint({one.name for one in held.one_form})


@settings(slow, max_examples=6)
@given(nets(), st.sampled_from(["macs", "weight_bytes", *PEAKS[:1]]), st.floats(0.4, 1.0))
def test_a_choice_is_that_of_exhaustive_search_by_real_files(drawn: tuple[Any, Net], figure: str, share: float) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        onnx.save(drawn[0], path)
        net = network(path)
        held = net.forms(("separable", "standard", "grouped"), keep=(), tie=False)
        choices = held.choices
        if prod(len(site.options) for site in choices.sites) > MOST:
            return
        limit = int(share * choices.total(figure, choices.as_written))
        totals = {
            mix: getattr(net.made(held.kinds(mix)).count.totals, figure)
            for mix in product(*(range(len(site.options)) for site in choices.sites))
        }
        for objective in (MOVED, LAYERS):
            found = choices.least({figure: limit}, choices.costs(objective))
            able = [choices.total(objective, mix) for mix, total in totals.items() if total <= limit]
            assert (found is None) == (not able)
            if found:
                assert totals[found.mix] <= limit
                assert choices.total(objective, found.mix) == min(able)
