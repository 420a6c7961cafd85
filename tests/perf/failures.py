"""What a measurement makes of failures: processes killed, a full disk, files that are no models, providers not there.

Each case is a real `costlens` command whose failure is brought about from outside; what it says, its exit code and
what it kept are compared with what is wanted. Run from the project's root: python tests/perf/failures.py --full
Without --full: the cases that need no export, which show that the script works; nothing is written.
Linux only: processes are found in /proc, the full disk is a small file system of its own.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _frame
import timed_networks

ALONE, TIMED = 1, 6
"""Which process is killed: the first loads a model alone, the sixth times all of them."""
MOMENT_S = 0.1
SMALL_DISK = 'mkdir -p "$COSTLENS_CACHE" && mount -t tmpfs -o size=2m costlens "$COSTLENS_CACHE" && exec "$@"'


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    error: str

    @property
    def latency(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def timed(self) -> list[str]:
        return [model["label"] for model in self.latency["models"]]


def ended(command: list[str], kill: int = 0, **environment: str) -> Ended:
    """Run a command to its end; the ``kill``-th process that it starts is killed a moment after it is seen."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as error:
        running = subprocess.Popen(command, stdout=out, stderr=error, env={**os.environ, **environment})
        seen: list[int] = []
        while running.poll() is None:
            if len(seen) < kill:
                seen += [pid for pid in children(running.pid) if pid not in seen]
                if len(seen) >= kill:
                    time.sleep(MOMENT_S)
                    with suppress(ProcessLookupError):  # it ended by itself: the case will not be as wanted
                        os.kill(seen[kill - 1], signal.SIGKILL)
            time.sleep(0.002)
        out.seek(0)
        error.seek(0)
        return Ended(running.returncode, out.read(), error.read().strip())


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def bench(*models: Path, options: tuple[str, ...] = (), kill: int = 0) -> Ended:
    return ended([*_frame.COSTLENS, "bench", *map(str, models), "--format", "json", *options], kill)


def killed_alone(folder: Path) -> tuple[Ended, str, bool]:
    done = bench(*networks(folder), kill=ALONE)
    wanted = done.code == 5 and "was ended by SIGKILL while" in done.error and done.timed == ["other"]
    return done, f"the times of {', '.join(done.timed)}", wanted


def killed_timed(folder: Path) -> tuple[Ended, str, bool]:
    done = bench(*networks(folder), kill=TIMED)
    note, processes = done.latency["note"], done.latency["control"]["processes"]
    wanted = done.code in {0, 7} and "A process was lost, and made up for by another" in note and processes >= 10
    return Ended(done.code, done.out, note), f"both times, of {processes} processes", wanted


def not_a_model(folder: Path) -> tuple[Ended, str, bool]:
    one, other = networks(folder)
    broken = folder / "broken.onnx"
    broken.write_bytes(one.read_bytes()[:5000])
    done = bench(one, broken, other)
    wanted = done.code == 5 and "broken: " in done.error and done.timed == ["one", "other"]
    return done, f"the times of {', '.join(done.timed)}", wanted


def no_provider(folder: Path) -> tuple[Ended, str, bool]:
    done = bench(*networks(folder), options=("--device", "tensorrt"))
    return done, "nothing was begun", done.code == 5 and "TensorrtExecutionProvider" in done.error and not done.out


def full_disk(folder: Path) -> tuple[Ended, str, bool]:
    """Report two networks into a cache of 2 MiB: the export of the first fits, that of the second does not."""
    output, cache = folder / "reports", folder / "cache"
    specs = ("specs/separable_example.yaml", "specs/speech_embedding.yaml")
    report = [*_frame.COSTLENS, "report", *specs, "-o", str(output), "--no-bench", "--variant", "as-written"]
    small = ["unshare", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh", *report]
    done = ended(small, COSTLENS_CACHE=str(cache))
    kept = sorted(path.parent.name for path in output.glob("*/report.md"))
    wanted = done.code == 5 and "No space left on device" in done.error and kept == ["separable_example"]
    return done, f"the report of {', '.join(kept)}", wanted


CASES: tuple[tuple[str, Callable[[Path], tuple[Ended, str, bool]], bool], ...] = (
    ("a process is killed while it loads one model", killed_alone, False),
    ("a process is killed while it times", killed_timed, False),
    ("one of three files is cut off", not_a_model, False),
    ("a provider that is not there", no_provider, False),
    ("the disk of the cache is full at the second of two networks", full_disk, True),
)


def networks(folder: Path) -> tuple[Path, Path]:
    one, other = folder / "one.onnx", folder / "other.onnx"
    if not one.exists():
        timed_networks.write_network(one, "standard", 16, 24, 4)
        timed_networks.write_network(other, "separable", 16, 24, 4)
    return one, other


def measure(full: bool) -> tuple[list[str], bool]:
    rows, bad = [], []
    with tempfile.TemporaryDirectory() as folder:
        for title, run, exports in CASES:
            if exports and not full:
                continue
            done, kept, wanted = run(Path(folder))
            said = done.error.replace(folder, "…").replace("|", "\\|").replace("\n", " ")
            rows.append([title, str(done.code), said, kept, "as wanted" if wanted else "NOT AS WANTED"])
            _frame.progress(rows[-1])
            bad += [] if wanted else [title]
    lines = [
        f"{len(rows)} failures brought about from outside, {len(rows) - len(bad)} ended as wanted.",
        "",
        *_frame.table(["what happens", "exit", "what is said", "what is kept", ""], rows),
    ]
    return lines, bool(bad)


if __name__ == "__main__":
    _frame.run("failures", "Failures: what is said, and what is kept", measure)
