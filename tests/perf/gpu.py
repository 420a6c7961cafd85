"""The whole comparison on a machine with an NVIDIA card: variants side by side there, copies apart, against one core.

It needs onnxruntime-gpu and costlens with its extra gpu; no network. TensorFlow is needed
only where the models are exported, which another machine can do beforehand:

    python tests/perf/gpu.py --export models/          on any machine with costlens
    python tests/perf/gpu.py --models models/          on the machine with the card

Without either, it exports on the spot. Where there is no card, or no runtime for it, it says so and exits with 5.
Writes gpu-<card>.md and gpu-<card>.json to reports/gpu/.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from costlens import runtimes
from costlens.bench import bounds
from costlens.bench.protocol import Protocol
from costlens.bench.run import bench
from costlens.errors import CostlensError, RuntimeUnavailable
from costlens.formats.markdown import pipes as table
from costlens.formats.pages import bounds as bounds_page
from costlens.formats.pages import latency as latency_page
from costlens.results.bounds import MachineBounds
from costlens.results.latency import LatencyReport
from costlens.results.stored import to_json
from costlens.sources._source import Asked
from costlens.sources.find import models as found_models
from costlens.tasks._timing import prepare
from costlens.tasks._tools import Tools
from costlens.tasks.profile import profile

ROOT = Path(__file__).parent.parent.parent
SPECS = ("yamnet", "speech_embedding", "mobilenet_v1", "resnet50")
MANIFEST = "models.json"
UNAVAILABLE = 5
RESIDUAL = 0.1
"""How far the sum of the kernels may be from the unprofiled latency."""


@dataclass(frozen=True)
class Model:
    """An exported variant of a spec: its file's name, and its cost for one example."""

    spec: str
    variant: str
    also: tuple[str, ...]
    file: str
    macs: int
    peak_activation_bytes: int


class Unavailable(Exception):  # noqa: N818  # what it says, without a second noun
    """Something this comparison needs is not on this machine."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specs", nargs="*", default=SPECS, help=f"names of specs; default: {' '.join(SPECS)}")
    parser.add_argument("--export", type=Path, metavar="FOLDER", help="only export the models, no card is needed")
    parser.add_argument("--models", type=Path, metavar="FOLDER", help="compare what was exported there")
    parser.add_argument("--device", choices=("cuda", "tensorrt"), default="cuda")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="three processes, which settle no verdict")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "reports/gpu")
    asked = parser.parse_args()
    try:
        if asked.export:
            export(asked.specs, asked.export)
        else:
            card = find_card()
            runtimes.get("onnxruntime").require(asked.device)
            folder = asked.models or asked.output / "models"
            if not asked.models:
                export(asked.specs, folder)
            run(card, folder, asked)
    except (Unavailable, RuntimeUnavailable) as problem:
        print(f"tests/perf/gpu.py: {problem}", file=sys.stderr)
        return UNAVAILABLE
    return 0


def find_card() -> str:
    """Return the card's name; Unavailable where the driver shows none."""
    try:
        listed = subprocess.run(
            ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError) as problem:
        raise Unavailable(f"no NVIDIA card here: nvidia-smi cannot be asked ({problem})") from None
    if not listed:
        raise Unavailable("no NVIDIA card here: nvidia-smi lists none")
    return listed.splitlines()[0]


def name_of(card: str) -> str:
    """Return the card's name without its driver."""
    return card.partition(",")[0].strip()


def export(specs: list[str], folder: Path) -> None:
    """Export and prove every variant of the specs; write the files and what they cost."""
    folder.mkdir(parents=True, exist_ok=True)
    models = []
    for name in specs:
        try:
            ready = prepare(found_models([str(ROOT / f"specs/{name}.yaml")], Asked(("all",))), Tools())
        except RuntimeUnavailable as problem:
            raise Unavailable(f"{problem}; or export elsewhere with --export, and bring the folder") from None
        for lost in ready.failed:
            raise Unavailable(f"{name}: {lost.label}: {lost.reason}")
        for proof in ready.proofs.values():
            count, file = proof.count, f"{name}-{proof.count.variant}.onnx"
            shutil.copyfile(proof.path, folder / file)
            totals = count.totals
            models.append(Model(name, count.variant, count.also, file, totals.macs, totals.peak_activation_bytes))
            print(f"exported {file}: {totals.macs:,} MACs, verified: {proof.ledger.ok}", flush=True)
    (folder / MANIFEST).write_text(json.dumps([asdict(model) for model in models], indent=1) + "\n", encoding="utf-8")


def exported(folder: Path, specs: list[str]) -> dict[str, list[Model]]:
    """Return the exported models by spec; Unavailable where one was not exported."""
    try:
        read = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise Unavailable(f"{folder / MANIFEST}: {problem}; write it with --export on any machine") from None
    models = [Model(**{**entry, "also": tuple(entry["also"])}) for entry in read]
    found = {spec: [model for model in models if model.spec == spec] for spec in specs}
    missing = [spec for spec, of_spec in found.items() if not of_spec]
    if missing:
        raise Unavailable(f"{folder}: {', '.join(missing)} not exported there; add it with --export")
    return found


