"""A time per layer, made by hand."""

from __future__ import annotations

from costlens.bench.machine import machine_facts
from costlens.results.layer_times import SCHEMA, Calibration, KernelTime, LayerTime, LayerTimes
from costlens.runtimes import Fingerprint

FINGERPRINT = Fingerprint("onnxruntime", "1", "build", "cpu", ("CPU",), "{}", 1, "all")


def line(row: str, us: float, macs: int, traffic: int, *ops: str, **more: object) -> LayerTime:
    kernels = tuple(KernelTime(f"{row}.{op}", op, us / len(ops) + 2, us / len(ops)) for op in ops)
    return LayerTime(
        row, "conv", us, us / 100, kernels, macs=macs, macs_share=macs / 10**6, traffic_bytes=traffic, **more
    )  # type: ignore[arg-type]


def net_times() -> LayerTimes:
    """A net of 100 µs whose depthwise row takes more time than its MACs say, behind a call of 3 µs."""
    rows = (
        line("stem", 30.0, 470_000, 20_000, "Conv"),
        line("stage2.depthwise", 19.0, 20_000, 25_000, "Conv", bound_us=9.5, limited_by="memory"),
        line("stage2.pointwise", 40.0, 510_000, 50_000, "Conv", "Relu", bound_us=30.0, limited_by="compute",
             fused=("stage2.add",)),
        LayerTime("stage2.add", "add", 0.0, 0.0, (), inside="stage2.pointwise", macs=0, macs_share=0.0),
    )  # fmt: skip
    moved = tuple(KernelTime("ReorderOutput", "ReorderOutput", 6.0, 4.0) for _ in range(2))
    return LayerTimes(
        schema=SCHEMA, name="net", title="Net", variant="as-written", also=("separable",), batch=1,
        machine=machine_facts(), runtime=FINGERPRINT, fingerprint="f", processes=3, runs=300,
        unprofiled_us=102.0, profiled_us=160.0, calibration=Calibration(2.0, 2.5, 3.0, 0.1, ()), rows=rows,
        layout=LayerTime("layout", "", 8.0, 0.08, moved),
        other=LayerTime("other", "", 3.0, 0.03, (KernelTime("m", "Mystery", 5.0, 3.0),)),
    )  # fmt: skip
