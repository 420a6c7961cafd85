"""A network so small that its figures are known by heart, and reports of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from costlens.bench.protocol import Protocol
from costlens.results.report import ExportedFile, Report
from costlens.results.stored import to_json
from tests.cases.counted import counts, load
from tests.fakes.fake_bench import FEW_CALLS, Conductor

ONE = "name: one\nknobs: {width: 4}\ninput: [8, 8, 3]\nlayers: [{conv: {filters: width, kernel: 3, bias: false}}]\n"
"""A 3×3 convolution 3 → 4 on 8×8: 108 parameters, 6,912 MACs; it is standard as written."""
TWO = ONE.replace("name: one", "name: two")
STANDARD, SEPARABLE = "standard", "separable"


@pytest.fixture
def two_specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of two specs."""
    monkeypatch.chdir(tmp_path)
    Path("one.yaml").write_text(ONE, encoding="utf-8")
    Path("two.yaml").write_text(TWO, encoding="utf-8")


def write_report(
    folder: Path, spec: Path | str, times: Mapping[str, float] | None = None, *, first: str = STANDARD, **plan: Any
) -> Path:
    """Write a report of a spec's standard and separable variants, timed on the fake machine where there are times.

    ``first``: the variant that takes the place of standard.
    """
    folder.mkdir(parents=True, exist_ok=True)
    read = load(spec)
    found = Report(
        schema="costlens.report/1",
        name=read.name,
        title="",
        source="",
        knobs=dict(read.knobs),
        versions={},
        counts=tuple(counts(read, (first, SEPARABLE))),
        expectations=(),
        budgets=(),
        ledgers=(),
        files=(ExportedFile(first, "model.onnx", 1234, ""),),
        latency=Conductor(times, folder).run(Protocol(**FEW_CALLS | plan), baseline=first) if times else None,
    )
    (folder / "report.json").write_text(to_json(found), encoding="utf-8")
    return folder