def run(card: str, folder: Path, asked: argparse.Namespace) -> None:
    """Measure the card's bounds, then every spec's variants on it and on one core, and write it all down."""
    print(f"{card}, {asked.device}", flush=True)
    measured: dict[str, dict[str, LatencyReport]] = {}
    failed: dict[str, str] = {}
    limits = bounds.measure("cuda")
    for spec, models in exported(folder, asked.specs).items():
        measured[spec] = {}
        for device in (asked.device, "cpu"):
            try:
                measured[spec][device] = latency(models, folder, device, asked)
            except CostlensError as problem:
                failed[f"{spec} on {device}"] = str(problem)
            print(f"{spec} on {device}: {failed.get(f'{spec} on {device}', 'measured')}", flush=True)
    layers = {spec: layer_lines(models, folder, asked) for spec, models in exported(folder, asked.specs).items()}
    text = report(card, asked, limits, measured, failed, layers)
    print(text)
    name = re.sub(r"[^a-z0-9]+", "-", f"gpu {name_of(card)} {asked.device}".lower()).strip("-")
    asked.output.mkdir(parents=True, exist_ok=True)
    (asked.output / f"{name}.md").write_text(text, encoding="utf-8")
    document: dict[str, Any] = {
        "schema": "costlens.gpu/1",
        "card": card,
        "bounds": json.loads(to_json(limits)),
        "latency": {
            spec: {device: asdict(found) for device, found in by_device.items()}
            for spec, by_device in measured.items()
        },
        "longest_layers": layers,
        "failed": failed,
    }
    (asked.output / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if not any(by_device.get(asked.device) for by_device in measured.values()):
        raise Unavailable(f"nothing could be measured on {asked.device}; see above")


def latency(models: list[Model], folder: Path, device: str, asked: argparse.Namespace) -> LatencyReport:
    """Time a spec's variants side by side on a device."""
    options = {"device": device, "batch": asked.batch}
    standard = [model.variant for model in models if "standard" in (model.variant, *model.also)]
    return bench(
        {model.variant: folder / model.file for model in models},
        Protocol.quick(**options) if asked.quick else Protocol(**options),
        baseline=(standard or [models[0].variant])[0],
        macs={model.variant: model.macs for model in models},
        peak_activations={model.variant: model.peak_activation_bytes for model in models},
    )


def layer_lines(models: list[Model], folder: Path, asked: argparse.Namespace) -> list[str]:
    """Return the kernels that take longest in each variant, where the profile gives them.

    A card's kernels are launched and run later: a profile that shows the launches does not sum up to the latency.
    """
    lines = []
    plan = Protocol(device=asked.device, batch=asked.batch)
    for model in models:
        found = profile([str(folder / model.file)], Asked(), plan, tools=Tools())
        lines += [f"- {model.variant}: {problem}" for problem in found.problems]
        if not found.times:
            continue
        (times,) = found.times
        if abs(times.residual) > RESIDUAL:
            off = f"{100 * (1 + times.residual):.0f} %"
            lines.append(
                f"- {model.variant}: the profile does not give the kernels' time, its sum is {off} of the latency"
            )
            continue
        longest = sorted(times.rows, key=lambda row: -row.microseconds)[:3]
        said = ", ".join(f"{row.row} {row.microseconds:.1f} µs ({100 * row.share:.0f} %)" for row in longest)
        lines.append(f"- {model.variant}: {said}")
    return lines


def report(
    card: str,
    asked: argparse.Namespace,
    limits: MachineBounds,
    measured: Mapping[str, Mapping[str, LatencyReport]],
    failed: Mapping[str, str],
    layers: Mapping[str, list[str]],
) -> str:
    """Write the page: the card's bounds, and for every spec its times there, on one core, and its copies."""
    driver = card.rpartition(",")[2].strip()
    parts = [f"# {name_of(card)}", f"`{asked.device}`, batch {asked.batch}, driver {driver}."]
    parts.append("\n".join(f"- {one.precision}: a peak of {bounds_page.roofs(one)}" for one in limits.bounds))
    parts += [f"- {line}" for line in bounds_page.missing(limits)]
    for spec, by_device in measured.items():
        there, here = by_device.get(asked.device), by_device.get("cpu")
        parts.append(f"## {spec}")
        if there is not None:
            cpu = {model.label: model.median_ms for model in here.models} if here else {}
            ratios = {ratio.label: ratio for ratio in there.ratios}
            rows = []
            for model in there.models:
                ratio = ratios.get(model.label)
                compared = f"{ratio.ratio:.3g} [{ratio.low:.3g}, {ratio.high:.3g}]" if ratio else "baseline"
                figures = (model.median_ms, model.copy_in_ms, model.copy_out_ms, cpu.get(model.label))
                told = ["" if figure is None else f"{figure:.3g}" for figure in figures]
                verdict = (ratio.verdict or "") if ratio else ""
                macs = f"{ratio.macs_ratio:.3g}" if ratio and ratio.macs_ratio else ""
                rows.append([model.label, told[0], compared, macs, verdict, *told[1:]])
            headers = ["variant", "ms", "÷ baseline", "MACs ÷", "verdict", "copy in ms", "copy out ms", "one core ms"]
            parts.append(table(headers, rows, [False, True, True, True, False, True, True, True]))
            parts += [latency_page.measured(there), "\n".join(layers[spec])]
    parts += [f"- {what}: {why}" for what, why in failed.items()]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main())
