"""A measuring process that ends as it is told: ``python -m tests.fakes.dying_child``.

What it starts sleeps for a time that holds its parent's number, so no other run of the tests has such a process.
"""

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any


def say(**message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> None:
    how = json.loads(sys.stdin.readline())
    say(doing="loading a (a.onnx)", label="a")
    say(doing="timing a, b side by side")
    if how.startswith("answer"):
        if "leave a process" in how:
            stdout = None if how.endswith("on stdout") else subprocess.DEVNULL
            subprocess.Popen(["sleep", f"600.5{os.getppid()}"], stdout=stdout)
        say(found=42)
    elif how == "no answer":
        sys.exit(0)
    elif how == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == "killed while loading":
        say(doing="loading b (b.onnx)", label="b")
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "no memory":
        raise MemoryError("cannot allocate")
    elif how == "error":
        say(doing="loading b (b.onnx)", label="b")
        say(error="BenchError", message="b.onnx: not a model")
    elif how == "missing":
        say(error="RuntimeUnavailable", message="no such device")
    elif how == "hang":
        say(doing="running b (b.onnx) for the first time", label="b")
        subprocess.Popen(["sleep", f"600.25{os.getppid()}"])
        time.sleep(600)


if __name__ == "__main__":
    main()
