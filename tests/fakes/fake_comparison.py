"""Models and the conditions of their times, made up."""

from dataclasses import asdict, replace
from typing import Any

from costlens.bench.protocol import Protocol
from costlens.results.comparison import FIGURES, ComparedModel, Figures, ModelTime, Timing
from costlens.results.counts import Status
from costlens.results.latency import Control, MachineFacts, ProtocolFacts
from costlens.runtimes import Fingerprint

MACHINE = MachineFacts(
    cpu="Some CPU",
    cpu_isa=("avx2",),
    cores=4,
    cores_usable=2,
    virtualised=True,
    power="performance",
    accelerators=(),
    memory_bytes=2**33,
    os="Linux 6",
    python="3.11.7",
)
RUNTIME = Fingerprint(
    name="onnxruntime",
    version="1.31.1",
    build="a build",
    device="cpu",
    providers=("CPUExecutionProvider",),
    provider_options="{}",
    threads=1,
    optimisation="all",
)


def timing(*, too_noisy: bool = False) -> Timing:
    """Return the conditions of a comparison of ten processes whose baseline is called a."""
    off = 1.05 if too_noisy else 1.0
    control = Control(
        baseline="a",
        ratio=off,
        low=off - 0.002,
        high=off + 0.003,
        confidence=0.98,
        processes=10,
        resolution=off - 1 + 0.003,
        too_noisy=too_noisy,
    )
    facts = ProtocolFacts(**asdict(Protocol()))
    return Timing(True, "f" * 16, facts, MACHINE, RUNTIME, "A note.", 10, 12.3, control)


def model(label: str, params: int | None = None, macs: int | None = None, **more: Any) -> ComparedModel:
    """Return a model whose other figures are not known; ``low`` and ``high`` are the interval of its time."""
    figures = Figures(params=params, macs=macs, peak_activation_bytes=more.pop("peak", None))
    status: dict[str, Status] = {
        name: "unavailable" if getattr(figures, name) is None else "complete" for name in FIGURES
    }
    low, high = more.pop("ms", (None, None))
    time = None if low is None else ModelTime((low + high) / 2, (low, high), 0.95, measured=True)
    one = ComparedModel(label, "spec", f"{label}.yaml", label, "", "as-written", (), {}, figures, status, time=time)
    return replace(one, status={**status, **more.pop("status", {})}, **more)
