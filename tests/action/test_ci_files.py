"""The YAML that runs elsewhere, read: what it may do, whose code it runs, that it holds no script."""

import doctest
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from costlens.errors.packages import BASE, PACKAGES
from tests.cases.action_scripts import Scripts, scripts
from tests.fakes.actions_runner import OURS, ROOT, read
from tests.fakes.git_repository import write
from tests.fakes.pull_request import FILES, FIRST, IN_CI, SECOND, PullRequest

__all__ = ["scripts"]
ACTION = read((ROOT / "action.yml").read_text(encoding="utf-8"))
PLACES = ["action.yml", *sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / ".github").rglob("*.yml"))]
DOCUMENTS = {place: (ROOT / place).read_text(encoding="utf-8") for place in PLACES} | {
    f"docs: {path}": text for path, text in FILES.items() if path.startswith(".github/")
}
WORKFLOWS = [name for name, text in DOCUMENTS.items() if "\njobs:" in text]
PERMISSIONS = {
    FIRST: {"contents": "read"},
    SECOND: {"actions": "read", "pull-requests": "write"},
    ".github/workflows/ci.yml": {"contents": "read"},
    ".github/workflows/comment.yml": {"actions": "read", "contents": "read", "pull-requests": "write"},
}
SCRIPT = re.compile(r'(?:"\$PYTHON"|python3) "\$GITHUB_ACTION_PATH/([\w./]+\.py)"|\.ci/run')
COLOURS = {"white", "black", "yellow", "blue", "green", "orange", "red", "purple", "gray-dark"}


def steps(name: str) -> list[dict[str, Any]]:
    document = read(DOCUMENTS[name])
    jobs = document.get("jobs", {}).values() if "jobs" in document else [document.get("runs", {})]
    return [step for job in jobs for step in job.get("steps", [])]


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if "dependabot" not in name])
def test_every_step_is_one_script_or_one_action(name: str) -> None:
    found = steps(name)
    assert found
    for step in found:
        assert ("run" in step) != ("uses" in step)
        if "run" in step:
            script = SCRIPT.fullmatch(step["run"])
            assert script, step["run"]
            folder = ROOT if name == "action.yml" else (ROOT / name).parent
            assert script[1] is None or (folder / script[1]).is_file()


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_do_no_more_than_it_must(name: str) -> None:
    document = read(DOCUMENTS[name])
    for job in document["jobs"].values():
        assert (job.get("permissions") or document["permissions"]) == PERMISSIONS[name.removeprefix("docs: ")]
    assert "pull_request_target" not in DOCUMENTS[name]
    assert "secrets" not in DOCUMENTS[name]
    for step in steps(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_actions_of_others_are_pinned_by_commit_and_the_documentation_names_the_same_versions() -> None:
    pinned: dict[str, set[str]] = {}
    for place in PLACES:
        for uses in re.findall(r"uses: (.+)", DOCUMENTS[place]):
            if not uses.startswith("./"):
                pin = re.fullmatch(r"(actions/[\w/-]+)@([0-9a-f]{40} # v(\d+)\.\d+\.\d+)", uses)
                assert pin, f"{place}: {uses}"
                pinned.setdefault(pin[1], set()).add(f"v{pin[3]}")
                pinned.setdefault(f"{pin[1].split('/')[1]} by commit", set()).add(pin[2])
    assert {name: found for name, found in pinned.items() if len(found) > 1} == {}
    for text in FILES.values():
        for action, version in re.findall(r"uses: ([\w./-]+)@(\S+)", text):
            assert action in OURS or {version} == pinned[action]


def test_what_the_action_is_given_reaches_its_scripts_and_what_they_hand_on_is_known() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "action").glob("*.py"))
    taken = re.findall(r"\$\{\{ (inputs|steps)\.([\w.-]+) \}\}", DOCUMENTS["action.yml"])
    assert {name for kind, name in taken if kind == "inputs"} == ACTION["inputs"].keys()
    handed = {name.rpartition(".")[2] for kind, name in taken if kind == "steps"} - {"python-path"}
    assert handed == set(re.findall(r'hand_on\("([\w-]+)"', code))
    given = {name for step in ACTION["runs"]["steps"] for name in step.get("env", {}) if name.startswith("INPUT_")}
    assert all(re.search(rf'"{name.removeprefix("INPUT_")}"', code) for name in given)
    for step in ACTION["runs"]["steps"]:
        for name, value in step.get("env", {}).items():
            if name.startswith("INPUT_"):
                assert value == f"${{{{ inputs.{name.removeprefix('INPUT_').lower().replace('_', '-')} }}}}"


