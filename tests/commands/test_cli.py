"""The command line itself: words → arguments, help, streams that cannot take what is written."""

import os
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pytest

from costlens.commands import command_names
from costlens.commands._cli import Argument, Option, arguments, help_text
from costlens.commands._overview import by_group
from costlens.errors import UsageError
from tests.fakes.command_line import Run
from tests.places import ROOT

EXAMPLE = "specs/separable_example.yaml"


class Colour(StrEnum):
    """A few words."""

    RED = "red"
    GREEN = "green"


def toy(
    first: Annotated[Path, Argument(help="A file.")],
    others: Annotated[list[str] | None, Argument(help="More.")] = None,
    output: Annotated[str, Option("--output", "-o")] = "x",
    times: Annotated[int | None, Option(min=1, max=9)] = None,
    colour: Annotated[Colour, Option(help="Of the line.")] = Colour.RED,
    set_: Annotated[list[str] | None, Option("--set", metavar="NAME=VALUE")] = None,
    quick: Annotated[bool, Option("--quick")] = False,
    rows: Annotated[bool | None, Option("--rows/--no-rows")] = None,
    share: Annotated[float | None, Option(parser=lambda text: int(text) / 100)] = None,
) -> None:
    """Do something with a file.

    More about it,
    on two lines.

    Example: costlens toy a --times 2
    """


UNSET: dict[str, Any] = {
    "others": None, "output": "x", "times": None, "colour": Colour.RED, "set_": None, "quick": False, "rows": None,
    "share": None,
}  # fmt: skip


@pytest.mark.parametrize(("words", "changed"), [
    ("a", {}),
    ("a b c", {"others": ["b", "c"]}),
    ("--quick a --rows b", {"quick": True, "rows": True, "others": ["b"]}),
    ("a --no-rows", {"rows": False}),
    ("a --rows --no-rows", {"rows": False}),
    ("a --output y", {"output": "y"}),
    ("a --output=y=z", {"output": "y=z"}),
    ("a --output=", {"output": ""}),
    ("a -o y", {"output": "y"}),
    ("a -oy", {"output": "y"}),
    ("a -o -1", {"output": "-1"}),
    ("a --times 9", {"times": 9}),
    ("a --times 1 --times 2", {"times": 2}),
    ("a --colour green", {"colour": Colour.GREEN}),
    ("a --set x=1 --set y=2", {"set_": ["x=1", "y=2"]}),
    ("a --share 50", {"share": 0.5}),
    ("a -- --quick", {"others": ["--quick"]}),
    ("a -", {"others": ["-"]}),
])  # fmt: skip
def test_words_become_arguments(words: str, changed: dict[str, Any]) -> None:
    assert arguments("toy", toy, words.split()) == {"first": Path("a"), **UNSET, **changed}


@pytest.mark.parametrize(("words", "says"), [
    ("", "costlens toy: the following arguments are required: FIRST; costlens toy --help shows what it takes"),
    ("a --quik", 'unrecognized arguments: --quik (did you mean "--quick"?)'),
    ("a --zzz", "unrecognized arguments: --zzz; costlens toy --help shows what it takes"),
    ("a -x", "unrecognized arguments: -x"),
    ("a --quick=yes", "argument --quick: ignored explicit argument 'yes'"),
    ("a --times", "argument --times: expected one argument; costlens toy --help shows what it takes"),
    ("a --times 0", "--times 0: expected a whole number from 1 to 9"),
    ("a --times 10", "--times 10: expected a whole number from 1 to 9"),
    ("a --times 1.5", "--times 1.5: expected a whole number from 1 to 9"),
    ("a --colour gren", '--colour gren: expected red, green (did you mean "green"?)'),
])  # fmt: skip
def test_words_that_are_no_arguments_are_one_sentence(words: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        arguments("toy", toy, words.split())
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_help_is_written_from_the_signature() -> None:
    text = help_text("toy", toy, 60)
    assert text.startswith("""\
usage: costlens toy [OPTIONS] FIRST OTHERS

Do something with a file.

More about it, on two lines.

Example: costlens toy a --times 2

""")
    words = " ".join(text.split())
    shown = ("FIRST A file.", "--colour red|green Of the line. Default: red.", "--set NAME=VALUE", "--rows, --no-rows")
    for line in shown:
        assert line in words
    assert max(map(len, text.splitlines())) <= 60


@pytest.mark.parametrize("asked", [("--help",), ("-h",), ("help",), ()])
def test_help_lists_every_command_and_its_purpose(run: Run, asked: tuple[str, ...]) -> None:
    done = run(*asked)
    assert (done.returncode, done.stderr) == (0, "")
    listed = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line.startswith("  ")}
    assert all(listed[name] for name in command_names())
    assert done.stdout.count("Example: costlens ") == len(by_group())
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("name", command_names())
def test_every_command_has_help_with_an_example_that_can_be_read(run: Run, name: str) -> None:
    done = run(name, "-h")
    assert done.returncode == 0
    assert done.stdout == run("help", name).stdout == run(name, "--help").stdout
    assert f"Example: costlens {name}" in done.stdout


