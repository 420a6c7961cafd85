"""A source is one file, which every command takes at once; a published table is one YAML file."""

from pathlib import Path

import pytest

from tests.fakes.command_line import Run
from tests.fakes.toy_rooms import toys

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


def test_a_source_is_counted_compared_and_checked_like_a_spec(tmp_path: Path) -> None:
    house = toys(tmp_path, {"costlens.sources/alias.py": ALIAS, "net.alias": SPEC})
    alias = house.file("net.alias")
    plain = house.costlens("count", SPEC, "--format", "csv")
    assert house.costlens("count", alias, "--format", "csv") == plain
    assert house.costlens("count", house.file(""), "--format", "csv") == plain
    assert "separable_example:standard" in house.costlens("compare", alias, SPEC, "--variant", "standard")
    assert "MISSED" in house.costlens("check", alias, "--budget", "macs=1", code=3)
    assert "the network is the same, layer for layer" in house.costlens("diff", alias, SPEC)


def test_a_published_table_is_one_yaml_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(ONE)
    (tmp_path / "table.yaml").write_text(TABLE)
    assert run("tables", str(tmp_path / "table.yaml")).returncode == 0
    page = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert "# A page of figures" in page
    assert "6,912" in page
    assert run("tables", str(tmp_path / "table.yaml"), "--check").returncode == 0
