"""Which operators a runtime has, found by trying each: ``python -m tests.fakes.tried_operators RUNTIME``.

An interpreter looks the operators of a file up before it does anything else, and names the one that it does not find.
Whatever it does after that, an operator without operands may end it: so each is tried in a process of its own.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from costlens.readers.tflite import schema
from tests.places import ROOT

_VERSIONS = 3
"""Some operators are registered from a later version on."""
_MISSING = "Didn't find op for builtin opcode '{}'"


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


def _knows(run: Callable[[Path], str], op: str, version: int, folder: Path) -> bool:
    from tests.cases.tflite_files import Op, T, net, x

    log = folder / "log"
    path = net(folder / "net.tflite", [x(1, 4), T("y", (1, 4))], Op(f"{op}:{version}", ["x"], ["y"]))
    child = os.fork()
    if not child:
        try:
            os.dup2(os.open(log, os.O_CREAT | os.O_TRUNC | os.O_WRONLY), 2)
            os.write(2, run(path).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    return _MISSING.format(op) not in log.read_text(errors="replace")


def _main(runtime: str) -> None:
    from tests.cases.tflite_files import Op, T, net, x

    run = _micro if runtime == "tflite-micro" else _litert
    found = []
    with tempfile.TemporaryDirectory() as folder:
        run(net(Path(folder) / "net.tflite", [x(1, 4), T("y", (1, 4))], Op("RELU", ["x"], ["y"])))  # imports it
        for op in schema.OPERATORS:
            if op in ("CUSTOM", "DELEGATE") or op.startswith("PLACEHOLDER"):
                continue
            if any(_knows(run, op, version, Path(folder)) for version in range(1, _VERSIONS + 1)):
                found.append(op)
    print(json.dumps(sorted(found)))  # noqa: T201


if __name__ == "__main__":
    _main(sys.argv[1])
