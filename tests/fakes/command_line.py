"""The command line, run in this process: the fixture ``run``."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from costlens.__main__ import main

Run = Callable[..., "Done"]


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process, 80 columns wide unless said."""

    def command(*arguments: str, columns: str = "80") -> Done:
        monkeypatch.setenv("COLUMNS", columns)
        monkeypatch.setattr(sys, "argv", ["costlens", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        printed = capsys.readouterr()
        return Done(code, printed.out, printed.err)

    return command
