"""A source is one file, which every command takes at once; a published table is one YAML file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.command_line import Run
from tests.places import ROOT

pytestmark = pytest.mark.process

ALIAS = '''
"""A file that holds the path of a spec."""

from dataclasses import replace
from pathlib import Path

from costlens.sources._source import Source
from costlens.sources._word import Word
from costlens.sources.spec import SpecSource


class AliasSource(Source):
    """What the spec yields, under the alias's own word."""

    what = "an alias (.alias)"
    suffixes = (".alias",)
    has_knobs = True
    has_variants = True

    def models(self, word, asked, *, variants):
        target = Path(word.path.read_text().strip())
        found = SpecSource().models(Word(str(target), target, word.settings), asked, variants=variants)
        return [replace(model, word=word, origin="alias") for model in found]
'''
MAIN = """
import sys
import costlens.sources
costlens.sources.__path__.append(sys.argv.pop(1))
from costlens.__main__ import main
main()
"""
SPEC = "specs/separable_example.yaml"
TABLE = """
title: A page of figures
source: Nobody
tables:
  - title: One convolution
    spec: spec.yaml
    figures:
      - {label: One, published: {macs: 6.9k, params: 108}}
"""
ONE = "name: one\ninput: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernel: 3, bias: false}}]\n"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "alias.py").write_text(ALIAS)
    (tmp_path / "net.alias").write_text(SPEC)
    return tmp_path


def costlens(room: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-c", MAIN, str(room / "sources"), *arguments],
        cwd=ROOT, env={"COLUMNS": "100", "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_a_source_is_counted_compared_and_checked_like_a_spec(room: Path) -> None:
    alias = str(room / "net.alias")
    assert costlens(room, "count", alias, "--format", "csv") == costlens(room, "count", SPEC, "--format", "csv")
    assert costlens(room, "count", str(room), "--format", "csv") == costlens(room, "count", SPEC, "--format", "csv")
    assert "separable_example:standard" in costlens(room, "compare", alias, SPEC, "--variant", "standard")
    assert "MISSED" in costlens(room, "check", alias, "--budget", "macs=1", code=3)
    assert "the network is the same, layer for layer" in costlens(room, "diff", alias, SPEC)


def test_a_published_table_is_one_yaml_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(ONE)
    (tmp_path / "table.yaml").write_text(TABLE)
    assert run("tables", str(tmp_path / "table.yaml")).returncode == 0
    page = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert "# A page of figures" in page
    assert "6,912" in page
    assert run("tables", str(tmp_path / "table.yaml"), "--check").returncode == 0
