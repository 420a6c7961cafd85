"""Random networks in every kind and in mixes: the files are valid and run, and cost what the kinds' formulas say."""

from fractions import Fraction
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from costlens.errors import UsageError
from costlens.network.variants import Mix, kind_names
from costlens.readers.onnx import read
from costlens.rewriting import Plan, Site, look, plan
from costlens.sources._source import Asked
from costlens.sources.find import models
from tests.draw.onnx_nets import Conv, Net, nets

slow = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.reuse, Phase.generate]
)  # fmt: skip
"""To make a failing network smaller takes minutes, and its rows tell which convolution it is."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path))


def _run(path: Path, model: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    given_ = {}
    for value in session.get_inputs():
        of_x = np.random.default_rng(0).standard_normal([int(size) for size in value.shape]).astype(np.float32)
        given_[value.name] = np.array(True) if value.name == "flag" else of_x
    return session.run(None, given_)[0]


def _macs(conv: Conv, pointwise: Conv | None, kind: str) -> int:
    """Return the MACs of a convolution in a kind by its formula, with the rows and positions that it skips or adds."""
    m, n, k = conv.channels, (pointwise or conv).filters, conv.kernel
    made, read_ = prod(conv.made), prod(conv.read)
    standard = prod(k) * m * n * made
    if kind == "separable":
        ratio = Fraction(1, n) + Fraction(1, prod(k))
        return int(standard * ratio)
    if kind == "grouped":
        return standard // 4
    if kind == "bottleneck":
        return m * n // 4 * read_ + prod(k) * (n // 4) ** 2 * made + n // 4 * n * made
    if kind == "factorized":
        across = conv.read[0] * prod(conv.made[1:])
        return prod(k[1:]) * m * n * across + k[0] * n * n * made
    assert kind == "standard"
    return standard


def _expected(net: Net, made: Plan, sites: tuple[Site, ...], macs: int) -> int:
    """Return a file's MACs in a variant: those as written, with what each changed convolution multiplies instead."""
    by_name = {site.name: site for site in sites}
    for change in made.changes:
        convs = [net.convs[row] for row in by_name[change.site.name].rows]
        macs -= sum(conv.macs for conv in convs)
        macs += _macs(convs[0], convs[1] if len(convs) > 1 else None, change.kind)
    return macs


@slow
@given(nets(), st.data())
def test_variants_of_random_networks(drawn: tuple[Any, Net], data: Any) -> None:
    model, net = drawn
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        onnx.save(model, path)
        before = read(path)
        found = look(path, before.rows)
        assert {row for site in found.sites for row in site.rows} >= {*net.convs}
        shape = _run(path, model).shape
        wanted: list[str | Mix] = [*kind_names()]
        if found.sites:
            kinds = [(site.name, data.draw(st.sampled_from(kind_names()))) for site in found.sites]
            wanted.append(Mix.of("mixed", kinds))
        for to in wanted:
            made = plan(found.sites, to)
            said = {one.name for one in made.left_alone}
            for site in found.sites:
                assert made.kinds.get(site.name) in (None, site.kind) or site.layer
                assert (site.name in said) or isinstance(to, Mix) or made.kinds[site.name] == to
            if not made.changes:
                continue
            file = found.written(made.changes)
            onnx.checker.check_model(str(file), full_check=True)
            after = read(file)
            assert after.totals.macs == _expected(net, made, found.sites, before.totals.macs or 0)
            out = _run(file, model)
            assert out.shape == shape
            assert np.isfinite(out).all()
            assert found.written(made.changes) == file


@slow
@given(nets())
def test_standard_to_separable_and_back(drawn: tuple[Any, Net]) -> None:
    model, _ = drawn
    with TemporaryDirectory() as folder:
        path = Path(folder) / "net.onnx"
        onnx.save(model, path)
        try:
            (first,) = models([f"{path}:standard"], Asked())
            (second,) = models([f"{first.file}:separable"], Asked())
            (third,) = models([f"{second.file}:standard"], Asked())
        except UsageError:  # nothing in it can be rewritten
            assert not look(path, read(path).rows).convertible
            return
        assert third.count.totals.macs == first.count.totals.macs
        if not any("the same weights" in one.reason for one in first.count.left_alone):
            assert third.count.totals.deployed_params == first.count.totals.deployed_params
        for one, other in zip(first.count.rows, third.count.rows, strict=True):
            assert (one.kind, one.output, one.macs) == (other.kind, other.output, other.macs)
