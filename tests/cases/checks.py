"""Checks of every verdict."""

from __future__ import annotations

from costlens.results.check import Checked, CheckedFigure, CheckedSpec, Timing, Trouble

_KEEPS = "specs/keeps.yaml"


KEEPS = CheckedSpec(
    _KEEPS,
    "keeps",
    "Keeps all",
    {"alpha": 0.5},
    (
        CheckedFigure("expect", "params", "4.2M", 4_200_000, 4_209_088, "kept", True, _KEEPS, 9, 10),
        CheckedFigure("budget", "weight_bytes", "20MB", 20_000_000, 16_936_352, "kept", True, _KEEPS, 11, 3),
        CheckedFigure("flag", "macs", "600M", 600_000_000, 568_740_352, "kept"),
        CheckedFigure("pyproject", "latency_ms", "40", 40, None, "not measured", True, "pyproject.toml", 12, 20),
    ),
)


MISSES = CheckedSpec(
    "specs/misses.yaml",
    "misses",
    "",
    {},
    (
        CheckedFigure("expect", "macs", "6.8k", 6_800, 6_912, "missed", True, "specs/misses.yaml", 4, 10),
        CheckedFigure("pyproject", "params", "107", 107, 108, "missed", True, "pyproject.toml", 9, 18),
        CheckedFigure("flag", "macs", "1k", 1_000, 6_912, "missed"),
    ),
)


PARTIAL = CheckedSpec(
    "specs/partial.yaml",
    "partial",
    "",
    {},
    (CheckedFigure("budget", "macs", "100", 100, 8, "partial", False, "specs/partial.yaml", 5, 10),),
    ("dense1: its other half",),
)


NOISY = CheckedSpec(
    "specs/noisy.yaml",
    "noisy",
    "",
    {},
    (
        CheckedFigure(
            "budget", "latency_ms", "3", 3, 3.01, "inconclusive", True, "specs/noisy.yaml", 6, 10,
            "its interval [2.9, 3.1] reaches to both sides of it",
        ),
    ),
    timing=Timing(3.01, (2.9, 3.1), 0.98, 10, False, "onnxruntime 1.31", "cpu", "a processor", 1, 1),
)  # fmt: skip


BROKEN = CheckedSpec(
    "specs/broken.yaml",
    troubles=(
        Trouble(2, "specs/broken.yaml", 3, 28, 'layers[0].conv: kernal: unknown field (did you mean "kernel"?)'),
        Trouble(2, "specs/broken.yaml", 7, 1, "input: missing"),
    ),
)


PLAIN = CheckedSpec("specs/plain.yaml", "plain", "", {})


ALL = Checked(
    "costlens.check/1",
    2,
    True,
    False,
    (KEEPS, MISSES, PARTIAL, NOISY, BROKEN, PLAIN),
    (Trouble(2, "pyproject.toml", 14, 1, "tool.costlens.budgets.x: matches no spec"),),
)
