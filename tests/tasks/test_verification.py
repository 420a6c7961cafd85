"""The committed ledger of all specs: whole, current, and the page what its JSON says; and how a ledger is kept."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from costlens.errors import UsageError, most_severe_code
from costlens.formats.pages.verification import page as page_of
from costlens.results.stored import to_json
from costlens.results.verification import Verification, VerifiedSpec
from costlens.tasks import _verification_file as verification_file
from tests.cases.counted import FILES, variants_of
from tests.cases.results import FAILED, GOOD, MIXED, TOO_LARGE, WRONG, written
from tests.cases.results import verified as spec
from tests.places import ROOT

PAGE = ROOT / "reports" / "verification.md"
COMMAND = "run `costlens verify {} --variant all --output reports/verification.md`"


@cache
def committed() -> Verification:
    assert PAGE.with_suffix(".json").exists(), COMMAND.format("specs/")
    return Verification.from_json(PAGE.with_suffix(".json").read_text(encoding="utf-8"))


def proven(params: int | None) -> str:
    """Return the verdict of a variant: an ONNX file holds 2 GB."""
    return "agrees" if (params or 0) * 4 <= 2_000_000_000 else "too large"


@pytest.mark.many
class TestTheCommittedOne:
    def test_the_page_and_the_json_are_what_their_value_writes(self) -> None:
        found, stale = committed(), COMMAND.format(FILES[0])
        assert to_json(found) == PAGE.with_suffix(".json").read_text(encoding="utf-8"), stale
        assert written(page_of(found), "markdown") == PAGE.read_text(encoding="utf-8"), stale

    def test_it_holds_the_specs_there_are(self) -> None:
        assert [spec.file for spec in committed().specs] == list(FILES), COMMAND.format("specs/")

    @pytest.mark.parametrize("file", FILES)
    def test_every_variant_agrees_with_what_the_spec_counts_today(self, file: str) -> None:
        lines = [line for spec in committed().specs if spec.file == file for line in spec.variants]
        written = [(line.names, line.params, line.macs, line.deployed_params, line.verdict) for line in lines]
        today = [
            (" = ".join((m.variant, *m.also)), t.params, t.macs, t.deployed_params, proven(t.params))
            for m in variants_of(file)
            for t in [m.totals]
        ]
        assert written == today, COMMAND.format(file)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ((spec("a", GOOD),), 0),
        ((spec("b", GOOD, WRONG),), 4),
        ((spec("b", WRONG, FAILED),), 5),
        (MIXED.specs, 2),
        ((spec("a", GOOD, TOO_LARGE),), 0),
        ((spec("a", TOO_LARGE),), 5),
    ],
)
def test_the_most_severe_found_is_the_exit_code(found: tuple[VerifiedSpec, ...], code: int) -> None:
    failures = Verification(Verification.SCHEMA, found).failures
    assert most_severe_code(failure.exit_code for failure in failures) == code


def test_it_survives_json_whatever_it_says() -> None:
    assert Verification.from_json(to_json(MIXED)) == MIXED


@pytest.mark.parametrize("text", ["{}", "{", json.dumps({"schema": "costlens.verification/0", "specs": []})])
def test_another_document_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="verify the specs again"):
        Verification.from_json(text)


def test_the_page_names_what_is_wrong_and_on_what_it_was_found() -> None:
    page = written(page_of(MIXED), "markdown")
    assert "**3 specs, 4 variants: 1 disagrees, 1 failed, 1 spec cannot be read.**" in page
    assert "- specs/b.yaml: grouped: MACs: 1 &#124; 2" in page
    assert "- 3 min 4 s to build, export and compare, one after the other, 2025-01-31" in page
    assert "- 2 specs on Some CPU, 2 cores, 8.0 GiB, Linux 6, Python 3.11.7; costlens 0.1, keras 3.15" in page
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]
    assert rows[2] == ["a", "as-written = standard", "10", "200", "9", "3.0e-07", "0", "agrees", "61.3"]
    assert rows[4] == ["", "grouped", "10", "200", "9", "inf", "0", "**DISAGREES**", "61.3"]
    assert rows[5] == ["", "factorized", "10", "200", "9", "", "", "**failed**", ""]
    assert rows[6] == ["specs/c.yaml", *[""] * 6, "**cannot be read**", ""]


def test_a_variant_too_large_for_a_file_is_said_and_is_no_failure_beside_one_that_agrees() -> None:
    page = page_of(Verification(Verification.SCHEMA, (spec("a", GOOD, TOO_LARGE),)))
    assert page.summary == "1 spec, 2 variants: every check agrees, 1 too large."
    assert [finding.level for finding in page.findings] == ["", ""]
    assert "- 3.3 GB, a file holds 2 GB" in written(page, "markdown")
    alone = Verification(Verification.SCHEMA, (spec("a", TOO_LARGE),))
    assert page_of(alone).summary == "1 spec, 1 variant: 1 too large."


class TestKeptInAFile:
    @pytest.fixture(autouse=True)
    def page(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "specs").mkdir()
        for name in "abc":
            (tmp_path / "specs" / f"{name}.yaml").touch()
        page = Path("reports") / "verification.md"
        verification_file.prepare(page)
        return page

    def test_a_spec_takes_its_place_and_the_others_stay(self, page: Path) -> None:
        for found in (spec("b", GOOD), spec("a", replace(GOOD, params=1)), spec("b", GOOD, FAILED), spec("a", GOOD)):
            verification_file.include(page, found)
        assert verification_file.read(page).specs == (spec("a", GOOD), spec("b", GOOD, FAILED))
        assert page.read_text(encoding="utf-8") == written(page_of(verification_file.read(page)), "markdown")
        assert sorted(path.name for path in page.parent.iterdir()) == ["verification.json", "verification.md"]

    def test_variants_not_looked_at_keep_their_lines(self, page: Path) -> None:
        verification_file.include(page, spec("a", GOOD, WRONG))
        verification_file.include(page, spec("a", replace(WRONG, verdict="agrees")))
        (found,) = verification_file.read(page).specs
        assert found.variants == (GOOD, replace(WRONG, verdict="agrees"))

    def test_one_that_is_equal_to_another_by_now_leaves_its_place(self, page: Path) -> None:
        verification_file.include(page, spec("a", replace(GOOD, also=()), WRONG))
        verification_file.include(page, spec("a", replace(GOOD, also=(WRONG.variant,))))
        (found,) = verification_file.read(page).specs
        assert found.variants == (replace(GOOD, also=(WRONG.variant,)),)

    def test_elsewhere_the_ledger_keeps_its_specs(self, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        there = page.resolve()
        verification_file.include(there, spec("a", GOOD))
        monkeypatch.chdir(there.parent)
        verification_file.include(there, spec("b", GOOD))
        assert [found.name for found in verification_file.read(there).specs] == ["a", "b"]

    def test_a_spec_that_has_gone_goes(self, page: Path) -> None:
        verification_file.include(page, spec("a", GOOD))
        Path("specs/a.yaml").unlink()
        verification_file.include(page, spec("b", GOOD))
        assert [found.name for found in verification_file.read(page).specs] == ["b"]

    @pytest.mark.parametrize("text", ["", "{}", '{"schema": "costlens.verification/0", "specs": []}', "\udcff"])
    def test_what_is_no_ledger_is_replaced(self, page: Path, text: str) -> None:
        page.with_suffix(".json").write_text(text, encoding="utf-8", errors="surrogateescape")
        verification_file.include(page, spec("a", GOOD))
        assert verification_file.read(page).specs == (spec("a", GOOD),)

    @pytest.mark.parametrize(("page", "words"), [("x.txt", "ends in .md"), ("/proc/nowhere/x.md", "cannot be written")])
    def test_where_it_cannot_be_is_said_first(self, page: str, words: str) -> None:
        with pytest.raises(UsageError, match=words):
            verification_file.prepare(Path(page))
