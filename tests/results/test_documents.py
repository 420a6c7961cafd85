"""The JSON that commands write: its JSON Schema in the package is current, and what is written validates.

Renew the schemas after a wanted change with: COSTLENS_RENEW_GOLDEN=1 python -m pytest tests/results/test_documents.py
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from costlens.results.exploration import Exploration, ExploredPoint, FrontAxis
from costlens.results.stored import DOCUMENTS, json_pieces, made_schema, stored_schema, to_json
from tests.fakes.command_line import Run
from tests.places import GOLDEN, ROOT

SCHEMAS = ROOT / "costlens" / "results" / "schemas"
SPEC = "name: x\ninput: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernel: 3}}]\nbudget: {params: 107, latency_ms: 3}\n"


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(stored_schema(name)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_schema_in_the_package_is_current(name: str) -> None:
    text = json.dumps(made_schema(name), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("COSTLENS_RENEW_GOLDEN"):
        (SCHEMAS / f"{name}.json").write_text(text, encoding="utf-8")
    assert stored_schema(name) == text
    Draft202012Validator.check_schema(json.loads(text))


def test_every_schema_is_of_a_document() -> None:
    assert {path.stem for path in SCHEMAS.glob("*.json")} == set(DOCUMENTS)


@pytest.fixture
def checked(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("name: broken\n", encoding="utf-8")
    document: dict[str, Any] = json.loads(run("check", "x.yaml", "broken.yaml", "none.yaml", "--format", "json").stdout)
    return document


def test_a_check_validates(checked: dict[str, Any]) -> None:
    assert [error.message for error in validator("check").iter_errors(checked)] == []
    assert checked["schema"] == "costlens.check/1"
    assert checked["exit_code"] == 2


STORED = {path: json.loads(path.read_text(encoding="utf-8")) for path in sorted(GOLDEN.rglob("*.json"))}
NAMES = {path: document["schema"].split("/")[0].removeprefix("costlens.") for path, document in STORED.items()}
WRITTEN = [path for path, name in NAMES.items() if name in DOCUMENTS]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_every_golden_document_validates(path: Path) -> None:
    assert [error.message for error in validator(NAMES[path]).iter_errors(STORED[path])] == []


def test_there_are_golden_documents_of_every_kind() -> None:
    assert {NAMES[path] for path in WRITTEN} == set(DOCUMENTS)


CHANGES = [
    ({"schema": "costlens.check/2"}, "'costlens.check/1' was expected"),
    ({"exit_code": "2"}, "'2' is not of type 'integer'"),
    ({"more": 1}, "'more' was unexpected"),
]


@pytest.mark.parametrize(("change", "message"), CHANGES)
def test_what_is_no_check_does_not_validate(checked: dict[str, Any], change: dict[str, Any], message: str) -> None:
    (error,) = validator("check").iter_errors({**checked, **change})
    assert message in error.message


def test_the_command_prints_them(run: Run) -> None:
    assert run("schema", "check").stdout == stored_schema("check")
    done = run("schema", "chekc")
    assert done.returncode == 2
    known = "spec, advice, check, comparison, diff, exploration, prediction"
    assert f'schema chekc: expected {known} (did you mean "check"?)' in done.stderr


@pytest.mark.parametrize("points", [1, 999, 2_500])
def test_a_long_document_is_the_same_text_in_pieces(points: int) -> None:
    one = ExploredPoint(("0.5", "standard"), None, 'a size of 3 ÷ 2\nis "no" whole number', front=True)
    found = Exploration(
        Exploration.SCHEMA, "n", "", ("alpha", "kind:*"), {"k": 1}, (), (FrontAxis("macs"),), (one,) * points
    )
    pieces = [*json_pieces(found)]
    assert "".join(pieces) == to_json(found) == TypeAdapter(Exploration).dump_json(found, indent=2).decode() + "\n"
    assert max(map(len, pieces)) < 300_000
