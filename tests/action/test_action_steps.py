"""The action's steps one by one: where things are kept, what is installed again, what is handed on at any end."""

import shlex
import sys
from pathlib import Path

import pytest

from costlens.errors import MEANINGS
from tests.cases.action_scripts import Scripts, handed_on, scripts
from tests.fakes.actions_runner import program

__all__ = ["scripts"]


def test_each_extent_and_each_python_has_a_folder_and_a_key_of_its_own(
    scripts: Scripts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, found = scripts("plan"), []
    for bench, version, prefix in (
        ("false", "3.11.9", "/a"), ("true", "3.11.9", "/a"), ("false", "3.12.1", "/a"), ("false", "3.11.9", "/b"),
    ):  # fmt: skip
        monkeypatch.setenv("INPUT_BENCH", bench)
        monkeypatch.setattr(plan.platform, "python_version", lambda version=version: version)
        monkeypatch.setattr(sys, "base_prefix", prefix)
        plan.main()
        told = handed_on(tmp_path)
        found.append((told["environment"], told["environment-key"]))
    assert len({folder for folder, _ in found}) == len({key for _, key in found}) == len(found)


@pytest.mark.parametrize("works", [True, False])
def test_a_kept_environment_that_does_not_run_is_made_again(
    scripts: Scripts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, works: bool
) -> None:
    install, ran = scripts("install"), []
    monkeypatch.setattr(install, "_run", lambda *command: ran.append(command))
    place = tmp_path / "environment"
    monkeypatch.setenv("ENVIRONMENT", str(place))
    program(place / "bin" / "costlens", *(["true"] if works else ["/gone/python3"]))
    (place / "whole").touch()
    install.main()
    assert bool(ran) is not works
    assert works or ran[0][:4] == (sys.executable, "-m", "venv", "--clear")
    assert handed_on(tmp_path)["costlens"] == str(place / "bin" / "costlens")


def test_what_cannot_be_run_is_told_with_all_outputs(
    scripts: Scripts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COSTLENS", str(tmp_path / "gone"))
    assert scripts("run").main() == 5
    told = handed_on(tmp_path)
    assert (told["exit-code"], told["changed"], told["summary"]) == ("5", "", MEANINGS[5])
    assert "::error title=costlens::" in capsys.readouterr().out


def test_a_mistake_of_ours_hands_on_its_code(scripts: Scripts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = scripts("run")
    monkeypatch.setattr(run, "_ended_both", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        run.main()
    assert handed_on(tmp_path)["exit-code"] == "1"


def test_without_bench_nothing_is_said_of_how_to_time(
    scripts: Scripts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls.txt"
    program(tmp_path / "costlens", "sh", "-c", f'echo "$@" >> {shlex.quote(str(calls))}; echo "{{}}"', "costlens")
    monkeypatch.setenv("COSTLENS", str(tmp_path / "costlens"))
    for name, value in (("THRESHOLD", "5%"), ("TIME_BUDGET", "4m"), ("ALLOW_INCONCLUSIVE", "true")):
        monkeypatch.setenv(f"INPUT_{name}", value)
    run = scripts("run")
    monkeypatch.setattr(run.base, "commit", lambda: "f" * 40)
    for number, (bench, said) in enumerate((("false", 0), ("true", 2))):
        monkeypatch.setenv("INPUT_BENCH", bench)
        monkeypatch.setenv("INPUT_NAME", f"use{number}")
        calls.unlink(missing_ok=True)
        assert run.main() == 0
        text = calls.read_text(encoding="utf-8")
        assert [text.count(option) for option in ("--time-budget=4m", "--allow-inconclusive", "--bench")] == [said] * 3
        assert text.count("--threshold=5%") == said / 2


def test_one_job_writes_each_comment_once(
    scripts: Scripts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path / "costlens", "true")
    monkeypatch.setenv("COSTLENS", str(tmp_path / "costlens"))
    run, codes = scripts("run"), []
    for name, file in (("", ""), ("", ""), ("", "x.md"), ("mobile", ""), ("mobile", "x.md"), ("tiny", "y.md"),
                       ("small", "y.md"), ("-x", ""), ("a/b", ""), ("a" * 41, "")):  # fmt: skip
        (tmp_path / "runner" / "outputs.txt").unlink(missing_ok=True)
        monkeypatch.setenv("INPUT_NAME", name)
        monkeypatch.setenv("INPUT_COMMENT_FILE", file and str(tmp_path / file))
        codes.append(run.main())
        assert ("comment-file" in handed_on(tmp_path)) is (codes[-1] == 0), "what is refused is not uploaded"
    assert codes == [0, 2, 2, 0, 2, 0, 2, 2, 2, 2]
    assert capsys.readouterr().out.count("this job has written that comment already") == 4
