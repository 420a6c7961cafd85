"""Which operators a runtime has, found by trying each: ``python -m tests.fakes.tried_operators RUNTIME``.

A file holds the operator and after it a custom one that no runtime has. The interpreter looks both up in this order
before it prepares either, so what it complains of says whether it knows the first.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from costlens.readers.tflite import schema
from tests.places import ROOT

_UNKNOWN = "NoRuntimeHasThis"


def tried(runtime: str) -> list[str]:
    """Return the builtin operators of ``tflite-micro`` or ``litert``, sorted, by a process that tries all of them."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, runtime], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def _micro(path: Path) -> str:
    from tflite_micro import runtime

    try:
        runtime.Interpreter.from_file(str(path), arena_size=2**20)
    except RuntimeError as problem:
        return str(problem)
    return ""


def _litert(path: Path) -> str:
    from ai_edge_litert.interpreter import Interpreter

    try:
        Interpreter(model_path=str(path)).allocate_tensors()
    except (RuntimeError, ValueError) as problem:
        return str(problem)
    return ""


def _main(runtime: str) -> None:
    from tests.cases.tflite_files import Op, T, net, x

    found = []
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+b") as log:
        kept = os.dup(2)
        os.dup2(log.fileno(), 2)
        for op in schema.OPERATORS:
            if op in ("CUSTOM", "DELEGATE") or op.startswith("PLACEHOLDER"):
                continue
            path = net(Path(folder) / "net.tflite", [x(1, 4), T("a", (1, 4)), T("y", (1, 4))],
                       Op(op, ["x"], ["a"]), Op(_UNKNOWN, ["a"], ["y"]))  # fmt: skip
            log.seek(0)
            log.truncate()
            said = _micro(path) if runtime == "tflite-micro" else _litert(path)
            log.seek(0)
            said += log.read().decode(errors="replace")
            if _UNKNOWN in said and f"'{op}'" not in said:
                found.append(op)
        os.dup2(kept, 2)
    print(json.dumps(sorted(found)))  # noqa: T201


if __name__ == "__main__":
    _main(sys.argv[1])
