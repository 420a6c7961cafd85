"""Budgets that are relative to a base: what may grow by how much, and what is said where there is no base."""

import json
from pathlib import Path

import pytest

from tests.cases.checked import BODY, lines
from tests.fakes.command_line import Run
from tests.fakes.git_repository import commit, git, write

GROWN = BODY.replace("filters: 4", "filters: 5")
"""135 parameters and 8,640 MACs: a quarter more than BODY's 108 and 6,912."""
TOML = '[tool.costlens]\nspecs = ["nets/"]\n[tool.costlens.budgets]\n"nets/*.yaml" = {macs = "+5%"}\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository whose main has a spec; HEAD is a branch of it."""
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, {"nets/net.yaml": f"name: net\n{BODY}", "pyproject.toml": TOML})
    git(tmp_path, "switch", "--quiet", "--create", "work")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("budget", "code", "said"), [
    ("macs=+5%", 3, "macs is 8,640, over its budget of +5% of 6,912 in main (--budget) by 1,383 (19.1%)"),
    ("macs=+24.9%", 3, "over its budget of +24.9% of 6,912 in main (--budget) by 7 (0.1%)"),
    ("macs=+25%", 0, ""),
    ("params=+30%", 0, ""),
    ("weight_bytes=-10 %", 3, "weight_bytes is 540, over its budget of -10 % of 432 in main (--budget) by 152 B"),
])  # fmt: skip
def test_what_may_grow_by_how_much(run: Run, here: Path, budget: str, code: int, said: str) -> None:
    write(here, {"nets/net.yaml": f"name: net\n{GROWN}", "pyproject.toml": "[tool.costlens]\n"})
    done = run("check", "nets/", "--base", "main", "--budget", budget)
    assert done.returncode == code
    assert said in done.stderr
    assert bool(done.stderr) == bool(said)


def test_settings_hold_such_a_budget_and_without_a_base_it_is_not_compared(run: Run, here: Path) -> None:
    write(here, {"nets/net.yaml": f"name: net\n{GROWN}"})
    missed = run("check", "--base", "main", columns="120")
    assert missed.returncode == 3
    shown = [" ".join(line.split()) for line in lines(missed.stdout)]
    assert "net macs ≤ +5% of 6,912 8,640 119.1% 1,383 over MISSED pyproject.toml:4" in shown
    idle = run("check", columns="120")
    assert (idle.returncode, idle.stderr) == (0, "")
    assert "a relative budget is compared with --base or --against only" in idle.stdout
    assert lines(idle.stdout)[-1] == "1 spec, 0 figures: 1 without a base"
    (figure,) = json.loads(run("check", "--base", "main", "--format", "json").stdout)["specs"][0]["figures"]
    assert (figure["wanted"], figure["base"], figure["value"], figure["verdict"]) == ("+5%", 6912, 7257, "missed")


def test_the_base_is_where_the_histories_parted(run: Run, here: Path) -> None:
    git(here, "switch", "--quiet", "main")
    commit(here, {"nets/net.yaml": f"name: net\n{GROWN}"})
    git(here, "switch", "--quiet", "work")
    done = run("check", "--base", "main", "--budget", "params=+0%")
    assert (done.returncode, done.stderr) == (0, "")
    assert "main has moved on: compared with where both parted" in done.stdout


def test_a_spec_that_was_moved_is_compared_with_what_it_was(run: Run, here: Path) -> None:
    write(here, {"nets/net.yaml": None, "nets/other.yaml": f"name: net\n{GROWN}"})
    assert "macs is 8,640, over its budget of +5% of 6,912 in main" in run("check", "--base", "main").stderr


@pytest.mark.parametrize(("files", "said"), [
    ({"nets/new.yaml": f"name: new\n{GROWN}"}, "new: macs +5% is not compared: it is not in main"),
    ({"nets/broken.yaml": f"name: broken\n{GROWN}"}, "broken: macs +5% is not compared: it cannot be read in main: "),
])  # fmt: skip
def test_what_has_no_base_is_said_and_fails_nothing(run: Run, here: Path, files: dict[str, str], said: str) -> None:
    git(here, "switch", "--quiet", "main")
    commit(here, {"nets/broken.yaml": "name: broken\ninput: [8]\nlayers: [{convv: 1}]\n"})
    git(here, "switch", "--quiet", "--create", "next")
    write(here, {"nets/broken.yaml": None, **files})
    done = run("check", "--base", "main", columns="200")
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout
    assert "1 without a base" in lines(done.stdout)[-1]
    assert said.partition("compared: ")[2] in run("check", "--base", "main", "--format", "github").stdout


@pytest.mark.parametrize(("arguments", "said"), [
    (("--budget", "macs=+5%"), "--budget macs=+5%: relative to what? name a revision with --base"),
    (("--base", "mian"), 'mian: no such revision (did you mean "main"?)'),
    (("--base", "main", "--budget", "macs=5%"), "expected a change with its sign, such as +5% or -10%"),
    (("--base", "main", "--budget", "macs=+5.%"), "expected a change with its sign, such as +5% or -10%"),
    (("--base", "main", "--budget", "latency_ms=+5%"), "costlens diff --base REVISION --bench compares times"),
])  # fmt: skip
def test_wrong_use_is_exit_2_with_one_line(run: Run, here: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run("check", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(lines(done.stderr)) == 1


def test_without_a_repository_there_is_no_base(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"net.yaml": f"name: net\n{BODY}"})
    monkeypatch.chdir(tmp_path)
    done = run("check", "net.yaml", "--base", "main")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no git repository" in done.stderr


def test_a_spec_s_own_budget_may_be_relative(run: Run, here: Path) -> None:
    write(here, {"nets/net.yaml": f"name: net\n{GROWN}budget: {{params: +5%}}\n"})
    done = run("check", "--base", "main")
    assert "nets/net.yaml:4:10: params is 135, over its budget of +5% of 108 in main by 22 (19.5%)" in done.stderr
