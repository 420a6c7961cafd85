"""The exit codes of docs/exit-codes.md: each is reached by each command that the page names for it, in its order."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from costlens.commands import command_names
from costlens.errors import MOST_SEVERE_FIRST, BenchError, ExportError, MachineTooNoisy
from tests.cases.small import ONE, TWO
from tests.fakes.command_line import Run
from tests.fakes.fake_exports import Exports
from tests.fakes.fake_tools import Workshop
from tests.places import ROOT

PAGE = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
DOCUMENTED = {
    int(code): set(re.findall(r"`([^`]+)`", named))
    for codes, named in re.findall(r"^\| ([\d, ]+) \|.*\| (.*) \|$", PAGE, re.MULTILINE)
    for code in codes.split(", ")
}
FILES = {
    "one.yaml": ONE,
    "two.yaml": TWO.replace("filters: width", "filters: 2 * width"),
    "big.yaml": f"{ONE}budget: {{params: 1}}\n",
    "slow.yaml": f"{ONE.replace('one', 'slow')}budget: {{latency_ms: 3}}\n",
    "table.yaml": "title: T\nsource: S\ntables:\n"
    "- {title: t, spec: one.yaml, figures: [{label: all, published: {macs: 1}}]}\n",
}
UNKNOWN = (
    b'\x08\x08:+\n\x10\n\x01x\x12\x01y"\x04Frob:\x02my\x12\x01gZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01'
    b"b\x03\n\x01yB\x04\n\x00\x10\x12B\x06\n\x02my\x10\x01"
)
"""An ONNX file with one operator that nobody knows."""
FINE: Mapping[str, Any] = {}
NOISY = {"factor": lambda process, label: 1.1 if label.startswith("copy of") else 1.0}
STEADY = ("base", "one", "standard")  # baselines and their copies
SHAKING = {"factor": lambda process, label: 1.0 if label.endswith(STEADY) else 4.0 if process % 2 else 0.25}
SLOWER = {"call_ms": {"head": 1.1}}
DISAGREES = {"wrong": frozenset({"one", "as-written"})}
UNEQUAL = {"change": lambda facts: replace(facts, keras_trainable=1)}
UNBUILT = {"raising": {"one": ExportError("no room")}}
NOT_EXPORTED = {"fails": {"one": ExportError("no room")}}
UNMEASURED = {"error": BenchError("the process died")}
FASTER, NO_FASTER = {"call_ms": {"advised": 0.8}}, {"call_ms": {"advised": 2.0}}
NOISY_KERNELS = {"kernels_error": MachineTooNoisy("half of 9 kernels took 40 % longer")}
FAST = "one.yaml --budget latency_ms=-10%"

# exit code, command as the page names it, its other arguments, how the tools behave
ENDS: list[tuple[int, str, str, Mapping[str, Any]]] = [
    (0, "count", "one.yaml", FINE),
    *((0, command, "one.yaml two.yaml", SHAKING) for command in ("bench", "compare --bench")),
    *((0, command, "one.yaml", SHAKING) for command in ("report", "sweep")),
    *((2, name, "--nonsense", FINE) for name in command_names()),
    (3, "check", "big.yaml", FINE),
    (3, "report", "big.yaml --no-bench", FINE),
    (3, "tables", "table.yaml", FINE),
    (3, "advise", "one.yaml --budget macs=1", FINE),
    (0, "advise", "one.yaml --budget macs=1G", FINE),
    (0, "advise", FAST, FASTER),
    (3, "advise", FAST, FINE),
    (0, "advise", f"{FAST} --no-prove", FINE),
    (2, "advise", f"{FAST} --no-measure", FINE),
    (3, "advise", FAST, NO_FASTER),
    (3, "advise", "one.yaml --budget latency_ms=0.01", FINE),
    (0, "count", "unknown.onnx", FINE),
    (0, "count --strict", "one.yaml", FINE),
    (4, "count --strict", "unknown.onnx one.yaml", FINE),
    (4, "verify", "one.yaml", UNEQUAL),
    (4, "export", "one.yaml -o one.onnx", DISAGREES),
    (4, "report", "one.yaml --no-bench", DISAGREES),
    (4, "check --bench", "slow.yaml", DISAGREES),
    (4, "compare --bench", "one.yaml two.yaml", DISAGREES),
    (4, "diff --bench", "one.yaml two.yaml", DISAGREES),
    (4, "advise", FAST, DISAGREES),
    (4, "explore --measure", "front two.yaml --set width=4,8", {"wrong": frozenset({"two"})}),
    (5, "advise", FAST, NOT_EXPORTED),
    (5, "advise", FAST, UNMEASURED),
    (5, "verify", "one.yaml", UNBUILT),
    (5, "bench", "one.yaml two.yaml", UNMEASURED),
    (5, "bench", "one.yaml --device cuda", FINE),
    (6, "diff --bench", "one.yaml two.yaml", SLOWER),
    (7, "check", "slow.yaml --bench", SHAKING),
    (0, "check", "slow.yaml --bench --allow-inconclusive", SHAKING),
    (7, "diff", "one.yaml two.yaml --bench", SHAKING),
    (0, "diff", "one.yaml two.yaml --bench --allow-inconclusive", SHAKING),
    (7, "bench", "one.yaml two.yaml", NOISY),
    (7, "compare", "one.yaml two.yaml --bench", NOISY),
    (7, "advise", FAST, SHAKING),
    (7, "explore --measure", "front two.yaml --set width=4,8", NOISY),
    (7, "advise", f"{FAST} --measure", NOISY_KERNELS),
    *((7, "predict", f"one.yaml{option}", NOISY_KERNELS) for option in ("", " --measure")),
    (7, "machine --kernels", "one.yaml", NOISY_KERNELS),
    *((7, command, "one.yaml", NOISY) for command in ("report", "sweep")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "command", "arguments", "behaviour"), ENDS)
def test_a_command_ends_with_its_code(
    run: Run, work: Workshop, exports: Exports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    code: int, command: str, arguments: str, behaviour: Mapping[str, Any],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path))
    for name, text in FILES.items():
        Path(name).write_text(text, encoding="utf-8")
    Path("unknown.onnx").write_bytes(UNKNOWN)
    for name, value in behaviour.items():
        setattr(work if hasattr(work, name) else exports, name, value)
    done = run(*command.split(), *arguments.split())
    assert done.returncode == code, done


def test_the_page_names_the_codes_and_their_order() -> None:
    assert set(DOCUMENTED) == {0, 1, 130, *MOST_SEVERE_FIRST}
    assert f"the most serious decides: {', then '.join(map(str, MOST_SEVERE_FIRST[:2]))}, " in PAGE
    assert f"{', '.join(map(str, MOST_SEVERE_FIRST[1:]))}." in PAGE


@pytest.mark.parametrize("code", [3, 4, 6, 7])
def test_every_command_that_the_page_names_is_run(code: int) -> None:
    assert {command for found, command, _, _ in ENDS if found == code} == DOCUMENTED[code]