@pytest.mark.parametrize("name", ["run", "mentions"])
def test_the_examples_in_the_scripts_hold(scripts: Scripts, name: str) -> None:
    assert doctest.testmod(scripts(name)) == (0, 1)


def test_the_marketplace_takes_it() -> None:
    assert (ROOT / "action.yml").is_file()
    assert {"name", "description", "author", "branding"} <= ACTION.keys()
    assert len(ACTION["description"]) < 125
    assert ACTION["branding"]["color"] in COLOURS
    assert all(each["description"] for each in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))


def test_the_readme_lists_the_inputs() -> None:
    rows = re.findall(r"^\| `([\w-]+)` *\| (.*?) *\|$", IN_CI, re.MULTILINE)
    assert rows == [(name, each["description"]) for name, each in ACTION["inputs"].items()]


LOADED = """
import json, sys
before = set(sys.modules)
from costlens.__main__ import main
sys.argv = ["costlens", *{arguments!r}]
try:
    main()
finally:
    print("loaded:", json.dumps(sorted({{name.partition(".")[0] for name in sys.modules.keys() - before}})))
"""


@pytest.mark.parametrize("arguments", [
    ("check", "--format=github"), ("check", "--format=terminal"),
    ("diff", "--base=HEAD", "--format=github"), ("diff", "--base=HEAD", "--format=terminal"),
    ("diff", "--base=HEAD", "--format=json"),
], ids=" ".join)  # fmt: skip
def test_the_base_is_enough_for_what_the_action_runs_without_bench(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    spec = "name: tiny\ninput: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernel: 3}}]\n"
    place = PullRequest(tmp_path, {"specs/tiny.yaml": spec}, {}).origin
    write(place, {"specs/tiny.yaml": spec.replace("4", "8")})
    code = LOADED.format(arguments=[*arguments, f"--comment={tmp_path / 'comment.md'}", "specs/tiny.yaml"])
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=place, capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout.rpartition("loaded: ")[2])
    owners = metadata.packages_distributions()
    used = {owner for name in loaded if name != "costlens" for owner in owners.get(name, ())}
    assert "ruamel.yaml" in used
    assert used <= needed(package for package, part in PACKAGES.items() if part == BASE)


def needed(names: Iterable[str]) -> set[str]:
    """Return packages and all that they depend on."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = metadata.distribution(left.pop()).name
        if name not in found:
            found.add(name)
            wants = [line for line in metadata.requires(name) or () if "extra ==" not in line]
            left += [re.split(r"[^\w.-]", line)[0] for line in wants if _is_installed(re.split(r"[^\w.-]", line)[0])]
    return found


def _is_installed(name: str) -> bool:
    try:
        return bool(metadata.distribution(name))
    except metadata.PackageNotFoundError:
        return False


def test_the_second_workflow_waits_for_the_first() -> None:
    first, second = read(FILES[FIRST]), read(FILES[SECOND])
    assert second["on"]["workflow_run"]["workflows"] == [first["name"]]
    own = (read(DOCUMENTS[f".github/workflows/{name}.yml"]) for name in ("ci", "comment"))
    assert next(own)["name"] in next(own)["on"]["workflow_run"]["workflows"]
