"""``--record`` and ``costlens history``: what a command finds is kept, found again, compared, moved and removed."""

import csv
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import costlens as cl
from costlens.errors import SpecError, UsageError
from costlens.results.history import Entry, History
from costlens.spec.project import Keeping, keeping
from costlens.tasks.history.dates import moment
from tests.cases.small import ONE, TWO, write_report
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop
from tests.fakes.git_repository import commit, git

MACS = 6_912


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Workshop) -> Workshop:
    """Work in a repository of two specs, where nothing real is exported or timed, with a history of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSTLENS_DB", str(tmp_path / "h.db"))
    git(tmp_path, "init", "--template=", "--quiet")
    commit(tmp_path, {"one.yaml": ONE, "two.yaml": TWO})
    return work


def held(**options: object) -> History:
    return cl.history("list", **options)  # type: ignore[call-overload, no-any-return]


def entries() -> list[Entry]:
    return [one for run in held().runs for one in run.entries]


# command, the networks with their variants that its run holds
RECORDING: list[tuple[str, list[tuple[str, str]]]] = [
    ("count one.yaml two.yaml", [("one", "as-written"), ("two", "as-written")]),
    ("count one.yaml --kind conv1=separable", [("one", "mixed: conv1=separable")]),
    ("compare one.yaml two.yaml", [("one", "as-written"), ("two", "as-written")]),
    ("compare one.yaml two.yaml --bench", [("one", "as-written"), ("two", "as-written")]),
    ("bench one.yaml two.yaml", [("one", "as-written"), ("two", "as-written")]),
    ("profile one.yaml", [("one", "as-written")]),
    ("sweep one.yaml --variant as-written --threads 1,2", [("one", "as-written")] * 2),
    ("report one.yaml --variant as-written -o reports", [("one", "as-written")]),
    ("explore one.yaml --set width=4,8 --kind *=standard,separable",
     [("one", "standard"), ("one", "separable")] * 2),
    ("check one.yaml --budget macs=1M", [("one", "as-written")]),
]  # fmt: skip
TIMED = ("compare one.yaml two.yaml --bench", "bench", "profile", "sweep", "report")


@pytest.mark.parametrize(("command", "networks"), RECORDING, ids=[command for command, _ in RECORDING])
def test_a_command_keeps_what_it_found(
    command: str, networks: list[tuple[str, str]], here: Workshop, run: Run
) -> None:
    assert run(*command.split()).returncode == 0
    done = run(*command.split(), "--record")
    assert "recorded as run 1 of" in done.stdout, done
    (kept,) = held().runs
    assert (kept.command, kept.dirty, kept.exit_code, len(kept.commit)) == (command.partition(" ")[0], False, 0, 40)
    assert [(one.name, one.variant) for one in kept.entries] == networks
    assert all(one.figures.macs and one.knobs in ("width=4", "width=8") and one.digest for one in kept.entries)
    assert all((one.latency_ms is not None) == command.startswith(TIMED) for one in kept.entries)
    assert all(bool(one.fingerprint) == (one.latency_ms is not None) for one in kept.entries)
    shown = run("history", "show", "1")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "one" in shown.stdout


def test_what_a_document_says_is_kept_whole(here: Workshop, run: Run) -> None:
    printed = run("count", "one.yaml", "--record", "--format", "json").stdout
    stored = cl.history("show", 1)
    assert [one.totals.macs for one in stored.results] == [MACS]
    assert json.loads(printed)["models"][0]["totals"]["macs"] == MACS
    assert stored.render("json").count('"macs": 6912') == printed.count('"macs": 6912')


def test_what_differs_from_the_commit_is_marked(here: Workshop, run: Run) -> None:
    Path("one.yaml").write_text(ONE.replace("width: 4", "width: 8"))
    run("count", "one.yaml", "--record")
    run("count", "two.yaml", "--record")
    assert [run.dirty for run in held().runs] == [True, False]
    assert run("history").stdout.count("+ ") == 1


def test_a_run_of_a_revision_has_its_commit_and_its_time(here: Workshop, run: Run) -> None:
    commit(Path(), {"one.yaml": ONE.replace("width: 4", "width: 8")})
    run("count", "one.yaml", "--record")
    run("count", "HEAD~1:one.yaml", "--record")
    first, second = held().runs  # by their time
    assert [one.entries[0].figures.macs for one in (first, second)] == [MACS, 2 * MACS]
    assert (first.commit != second.commit, first.dirty) == (True, False)
    assert first.number == 2


def test_a_run_that_misses_is_kept_with_its_exit_code(here: Workshop, run: Run) -> None:
    assert run("check", "one.yaml", "--budget", "macs=1", "--record").returncode == 3
    assert [(run.exit_code, run.accepted) for run in held().runs] == [(3, False)]


def test_settings_record_and_an_option_leaves_a_run_out(here: Workshop, run: Run) -> None:
    Path("pyproject.toml").write_text('[tool.costlens]\nrecord = true\ndb = "own.db"\n')
    os.environ.pop("COSTLENS_DB")
    assert "recorded as run 1 of" in run("count", "one.yaml").stdout
    assert "recorded" not in run("count", "one.yaml", "--no-record").stdout
    assert "recorded as run 1 of" in run("count", "one.yaml", "--db", "other.db").stdout
    cl.count("one.yaml")  # a program says so itself
    assert (held().total, held(db="other.db").total, Path("own.db").exists()) == (1, 1, True)


# settings, what is wrong with them
WRONG_SETTINGS = [
    ('record = "yes"', "3:1: tool.costlens.record: expected true or false, received 'yes'"),
    ("record = true\ndb = 3", "4:1: tool.costlens.db: expected a file, such as \"history.db\", received 3"),
    ('db = "postgresql://evil.example/x"', "3:1: tool.costlens.db: expected a file: a server is named by --db"),
    ('db = "../../x.db"', "3:1: tool.costlens.db: ../../x.db: lies outside the repository"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), WRONG_SETTINGS, ids=[text for text, _ in WRONG_SETTINGS])
def test_settings_that_are_wrong_are_said_and_nothing_is_sent(text: str, says: str, here: Workshop, run: Run) -> None:
    Path("pyproject.toml").write_text(f"\n[tool.costlens]\n{text}\n")
    with pytest.raises(SpecError, match=r"tool\.costlens") as raised:
        keeping(Path.cwd())
    assert f"pyproject.toml:{says}" in str(raised.value)
    assert says in run("check", "one.yaml").stderr
    assert not Path("h.db").exists()


def test_a_project_without_a_word_of_it_records_nothing(here: Workshop) -> None:
    assert keeping(Path.cwd()) == Keeping()


def test_nothing_is_lost_where_the_database_cannot_be_written(
    here: Workshop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from costlens.storage.history import runs

    def full(*given: object) -> None:
        raise UsageError("h.db: the disk is full; free space")

    with monkeypatch.context() as patched:
        patched.setattr(runs, "add", full)
        done = run("count", "one.yaml", "--record")
    assert "MACs 6,912" in done.stdout
    assert done.returncode == 2
    assert done.stderr.startswith("not recorded: h.db: the disk is full; free space; what was found is kept in ")
    kept = done.stderr.partition("is kept in ")[2].partition(":")[0]
    assert cl.history("import", f"{kept}/count.json", db="again.db").runs == (1,)


def test_a_database_is_looked_at_before_the_work(here: Workshop, run: Run) -> None:
    Path("h.db").write_text("no database at all, but long enough to be looked at" * 20)
    done = run("bench", "one.yaml", "--record")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not a database" in done.stderr
    assert here.exported == []


@pytest.mark.parametrize(("words", "says"), [
    ("show", "history show: expected a run by its number, received 0; costlens history list shows them"),
    ("show one", "history show one: expected the number of a run; costlens history list shows them"),
    ("show 9", "run 9: no such run; costlens history list shows those that there are"),
    ("diff 1", "history diff: expected two runs by their numbers, received 1; costlens history list shows them"),
    ("plot on", 'on: the history holds no network of this name (did you mean "one"?)'),
    ("plot zzz", "zzz: the history holds no network of this name; it holds one"),
    ("plot --figure mac", '--figure mac: unknown figure (did you mean "macs"?)'),
    ("list --figure macs", "history list: --figure is for plot; leave it out"),
    ("list --before 1d", "history list: --before is for prune; leave it out"),
    ("list --since soon", "--since soon: expected a day such as 2026-01-31, or an age such as 90d"),
    ("list --last 0", "--last 0: expected a whole number from 1"),
    ("lst", 'ACTION lst: expected list, show, diff, plot, export, prune, import (did you mean "list"?)'),
    ("prune", "history prune: which runs? --before 2026-01-01 or --before 90d, or --last 1000 to keep so many"),
    ("prune one --last 1", "history prune: one: it is about all networks; leave it out"),
    ("export", "history export: where to? -o history.jsonl, or .csv and .parquet for figures alone"),
    ("export -o x.txt", "-o x.txt: expected a name that ends in .jsonl, .csv or .parquet"),
    ("import", "history import: name files or folders: reports/, run.json, history.jsonl"),
    ("import none.json", "none.json: no such file or folder"),
    ("import one.yaml", "one.yaml: is not JSON; name a report.json, or what --format json wrote"),
    ("list --db=", "--db: an empty text names no database; is a variable of the shell unset?"),
    ("list --db none.db", "none.db: no such history; record a run first: costlens count MODEL --record"),
])  # fmt: skip
def test_what_cannot_be_asked_is_one_sentence(words: str, says: str, here: Workshop, run: Run) -> None:
    run("count", "one.yaml", "--record")
    done = run("history", *words.split())
    assert (done.returncode, done.stdout, done.stderr.strip().removeprefix(f"{Path.cwd()}/")) == (2, "", says)
    assert held().total == 1


@pytest.mark.parametrize(("line", "says"), [
    ("{}", "h.jsonl:2: holds no run of a history; name what costlens history export wrote"),
    ("[1", "h.jsonl:2: holds no run of a history"),
    ('{"schema": "costlens.history-run/9"}', "h.jsonl:2: expected schema costlens.history-run/1, received"),
])  # fmt: skip
def test_a_line_that_is_no_run_adds_nothing(line: str, says: str, here: Workshop, run: Run) -> None:
    run("count", "one.yaml", "--record")
    run("history", "export", "-o", "h.jsonl")
    with Path("h.jsonl").open("a") as stream:
        stream.write(f"{line}\n")
    done = run("history", "import", "h.jsonl", "--db", "new.db")
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert not Path("new.db").exists()


def test_a_history_goes_through_a_file_and_comes_back(here: Workshop, run: Run) -> None:
    run("bench", "one.yaml", "two.yaml", "--record")
    run("explore", "one.yaml", "--set", "width=2,4,6", "--record")
    assert "2 runs of 2 written to h.jsonl." in run("history", "export", "-o", "h.jsonl").stdout
    again = run("history", "import", "h.jsonl", "--db", "new.db")
    assert "2 runs imported; " in again.stdout
    assert held(db="new.db").runs == held().runs
    again = run("history", "import", "h.jsonl", "--db", "new.db")
    assert "0 runs imported; 2 runs were there already; " in again.stdout
    for number in (1, 2):
        assert cl.history("show", number, db="new.db") == cl.history("show", number)


def test_figures_are_exported_alone(here: Workshop, run: Run) -> None:
    run("bench", "one.yaml", "two.yaml", "--record")
    run("history", "export", "two", "-o", "h.csv")
    (row,) = csv.DictReader(Path("h.csv").read_text().splitlines())
    assert (row["run"], row["name"], row["macs"], row["latency_ms"][:1]) == ("1", "two", "6912", "1")
    run("history", "export", "-o", "h.parquet")
    from pyarrow import parquet

    assert parquet.read_table("h.parquet").column("name").to_pylist() == ["one", "two"]


def test_reports_in_a_folder_are_imported_once(here: Workshop, run: Run) -> None:
    write_report(Path("reports/one"), Path("one.yaml"), {"standard": 2.0, "separable": 1.0})
    commit(Path(), {"reports/one/report.json": Path("reports/one/report.json").read_text()})
    Path("reports/other.json").write_text('{"schema": "other/1"}')
    found = cl.history("import", "reports")
    assert [one.reason for one in found.skipped] == ["holds no result of costlens"]
    (kept,) = held().runs
    assert (kept.command, len(kept.commit), kept.at.tzinfo) == ("report", 40, UTC)
    assert {one.variant: one.latency_ms for one in kept.entries if one.latency_ms} == {
        "standard": pytest.approx(2.0, rel=0.1), "separable": pytest.approx(1.0, rel=0.1),
    }  # fmt: skip
    assert (cl.history("import", "reports").known, held().total) == (1, 1)


def test_runs_are_removed_by_age_and_by_number(here: Workshop, run: Run) -> None:
    for _ in range(4):
        run("count", "one.yaml", "--record")
    assert cl.history("prune", before="1d").runs == ()
    assert cl.history("prune", last=3).runs == (1,)
    assert "3 runs removed" in run("history", "prune", "--before", "2999-01-01").stdout
    assert entries() == []
    assert "None of 0 runs" in run("history").stdout


def test_figures_of_two_runs_stand_beside_each_other(here: Workshop, run: Run) -> None:
    run("count", "one.yaml", "--record")
    Path("one.yaml").write_text(ONE.replace("filters: width", "filters: 2 * width"))
    run("count", "one.yaml", "--record")
    found = cl.history("diff", 1, 2)
    ratios = {one.figure: one.ratio for one in found.figures}
    assert (ratios["macs"], ratios["params"]) == (2, 2)
    assert "All 14 figures are equal" in run("history", "diff", "1", "1").stdout


def test_times_of_two_machines_have_no_ratio_and_no_common_series() -> None:
    from tests.cases.recorded import CPU, OTHER, a_history_diff, a_trend

    found = a_history_diff()
    ratios = {one.figure: one.ratio for one in found.figures}
    assert (ratios["latency_ms"], ratios["macs"]) == (None, 0.9)
    assert any(f"({CPU}, {OTHER}) are not compared" in note for note in found.notes)
    trend = a_trend()
    assert sorted({one.fingerprint for one in trend.series}) == [CPU, OTHER]
    assert trend.left_out == ("1 time of a machine that was too noisy: a copy timed as another network.",)
    assert "Times of 2 machines or runtimes are not compared with each other" in trend.render("markdown")


def test_levels_are_named_with_their_commits() -> None:
    from tests.cases.recorded import a_trend, a_trend_of_counts

    first = a_trend().series[0]
    assert [level.place for level in first.levels] == [14, 28]
    assert "+13." in a_trend().render("markdown")
    counts = a_trend_of_counts()
    (level,) = counts.series[0].levels
    assert (level.place, level.before, level.after) == (4, 1000, 1200)
    assert "at 040404040404" in counts.render("markdown")


def test_a_check_is_relative_to_the_last_accepted_run(here: Workshop, run: Run) -> None:
    against = ("check", "one.yaml", "--against", "history")
    assert "no such history" in run(*against).stderr
    run("count", "two.yaml", "--record")
    first = run(*against)
    said = " ".join(first.stdout.split())
    assert (first.returncode, "no accepted run of it with these knobs" in said) == (0, True)
    assert run("check", "one.yaml", "--record").returncode == 0
    assert run(*against).returncode == 0
    Path("one.yaml").write_text(ONE.replace("bias: false", "bias: true"))
    assert run("check", "one.yaml", "--budget", "params=1", "--record").returncode == 3, "and is no base"
    grown = run(*against)
    assert grown.returncode == 3
    assert "params is 112, over its budget of +0% of 108 in run 2 of " in grown.stderr
    assert run(*against, "--budget", "params=+5%").returncode == 0
    assert run(*against, "--budget", "params=+1%").returncode == 3
    assert cl.check("one.yaml", against="history").exit_code == 3
    assert "leave it out, or --against history" in run(*against, "--base", "HEAD").stderr


# how much longer a call takes than in the accepted run, what the limit says of it
SLOWER = [(1.0, 0, "ok"), (1.05, 0, "ok"), (1.1, 7, "inconclusive"), (1.3, 3, "MISSED"), (0.5, 0, "ok")]


@pytest.mark.parametrize(("factor", "code", "word"), SLOWER)
def test_a_time_is_compared_with_that_of_the_same_machine(
    factor: float, code: int, word: str, here: Workshop, run: Run
) -> None:
    timed = ("check", "one.yaml", "--bench", "--processes", "7", "--budget")
    here.factor = lambda process, label: 1 + 0.002 * (process % 5)
    assert run(*timed, "latency_ms=100", "--record").returncode == 0
    here.call_ms = {"one": factor}
    done = run(*timed, "latency_ms=+10%", "--against", "history", columns="120")
    assert (done.returncode, word in done.stdout) == (code, True), done


def test_times_of_other_machines_are_no_base(here: Workshop, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from costlens.analysis import budgets

    timed = ("check", "one.yaml", "--bench", "--processes", "7", "--budget")
    run(*timed, "latency_ms=100", "--record")
    made = budgets.timing

    def elsewhere(*given: object) -> object:
        from dataclasses import replace

        return replace(made(*given), fingerprint="elsewhere")  # type: ignore[arg-type, type-var]

    monkeypatch.setattr(budgets, "timing", elsewhere)
    done = run(*timed, "latency_ms=+10%", "--against", "history")
    said = " ".join(done.stdout.split())
    assert "no accepted run has its time here (elsewhere); 1 run of other machines or conditions do not count" in said
    assert done.returncode == 0


def test_a_function_records_where_it_is_asked_to(here: Workshop) -> None:
    cl.count("one.yaml", record=True)
    cl.bench("one.yaml", "two.yaml", quick=True, record=True, db="other.db")
    cl.explore("one.yaml", knobs={"width": [2, 4]}, record=True)
    assert [run.command for run in held().runs] == ["count", "explore"]
    assert held(db="other.db").total == 1
    with pytest.raises(cl.CostlensError, match="db says where to record, and nothing is recorded; add record=True"):
        cl.count("one.yaml", db="other.db")
    with pytest.raises(cl.CostlensError, match=r'history: no action lists \(did you mean "list"\?\)'):
        cl.history("lists")  # type: ignore[call-overload]


def test_a_day_is_read_in_utc() -> None:
    assert moment("--since", "2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)
    assert moment("--since", "2026-01-31T05:30+05:30") == datetime(2026, 1, 31, tzinfo=UTC)
    assert moment("--since", "2w", datetime(2026, 1, 31, tzinfo=UTC)) == datetime(2026, 1, 17, tzinfo=UTC)


def test_without_its_packages_the_history_says_what_installs_them(
    here: Workshop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("costlens.storage.history")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    for words in (("history",), ("count", "one.yaml", "--record")):
        done = run(*words)
        assert done.returncode == 5
        assert 'sqlalchemy is not installed; install it with: pip install "costlens-nn[history]"' in done.stderr
