"""What a count of a model file says, judged in processes that may die: no traceback, no abort, no limit passed.

A count that says it is complete is compared with a run, where the file still runs.
"""

import math
import os
import resource
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from math import prod
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

LIMIT_S = 10.0
LIMIT_BYTES = 1 << 30
_PATIENCE_S = 30.0
"""Other processes may take the processor: what counts is the time that the process has had."""
_PATIENCE_OF_A_RUN_S = 8.0
_FREE = 2
"""The size of an axis that is left free in a count that does not depend on it."""
_LARGEST_INPUT = 1 << 24
_MOST_BYTES = 8 << 30
_NEWER = ("NOT_IMPLEMENTED", "official released onnx opset")
"""What onnxruntime says of operators that it does not have; the reference evaluator has them."""


@dataclass(frozen=True)
class Verdict:
    """How a count ended: ``refused``, ``complete``, ``as run``, ``partial``, ``formula``, or a fault.

    ``said``: the message, or what is not counted; ``sizes``: of the inputs; ``seconds`` of the processor.
    """

    word: str
    said: str = ""
    macs: int | None = None
    sizes: Any = None
    seconds: float = 0.0
    held_bytes: int = 0


FAULTS = ("traceback", "ended", "too long", "too much memory", "negative", "differs")


def counted(path: str) -> Verdict:
    """Count a file in this process; its memory is limited from now on."""
    from costlens.errors import UsageError
    from costlens.readers.onnx import read

    before, start = _limited(), time.process_time()
    try:
        count = read(Path(path))
        bad = _wrong_number(count)
        status = count.status["macs"]
        word = "negative" if bad else "formula" if count.totals.macs is None else status
        found = (word, bad or "; ".join((*count.uncounted, *count.notes)), count.totals.macs, dict(count.inputs))
    except UsageError as error:
        found = ("refused", str(error), None, None)
    except MemoryError:
        found = ("too much memory", traceback.format_exc()[-600:], None, None)
    except Exception:
        found = ("traceback", traceback.format_exc()[-900:], None, None)
    seconds = time.process_time() - start
    held = _most_held() - before
    if seconds > LIMIT_S:
        return Verdict("too long", found[1], seconds=seconds, held_bytes=held)
    return Verdict(*found, seconds=seconds, held_bytes=held)


_first: list[int] = []


def _limited() -> int:
    """Limit what this process may take beside what it has; return the most memory that it has held."""
    if not _first:
        import onnx.shape_inference  # noqa: F401  # what a count may import is no memory of the file's

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * os.sysconf("SC_PAGE_SIZE") + LIMIT_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        _first.append(_most_held())
    return _first[0]


def _most_held() -> int:
    """Return the most memory that this process has held; ``ru_maxrss`` would be that of the process it came from."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def _wrong_number(value: Any, where: str = "count") -> str:
    """Return where a number is negative or none at all; empty where all are as they should be."""
    if isinstance(value, int | float) and not isinstance(value, bool) and (value < 0 or not math.isfinite(value)):
        return f"{where} = {value}"
    if is_dataclass(value):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
    elif isinstance(value, dict):
        parts = value
    elif isinstance(value, list | tuple):
        parts = dict(enumerate(value))
    else:
        return ""
    return next((bad for name, part in parts.items() if (bad := _wrong_number(part, f"{where}.{name}"))), "")


def run_of(path: str, sizes: Any) -> Verdict:
    """Run a file with the sizes that were counted; return its multiply-accumulates by brute force."""
    import numpy as np
    import onnx

    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    from tests.cases.contractions import COUNTED, brute_force
    from tests.fakes.executed_onnx import constants, executed, executed_by_onnxruntime

    model = onnx.load_model_from_string(Path(path).read_bytes())
    if any(one.version > onnx.defs.onnx_opset_version() for one in model.opset_import):
        return Verdict("does not run", "nothing has its operators")
    held = {tensor.name for tensor in model.graph.initializer}
    feeds = {}
    for value in model.graph.input:
        if value.name not in held:
            kind = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
            shape = [size if isinstance(size, int) else _FREE for size in sizes[value.name]]
            if prod(shape) > _LARGEST_INPUT:
                return Verdict("does not run", "more than is worth a run")
            feeds[value.name] = np.ones(shape, kind)
    nodes = [*model.graph.node]
    plain = not model.functions and not any(part.HasField("g") for node in nodes for part in node.attribute)
    try:
        ran = executed_by_onnxruntime(model, feeds) if plain else executed(model, feeds, tuple(COUNTED))
    except Exception as error:
        if not plain or not any(word in str(error) for word in _NEWER):
            raise
        ran = executed(model, feeds, tuple(COUNTED))
    fixed = constants(model)
    return Verdict("ran", macs=sum(brute_force(one) for one in ran if not fixed.issuperset(filter(None, one.reads))))


class Judge:
    """A process that does one thing for file after file; a new one takes its place when it dies or hangs."""

    def __init__(self, work: Callable[..., Verdict], patience_s: float = _PATIENCE_S) -> None:
        self._work, self._patience_s = work, patience_s
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._work), daemon=True)
        self._process.start()
        theirs.close()

    def __call__(self, *asked: Any) -> Verdict:
        """Return the verdict on a file, or how the process ended over it."""
        self._ours.send(asked)
        try:
            if self._ours.poll(self._patience_s):
                found: Verdict = self._ours.recv()
                return found
            word = "too long"
        except (EOFError, ConnectionError):
            self._process.join()
            word = "ended"
        said = f"exit code {self._process.exitcode}"
        self.close()
        self._start()
        return Verdict(word, said)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._ours.close()


def _serve(asked: Connection, work: Callable[..., Verdict]) -> None:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    while True:
        try:
            arguments = asked.recv()
        except EOFError:
            return
        try:
            found = work(*arguments)
        except Exception as error:
            found = Verdict("does not run", f"{type(error).__name__}: {error}"[:300])
        asked.send(found)


def judged(path: Path, count: Judge, run: Judge) -> Verdict:
    """Count a file; where it is complete and the file still runs, compare it with the run."""
    verdict = count(str(path))
    if verdict.word != "complete":
        return verdict
    ran = run(str(path), verdict.sizes)
    if ran.word != "ran" or "holds " in verdict.said:  # of a free axis that the run need not have had
        return verdict
    larger = "decides in a run" in verdict.said and (ran.macs or 0) < (verdict.macs or 0)  # the larger branch counts
    if ran.macs != verdict.macs and not larger:
        return replace(verdict, word="differs", said=f"{verdict.macs:,} counted, {ran.macs:,} in a run")
    return replace(verdict, word="as run")


def judges() -> tuple[Judge, Judge]:
    """Return a process that counts, and one that runs."""
    return Judge(counted), Judge(run_of, _PATIENCE_OF_A_RUN_S)
