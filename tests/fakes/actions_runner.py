"""Runs the steps of a GitHub workflow or of a composite action for real, as far as they are scripts.

Understood is what the files of this project use: ``run`` with bash, ``uses`` of actions in this repository, ``with``,
``env``, ``if``, ``id``, ``continue-on-error``, inputs, outputs and expressions of names, strings, ``==``, ``!=``,
``!``, ``&&``, ``||`` and ``always()``. Anything else is an error. Actions of others are stood in for by functions.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.places import ROOT

OURS = {"OWNER/costlens": ROOT, "OWNER/costlens/.github/comment": ROOT / ".github" / "comment"}
"""The addresses of this repository's actions in docs/ci.md, and where they are."""

Values = Mapping[str, str]
Action = Callable[[Values], Values]
"""What stands in for an action of others: its inputs → its outputs; CalledProcessError where it fails."""

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_][\w.-]*)(?P<call>\(\))?|(?P<text>'[^']*')|(?P<mark>==|!=|!|&&|\|\||[()]))"
)
_MARKS = {"&&": " and ", "||": " or ", "!": " not "}
_EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TAKEN_OVER = ("PATH", "HOME", "LANG", "PYTHONDONTWRITEBYTECODE", "PIP_NO_BUILD_ISOLATION", "PIP_NO_INDEX")
_KNOWN = {"id", "name", "if", "run", "shell", "uses", "with", "env", "continue-on-error"}


def read(text: str) -> Any:
    """Return a YAML 1.2 document."""
    return YAML(typ="safe", pure=True).load(text)


@dataclass
class Job:
    """One job of a workflow: where it runs, what GitHub tells it, what stands in for actions of others."""

    workspace: Path
    temp: Path
    github: dict[str, Any]
    actions: Mapping[str, Action]
    environment: dict[str, str] = field(default_factory=dict)
    log: str = ""
    failed: bool = False
    outputs: dict[str, Values] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.temp.mkdir(parents=True, exist_ok=True)
        self.summary.touch()

    @property
    def summary(self) -> Path:
        """The file that becomes the job's summary."""
        return self.temp / "summary.md"

    def run(self, workflow: str, name: str) -> Job:
        """Run a job of a workflow, unless its condition does not hold."""
        (job,) = (job for job_name, job in read(workflow)["jobs"].items() if job_name == name)
        if self._holds(job.get("if", "always()"), {}):
            self.outputs = self._steps(job["steps"], {}, "")
        return self

    def use(self, action: Path, given: Values) -> Values:
        """Run a composite action with these inputs; return its outputs."""
        stated = read((action / "action.yml").read_text(encoding="utf-8"))
        declared = stated.get("inputs") or {}
        assert given.keys() <= declared.keys(), f"{action}: has no inputs {given.keys() - declared.keys()}"
        inputs = {name: given.get(name, each.get("default", "")) for name, each in declared.items()}
        assert stated["runs"]["using"] == "composite"
        steps = self._steps(stated["runs"]["steps"], inputs, str(action))
        context = {"inputs": inputs, "steps": steps}
        return {name: self._filled(each["value"], context) for name, each in (stated.get("outputs") or {}).items()}

    def _steps(self, steps: list[dict[str, Any]], inputs: Values, action_path: str) -> dict[str, Values]:
        done: dict[str, Values] = {}
        for step in steps:
            assert step.keys() <= _KNOWN, step.keys() - _KNOWN
            context: dict[str, Any] = {"inputs": inputs, "steps": done}
            condition = str(step.get("if", "true == true"))
            if not self._holds(condition, context) or (self.failed and "always()" not in condition):
                continue
            before, self.failed = self.failed, False
            outputs = self._shell(step, context, action_path) if "run" in step else self._used(step, context)
            self.failed = before or (self.failed and not step.get("continue-on-error", False))
            if "id" in step:
                done[step["id"]] = outputs
        return done

    def _used(self, step: dict[str, Any], context: Mapping[str, Any]) -> Values:
        given = {name: self._filled(str(value), context) for name, value in (step.get("with") or {}).items()}
        name = step["uses"].partition("@")[0]
        if name in OURS or name.startswith("./"):
            return self.use(OURS.get(name, self.workspace / name), given)
        try:
            return self.actions[name](given)
        except subprocess.CalledProcessError as error:
            self.log += f"{name} failed: {error}\n"
            self.failed = True
            return {}

    def _shell(self, step: dict[str, Any], context: Mapping[str, Any], action_path: str) -> Values:
        assert action_path == "" or step["shell"] == "bash"
        given = {name: self._filled(str(value), context) for name, value in (step.get("env") or {}).items()}
        script, outputs = self.temp / "script.sh", self.temp / "outputs.txt"
        script.write_text(self._filled(step["run"], context), encoding="utf-8")
        outputs.write_text("", encoding="utf-8")
        told = {f"GITHUB_{name.upper()}": value for name, value in self.github.items() if isinstance(value, str)}
        told |= {"GITHUB_ACTIONS": "true", "CI": "true", "RUNNER_TEMP": str(self.temp)}
        told |= {"GITHUB_WORKSPACE": str(self.workspace), "GITHUB_ACTION_PATH": action_path}
        told |= {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(self.summary)}
        kept = {name: os.environ[name] for name in _TAKEN_OVER if name in os.environ}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace,
            env=kept | told | self.environment | given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.log += done.stdout.decode(errors="replace")
        self.failed = done.returncode != 0
        return _outputs(outputs.read_text(encoding="utf-8"))

    def _holds(self, condition: str, context: Mapping[str, Any]) -> bool:
        return bool(self._value(condition.removeprefix("${{").removesuffix("}}"), context))

    def _filled(self, text: str, context: Mapping[str, Any]) -> str:
        return _EMBEDDED.sub(lambda found: _shown(self._value(found[1], context)), text)

    def _value(self, expression: str, context: Mapping[str, Any]) -> Any:
        """Evaluate an expression: it is put together from known tokens only."""
        known = {"github": self.github, "runner": {"temp": str(self.temp)}, **context}
        words, place, rest = [], 0, expression.rstrip()
        while place < len(rest):
            token = _TOKEN.match(rest, place)
            assert token, f"not understood: {expression}"
            place = token.end()
            if token["name"]:
                always = token["call"] or token["name"] == "true"
                assert not always or token["name"] in {"always", "true"}, expression
                words.append("True" if always else repr(_looked_up(known, token["name"])))
            else:
                words.append(token["text"] or _MARKS.get(token["mark"], token["mark"]))
        return eval("".join(words), {"__builtins__": {}})


def _looked_up(known: Mapping[str, Any], name: str) -> str:
    """Return what a name stands for; what is not there is empty, as GitHub has it."""
    value: Any = known
    for part in name.split("."):
        if part == "outputs":
            continue
        assert value is not known or part in known, f"no such context: {name}"
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return value if isinstance(value, str) else str(value)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _outputs(text: str) -> dict[str, str]:
    """Read a file of outputs as the runner does: ``name=value``, or ``name<<end`` and lines up to ``end``."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, mark, rest = re.split(r"(<<|=)", line, maxsplit=1)
        if mark == "=":
            found[name] = rest
        else:
            found[name] = "\n".join(iter(lines.__next__, rest))
    return found


def program(path: Path, *command: str) -> None:
    """Write a program that runs this command with its own arguments behind it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
