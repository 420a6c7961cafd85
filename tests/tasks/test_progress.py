"""What is told of a task that takes long: in a notebook, in a session, in a script, on a kernel's terminal."""

import sys
from html import unescape
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from costlens.tasks import _progress

STEPS = [
    ("export", 0, 2, "one/standard"), ("export", 1, 2, "one/separable"), ("export", 2, 2, ""),
    ("time", 0, 5, "one/standard, one/separable"), ("time", 1, 5, "loading standard"),
    ("time", 2, 5, "process 1 of 3"),
    ("time", 3, 5, "process 2 of 3\nseparable 0.9 [0.8, 1]\nA/A control 1.0 [0.9, 1.1]"),
    ("time", 5, 5, "timed"),
    ("layers", 0, 3, "one standard"), ("layers", 2, 3, "one standard"), ("layers", 3, 3, "one standard"),
]  # fmt: skip


class Line:
    """One output of a notebook, and everything that it has shown."""

    def __init__(self, outputs: list[list[str]], shown: dict[str, str]) -> None:
        self.said: list[str] = []
        outputs.append(self.said)
        self.update(shown)

    def update(self, shown: dict[str, str], *, raw: bool = True) -> None:
        assert raw
        assert shown["text/plain"] in unescape(shown["text/html"])
        self.said.append(shown["text/plain"])


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Be in the kernel of a notebook, whose clock stands still."""
    made: list[list[str]] = []
    ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setattr(ipython, "get_ipython", lambda: shell, raising=False)
    monkeypatch.setattr(display, "display", lambda shown, raw, display_id: Line(made, shown), raising=False)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr(_progress.time, "monotonic", lambda: 7.0)
    return made


def test_a_notebook_has_one_line_that_says_what_is_done_and_how_far(outputs: list[list[str]]) -> None:
    with _progress.of_python() as observe:
        for step in STEPS:
            observe(*step)
    assert outputs == [[
        "exporting one/standard (1 of 2) · 0 s", "exporting one/separable (2 of 2) · 0 s",
        "timing: one/standard, one/separable · 0 s", "timing: loading standard · 0 s",
        "timing: process 1 of 3 · 0 s",
        "timing: process 2 of 3; separable 0.9 [0.8, 1]; A/A control 1.0 [0.9, 1.1] · 0 s",
        "timing the layers of one standard (process 1 of 3) · 0 s",
        "timing the layers of one standard (process 3 of 3) · 0 s",
        "done: exporting 0 s, timing 0 s, timing the layers 0 s",
    ]]  # fmt: skip
    assert not any(ord(letter) < 32 for lines in outputs for line in lines for letter in line)


def test_the_seconds_are_those_of_each_stage(outputs: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 0.0, 0.0, 4.0, 12.0, 12.0, 45.0])
    monkeypatch.setattr(_progress.time, "monotonic", lambda: next(now))
    with _progress.of_python() as observe:
        observe("export", 0, 2, "a")
        observe("export", 1, 2, "b")
        observe("time", 0, 3, "a, b")
    assert outputs[0][-2:] == ["timing: a, b · 12 s", "done: exporting 12 s, timing 33 s"]


def test_a_task_without_steps_shows_nothing(outputs: list[list[str]]) -> None:
    with _progress.of_python():
        pass
    assert outputs == []


def test_a_task_that_fails_or_is_interrupted_says_that_it_stopped(outputs: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="no"):
        ended_by(ValueError("no"))
    with pytest.raises(KeyboardInterrupt, match="1 of 2 models were exported and kept in the cache; nothing was"):
        ended_by(KeyboardInterrupt())
    assert [each[-1] for each in outputs] == ["stopped: exporting 0 s"] * 2


def ended_by(error: BaseException) -> None:
    with _progress.of_python() as observe:
        observe("export", 1, 2, "a")
        raise error


def test_names_stay_text(outputs: list[list[str]]) -> None:
    with _progress.of_python() as observe:
        observe("export", 0, 1, "<b>a")
    assert outputs[0][0] == "exporting <b>a · 0 s"


@pytest.mark.parametrize("shell", [None, SimpleNamespace(), SimpleNamespace(kernel=None)])
def test_a_script_prints_nothing(
    shell: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    with _progress.of_python() as observe:
        for step in STEPS:
            observe(*step)
    assert capsys.readouterr() == ("", "")


def test_a_session_on_a_terminal_draws_as_commands_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda stream: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with _progress.of_python() as observe:
        observe("export", 1, 2, "one/standard")
    assert "2 of 2" in capsys.readouterr().err


def test_a_kernel_s_terminal_is_not_drawn_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``!costlens bench`` in a notebook has a terminal whose cursor cannot be moved."""
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda stream: True, raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    with _progress.progress(str) as observe:
        for step in STEPS:
            observe(*step)
    assert capsys.readouterr().err.splitlines() == [
        "exporting one/standard (1 of 2)", "exporting one/separable (2 of 2)", "timing one/standard, one/separable",
        "timing the layers of one standard",
    ]  # fmt: skip
