"""Budgets of a project and of flags: where they come from, which one holds, and what is wrong with them."""

import time
from pathlib import Path

import pytest

from costlens.spec import project
from costlens.spec.toml_places import places
from tests.cases.checked import BODY, lines
from tests.fakes.command_line import Run
from tests.places import ROOT

TOML = """\
[project]
name = "them"

[tool.costlens]
specs = ["nets/"]

[tool.costlens.budgets]
"nets/*.yaml" = {params = "1k", macs = "7k"}
"nets/m*.yaml" = {params = 107, weight_bytes = "1KiB"}
"nets/**" = {peak_activation_bytes = "2MiB", latency_ms = 40}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project's folder, which is the working directory: a spec of 108 parameters and 6,912 MACs, twice."""
    (tmp_path / "nets" / "deep").mkdir(parents=True)
    for name in ("mine", "yours"):
        (tmp_path / "nets" / f"{name}.yaml").write_text(f"name: {name}\n{BODY}", encoding="utf-8")
    (tmp_path / "nets" / "deep" / "theirs.yaml").write_text(f"name: theirs\n{BODY}", encoding="utf-8")
    (tmp_path / "nets" / "x.blocks.yaml").write_text("blocks: {}\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_of_several_globs_the_strictest_figure_holds(run: Run, here: Path) -> None:
    done = run("check", columns="120")
    assert done.returncode == 3
    shown = [" ".join(line.split()) for line in lines(done.stdout) if line.strip() and "──" not in line]
    assert shown == [
        "spec figure expected ours used headroom from",
        "theirs peak_activation_bytes ≤ 2MiB 1,792 B 0.1% 2.0 MiB left ok pyproject.toml:10",
        "theirs latency_ms ≤ 40 ms not measured pyproject.toml:10",
        "mine params ≤ 107 108 100.9% 1 over MISSED pyproject.toml:9",
        "mine macs ≤ 7k 6,912 98.7% 88 left ok pyproject.toml:8",
        "mine weight_bytes ≤ 1KiB 432 B 42.2% 592 B left ok pyproject.toml:9",
        "mine peak_activation_bytes ≤ 2MiB 1,792 B 0.1% 2.0 MiB left ok pyproject.toml:10",
        "mine latency_ms ≤ 40 ms not measured pyproject.toml:10",
        "yours params ≤ 1k 108 10.8% 892 left ok pyproject.toml:8",
        "yours macs ≤ 7k 6,912 98.7% 88 left ok pyproject.toml:8",
        "yours peak_activation_bytes ≤ 2MiB 1,792 B 0.1% 2.0 MiB left ok pyproject.toml:10",
        "yours latency_ms ≤ 40 ms not measured pyproject.toml:10",
        "a time is compared with --bench only",
        "Furthest over its budget: params of mine, by 1 (0.9%).",
        "3 specs, 8 figures: 1 missed, 3 not measured",
    ]
    (said,) = lines(done.stderr)
    assert said == "nets/mine.yaml: params is 108, over its budget of 107 (pyproject.toml:9) by 1 (0.9%)"


def test_each_source_is_judged_by_itself(run: Run, here: Path) -> None:
    (here / "nets" / "mine.yaml").write_text(f"name: mine\n{BODY}budget:\n  params: 200\n", encoding="utf-8")
    done = run("check", "nets/mine.yaml", "--budget", "params=50", columns="120")
    origins = [line.split()[-1] for line in lines(done.stdout) if "params  " in line]
    assert origins == ["5", "pyproject.toml:9", "--budget"]
    assert lines(done.stderr) == [
        "nets/mine.yaml: params is 108, over its budget of 107 (pyproject.toml:9) by 1 (0.9%)",
        "nets/mine.yaml: params is 108, over its budget of 50 (--budget) by 58 (116.0%)",
    ]


def test_the_nearest_settings_above_are_meant_and_paths_are_seen_from_here(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "nets" / "pyproject.toml").write_text('[project]\nname = "costlens-of-nothing"\n', encoding="utf-8")
    monkeypatch.chdir(here / "nets" / "deep")
    done = run("check", columns="100")
    assert done.returncode == 3
    (said,) = lines(done.stderr)
    assert said == "../mine.yaml: params is 108, over its budget of 107 (../../pyproject.toml:9) by 1 (0.9%)"
    (here / "nets" / "pyproject.toml").write_text("[tool.costlens]\n", encoding="utf-8")
    assert "nothing to compare" in run("check", "theirs.yaml").stdout


def test_settings_outside_the_repository_are_not_meant(here: Path) -> None:
    inner = here / "inner"
    (inner / ".git").mkdir(parents=True)
    assert project.find(here / "nets") == here / "pyproject.toml"
    assert project.find(inner) is None


def test_without_settings_the_folder_specs_is_meant(run: Run, here: Path) -> None:
    (here / "pyproject.toml").unlink()
    done = run("check")
    assert done.returncode == 2
    assert "no spec is named and there is no folder specs/ here" in done.stderr
    (here / "nets").rename(here / "specs")
    assert run("check").stdout.endswith("3 specs, 0 figures: nothing to compare\n")


# what stands in the file, what is said of it, at which line and column
WRONG = [
    ("[tool.costlens]\nspec = []\n", '2:1: tool.costlens.spec: unknown key (did you mean "specs"?)'),
    ("[tool.costlens]\nx = 1\n", "2:1: tool.costlens.x: unknown key; known: specs, budgets"),
    ("[tool.costlens]\nspecs = 'nets'\n", "2:1: tool.costlens.specs: expected a list of paths and globs"),
    ("[tool.costlens]\nspecs = [\n  'nets',\n  'nest'\n]\n", "2:1: tool.costlens.specs: nest: matches no spec"),
    ("[tool.costlens]\nspecs = ['/etc']\n", "2:1: tool.costlens.specs: /etc: expected a path or a glob relative"),
    ("[tool.costlens]\nspecs = ['']\n", "2:1: tool.costlens.specs: "),
    ("[tool.costlens]\nbudgets = 3\n", "2:1: tool.costlens.budgets: expected globs with their budgets"),
    ("[tool.costlens.budgets]\n'nets/*.yaml' = {params = '1k', maccs = 3}\n",
     '2:33: tool.costlens.budgets.nets/*.yaml.maccs: unknown figure (did you mean "macs"?)'),
    ("[tool.costlens.budgets.'nets/*.yaml']\n# limits\nsize = '1MB'\n",
     '3:1: tool.costlens.budgets.nets/*.yaml.size: unknown figure (did you mean "weight_bytes"?)'),
    ("[tool.costlens.budgets]\n'nets/*.yaml'.macs = true\n",
     "2:15: tool.costlens.budgets.nets/*.yaml.macs: expected a figure such as 4.2M, 569M or 3751369, received True"),
    ("[tool.costlens.budgets]\n'nets/*.yaml' = {weight_bytes = '1 pound'}\n",
     "2:18: tool.costlens.budgets.nets/*.yaml.weight_bytes: expected a size such as 14MB"),
    ("[tool.costlens.budgets]\n'nets/*.yaml' = {macs = -1}\n",
     "2:18: tool.costlens.budgets.nets/*.yaml.macs: expected a figure such as"),
    ("[tool.costlens.budgets]\n'nets/*.yaml' = 3\n", "2:1: tool.costlens.budgets.nets/*.yaml: expected figures"),
    ("[tool.costlens.budgets]\n'nest/*.yaml' = {params = 1}\n",
     "2:1: tool.costlens.budgets.nest/*.yaml: nest/*.yaml: matches no spec (*.yaml) and no model file; correct it, or "
     "take it out"),
    ("[tool.costlens.budgets]\n'**/*.blocks.yaml' = {params = 1}\n",
     "2:1: tool.costlens.budgets.**/*.blocks.yaml: **/*.blocks.yaml: matches no spec"),
    ("[tool.costlens.budgets]\n'nets/*.yaml' = {}\n",
     "2:1: tool.costlens.budgets.nets/*.yaml: limits nothing; give it figures, such as {macs = "),
    ("[tool.costlens.budgets]\n'nets/../../*.yaml' = {macs = 3}\n",
     "2:1: tool.costlens.budgets.nets/../../*.yaml: leaves this file's folder; write limits in a pyproject.toml at"),
    ("[tool.costlens.budgets]\n'nets/*.yaml' = {macs = '6,8k'}\n",
     "2:18: tool.costlens.budgets.nets/*.yaml.macs: expected a figure such as 4.2M, 569M or 3751369 "
     "(a decimal point, no comma; thousands as in 3,751,369), received '6,8k'"),
    ("[tool]\ncostlens = 3\n", "tool.costlens: expected a table with specs and budgets, received 3"),
    ("[tool.costlens]\nspecs = [\n", "2:1: not valid TOML: "),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_wrong_settings_are_named_at_their_line_and_specs_are_checked_all_the_same(
    run: Run, here: Path, text: str, message: str
) -> None:
    (here / "pyproject.toml").write_text(text, encoding="utf-8")
    done = run("check", "nets", "--budget", "params=107")
    assert done.returncode == 2
    place = "pyproject.toml: " if message.startswith("tool") else "pyproject.toml:"
    assert f"{place}{message}" in done.stderr
    assert "nets/mine.yaml: params is 108, over its budget of 107" in done.stderr
    assert lines(done.stdout)[-1].endswith("figures: 3 missed, errors in pyproject.toml")


def test_the_settings_of_the_documentation_are_read(here: Path) -> None:
    page = (ROOT / "docs" / "budgets.md").read_text(encoding="utf-8")
    (here / "pyproject.toml").write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    (here / "nets" / "deep").rename(here / "nets" / "mobile")
    (here / "nets").rename(here / "specs")
    (here / "models").mkdir()
    (here / "models" / "net.tflite").write_bytes(b"")
    read = project.read(here / "pyproject.toml")
    assert read.problems == ()
    limits = {limit.figure: limit.amount.value for limit in read.limits(here / "specs" / "mobile" / "theirs.yaml")}
    assert limits == {
        "peak_activation_bytes": 8 * 2**20, "params": 5e6, "macs": 6e8, "weight_bytes": 2e7, "latency_ms": 40,
    }  # fmt: skip
    limits = {limit.figure: limit.amount.value for limit in read.limits(here / "models" / "net.tflite")}
    assert limits == {"macs": 3e7, "weight_bytes": 5e5}


@pytest.mark.many
def test_the_places_of_a_long_file_take_no_time(here: Path) -> None:
    rows = "".join(f"'nets/{number}.yaml' = {{params = {number}, macs = [\n1]}}\n" for number in range(5_000))
    started = time.process_time()
    found = places(f"[tool.costlens.budgets]\n{rows}", ("tool", "costlens"))
    assert time.process_time() - started < 5  # 0.3 s; what reads all lines for each takes minutes
    assert found["tool", "costlens", "budgets", "nets/4999.yaml", "macs"] == (10_000, 36)


def test_places_of_keys_in_every_way_of_writing_them() -> None:
    text = (
        'first = """\n[tool.costlens]\n"""\n[tool.costlens]  # here\nspecs = [\n  "a = 1",\n]\n\n'
        '[tool.costlens.budgets]\n"a = b" = {macs = "macs = 1", params = 2}\n'
        '[tool.costlens.budgets."c"]\nmacs = """\n3"""\n[other]\nspecs = 3\n'
    )
    found = {path[2:]: place for path, place in places(text, ("tool", "costlens")).items()}
    assert found == {
        ("specs",): (5, 1),
        ("budgets",): (9, 16),
        ("budgets", "a = b"): (10, 1),
        ("budgets", "a = b", "macs"): (10, 12),
        ("budgets", "a = b", "params"): (10, 31),
        ("budgets", "c"): (11, 24),
        ("budgets", "c", "macs"): (12, 1),
    }
    specs = ("tool", "costlens", "specs")
    assert places("[tool]\r\ncostlens = {specs = []}\r\n", specs[:2]) == {specs: (2, 13)}
    assert places("[ tool . 'costlens' ]\nspecs = []\n", specs[:2]) == {specs: (2, 1)}
    assert places("tool.costlens.specs = []\n[x]\nspecs = []\n", specs[:2]) == {specs: (1, 15)}
