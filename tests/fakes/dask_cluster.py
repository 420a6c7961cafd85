"""A Dask cluster of processes on the loopback: a scheduler and workers, which can be killed and started again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from tests.places import ROOT

_START_S = 60


class DaskCluster:
    """A scheduler and so many workers; a context that ends them."""

    def __init__(self, folder: Path, workers: int = 2, resources: str = "") -> None:
        self.file = folder / "scheduler.json"
        self._folder, self._number = folder, workers
        self._resources = ("--resources", resources) if resources else ()
        self.address = ""
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.scheduler, *self.workers):
            if process is not None:
                process.kill()
                process.wait()

    def start(self) -> None:
        """Start what is not running; after its scheduler died all is new, at another address."""
        if self.scheduler is None or self.scheduler.poll() is not None:
            self.__exit__()
            self.workers = []
            self.file.unlink(missing_ok=True)
            told = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file))
            self.scheduler = self._process("dask_scheduler", *told)
            end = time.monotonic() + _START_S
            while not (found := self._told()) and time.monotonic() < end:
                time.sleep(0.05)
            self.address = found
        self.workers = [one for one in self.workers if one.poll() is None]
        while len(self.workers) < self._number:
            told = ("--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "30")
            self.workers.append(self._process("dask_worker", self.address, *told, *self._resources))

    def _told(self) -> str:
        try:
            return str(json.loads(self.file.read_text(encoding="utf-8"))["address"])
        except (OSError, ValueError):
            return ""

    def _process(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_TEMPORARY_DIRECTORY": str(self._folder)}
        command = (sys.executable, "-m", f"distributed.cli.{module}", *words)
        log = (self._folder / f"{module}.log").open("ab")
        with log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=self._folder)
