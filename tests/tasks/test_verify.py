"""Verifying many specs: what is kept, what is made again, and that a failure stops nothing. Exports are imitated."""

from dataclasses import replace
from pathlib import Path

import pytest

from costlens.errors import ExportError, RuntimeUnavailable, TooLarge, UsageError, most_severe
from costlens.results.verification import Verified
from costlens.sources._source import Asked
from costlens.tasks import _verification_file as verification_file
from costlens.tasks._proof import prove
from costlens.tasks._tools import Tools
from costlens.tasks.verify import verify
from tests.cases.counted import models
from tests.fakes.command_line import Run
from tests.fakes.fake_exports import Exports

SPEC = "input: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernel: 3}}, {conv: {filters: 4, kernel: 3}}]\nname: "
BROKEN = "name: broken\ninput: [8, 8, 3]\nlayers: [{conv: {filters: 4, kernal: 3}}]\n"


@pytest.fixture(autouse=True)
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs").mkdir()
    for name in ("one", "two", "three"):
        (tmp_path / "specs" / f"{name}.yaml").write_text(SPEC + name, encoding="utf-8")
    return tmp_path / "specs"


def kept(tmp_path: Path) -> list[str]:
    return sorted(file.name for file in (tmp_path / "cache").rglob("*") if file.is_file())


def verified(word: str, *variants: str) -> Verified:
    (found,) = verify([word], Asked(variants), tools=Tools())
    return found


def verdicts(verified: Verified) -> dict[str, str]:
    return {line.names: line.verdict for line in verified.spec.variants}


def test_the_facts_are_kept_and_the_file_is_not(exports: Exports, tmp_path: Path) -> None:
    first = verified("specs/one.yaml")
    assert (exports.made, kept(tmp_path)) == (["one"], ["facts.json", "whole.json"])
    (line,) = first.spec.variants
    assert (line.verdict, line.params, line.macs) == ("agrees", 112 + 148, 8 * 8 * (108 + 144))
    assert (line.output_difference, line.seconds, line.made) == (1e-6, 1.5, "2025-01-31")
    assert verified("specs/one.yaml") == first
    assert exports.made == ["one"]


def test_a_file_in_the_cache_lends_its_facts(exports: Exports) -> None:
    (model,) = models("specs/one.yaml")
    assert model.graph is not None
    proof = prove(model.graph, model.count)
    assert verified("specs/one.yaml").ledgers == (proof.ledger,)
    assert exports.made == ["one"]
    prove(model.graph, model.count)
    assert (exports.made, proof.path.read_bytes()) == (["one"], b"file")


@pytest.mark.parametrize(
    ("error", "words", "verdict"),
    [
        (ExportError("no such operator"), "no such operator", "failed"),
        (TooLarge("3 GB"), "3 GB", "too large"),
        (ValueError("shapes"), "ValueError: shapes (fake_exports.py:", "failed"),
    ],
)
def test_what_fails_is_told_and_the_rest_goes_on(
    error: Exception, words: str, verdict: str, exports: Exports, tmp_path: Path
) -> None:
    exports.raising["two"] = error
    found = verified("specs/two.yaml", "all")
    assert set(verdicts(found).values()) == {verdict}
    assert len(exports.made) == len(found.spec.variants) > 1
    assert found.spec.variants[0].problem.startswith(words)
    assert (most_severe(found.spec.failures).exit_code, kept(tmp_path)) == (5, [])
    exports.raising.clear()
    assert set(verdicts(verified("specs/two.yaml", "all")).values()) == {"agrees"}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeUnavailable("no tensorflow")])
def test_what_concerns_all_of_them_stops(error: BaseException, exports: Exports, tmp_path: Path) -> None:
    exports.raising["two"] = error
    with pytest.raises(type(error)):
        verified("specs/two.yaml")
    assert kept(tmp_path) == []


def test_a_disagreement_names_the_rows(exports: Exports) -> None:
    exports.change = lambda facts: replace(facts, keras_trainable=facts.keras_trainable + 1)
    found = verified("specs/one.yaml")
    assert (verdicts(found), most_severe(found.spec.failures).exit_code) == ({"as-written": "DISAGREES"}, 4)
    assert tuple(map(str, found.spec.failures)) == (
        "specs/one.yaml: as-written: trainable parameters: every row agrees, the totals do not; "
        "parameters: spec 260, Keras 261",
    )


def test_an_unknown_kind_is_said_before_anything_is_made(exports: Exports) -> None:
    with pytest.raises(UsageError, match='did you mean "separable"'):
        verified("specs/one.yaml", "as-written", "seperable")
    assert exports.made == []


def test_many_specs_are_a_line_each_and_the_most_severe_decides(run: Run, exports: Exports, specs: Path) -> None:
    (specs / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    exports.raising["three"] = MemoryError()
    done = run("verify", "specs", "--variant", "as-written", "-o", "reports/all.md")
    assert done.returncode == 2
    assert [line.split("·")[0].strip() for line in done.stdout.splitlines()] == [
        "specs/broken.yaml: cannot be read", "one", "three", "two", "reports/all.md",
        "not verified: 4 specs, 3 variants: 1 failed, 1 spec cannot be read.",
    ]  # fmt: skip
    assert 'kernal: unknown field (did you mean "kernel"?)' in done.stderr
    assert "specs/three.yaml: as-written: MemoryError" in done.stderr
    exports.raising.clear()
    (specs / "broken.yaml").unlink()
    done = run("verify", "specs", "--variant", "as-written", "-o", "reports/all.md")
    told = [f"verifying {name}/as-written" for name in ("one", "three", "two")]
    assert (done.returncode, done.stderr.splitlines(), exports.made) == (0, told, ["one", "three", "two", "three"])
    assert done.stdout.endswith("verified: 3 specs, 3 variants: every check agrees.\n")
    assert [spec.name for spec in verification_file.read(Path("reports/all.md")).specs] == ["one", "three", "two"]


def test_an_interrupted_run_leaves_what_it_had_found_and_goes_on_from_there(run: Run, exports: Exports) -> None:
    exports.raising["three"] = KeyboardInterrupt()
    done = run("verify", "specs", "--variant", "as-written", "-o", "all.md")
    said = "interrupted; nothing was verified; all.md holds what was found"
    assert (done.returncode, done.stderr.splitlines()[-1]) == (130, said)
    assert [spec.name for spec in verification_file.read(Path("all.md")).specs] == ["one"]
    exports.raising.clear()
    assert run("verify", "specs", "--variant", "as-written", "-o", "all.md").returncode == 0
    assert exports.made == ["one", "three", "three", "two"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-o", "all.txt"), "ends in .md"),
        (("-o", "all.md", "--set", "a=1"), "--set with --output"),
        (("--variant", "seperable"), "did you mean"),
    ],
)
def test_a_mistake_is_said_before_anything_is_made(
    arguments: tuple[str, ...], words: str, run: Run, exports: Exports
) -> None:
    done = run("verify", "specs", *arguments)
    assert (done.returncode, exports.made) == (2, [])
    assert words in done.stderr


def test_one_spec_shows_its_whole_ledgers(run: Run, exports: Exports) -> None:
    done = run("verify", "specs/one.yaml", "--variant", "as-written")
    assert "one · as-written: all agree" in done.stdout
    assert "non-trainable" in done.stdout