@pytest.mark.parametrize(("words", "code", "says"), [
    (("verson",), 2, 'no such command (did you mean "version"?)'),
    (("-v",), 2, "costlens -v: no such option"),
    (("help", "cuont"), 2, 'costlens cuont: no such command (did you mean "count"?)'),
    (("count", "nothere.yaml", "--debg"), 2, 'unrecognized arguments: --debg (did you mean "--debug"?)'),
])  # fmt: skip
def test_what_is_no_command_is_one_line(run: Run, words: tuple[str, ...], code: int, says: str) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert says in done.stderr


@pytest.mark.parametrize("word", ["--version", "-V", "version"])
def test_version_is_asked_for_in_the_usual_ways(run: Run, word: str) -> None:
    assert run(word).stdout.startswith("costlens 0.")


def in_shell(script: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a shell script in which ``costlens`` is this one."""
    named = f'costlens() {{ "{sys.executable}" -m costlens "$@"; }}\n{script}'
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(["bash", "-c", named], cwd=ROOT, env=env, capture_output=True, check=False)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii"])
@pytest.mark.parametrize("command", [
    f"count {EXAMPLE}", "kinds", f"explain {EXAMPLE}", f"check {EXAMPLE}", f"check {EXAMPLE} --format junit",
    f"diff {EXAMPLE} {EXAMPLE}", "count nothere→×.yaml",
])  # fmt: skip
def test_a_pipe_is_utf_8_whatever_the_locale(encoding: str, command: str) -> None:
    plain, other = in_shell(f"costlens {command}"), in_shell(f"costlens {command}", PYTHONIOENCODING=encoding)
    assert (other.returncode, other.stdout, other.stderr) == (plain.returncode, plain.stdout, plain.stderr)
    (other.stdout + other.stderr).decode("utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(("script", "code", "says"), [
    (f"costlens count {EXAMPLE} > /dev/full", 2, b"costlens: no space left on device"),
    (f"costlens count {EXAMPLE} >&-", 0, b""),
    ("costlens count nothere.yaml 2>&-", 2, b""),
    (f"costlens count {EXAMPLE} | true; exit ${{PIPESTATUS[0]}}", 0, b""),
    ("mkdir -p $0.gone && cd $0.gone && rmdir ../$0.gone; costlens count x.yaml", 2, b"x.yaml: no such file"),
], ids=["full", "closed", "errors closed", "pipe closed", "folder gone"])  # fmt: skip
def test_output_that_goes_nowhere_is_no_fault_of_the_program(
    script: str, code: int, says: bytes, tmp_path: Path
) -> None:
    done = in_shell(f'cd "{tmp_path}"; ln -s "{ROOT}/specs"; {script}')
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stderr.count(b"\n") <= 1


@pytest.mark.parametrize("words", ["--debug count no.yaml", "count no.yaml --debug", "count --debug no.yaml"])
def test_debug_may_stand_before_or_after_the_command(words: str, run: Run) -> None:
    with pytest.raises(UsageError):
        run(*words.split())


@pytest.mark.parametrize(("columns", "widest"), [("60", 60), ("²", 100), ("0", 100), ("9" * 5000, 100), ("", 100)])
def test_the_width_is_that_of_columns_where_it_is_a_number(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str, widest: int
) -> None:
    monkeypatch.setenv("LINES", columns)
    done = run("kinds", "squeeze_excite", columns=columns)
    assert done.returncode == 0
    assert widest - 20 <= max(map(len, done.stdout.splitlines())) <= widest
