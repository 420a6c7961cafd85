"""A run: its result whatever counts it and however often it was interrupted, and what is refused before it begins."""

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import costlens as cl
from costlens.errors import BenchError, UsageError
from costlens.formats import csv as csv_format
from costlens.formats._parquet import parquet
from costlens.formats.pages.exploration import page
from costlens.network.count import count
from costlens.results.stored import to_json
from costlens.spec.loading import load
from costlens.tasks._tools import Tools
from costlens.tasks.exploration.counting import Chunk, Executor, Job
from costlens.tasks.exploration.counting import count as counted
from costlens.tasks.exploration.lines import Line
from costlens.tasks.exploration.pool import Here, Pool
from costlens.tasks.explore import Wish, explore
from tests.cases.family import without_arena
from tests.fakes.command_line import Run
from tests.places import ROOT

SPEC = (
    "name: x\nknobs: {width: 8, n: 16, filters: 8}\ninput: [n, n, 3]\n"
    "layers: [{conv: {name: a, filters: width / 2, kernel: 3}}, {conv: {name: b, filters: filters, kernel: 3}}]\n"
)
WISH = Wish(set=["width=2:9", "n=4:40"], kinds=["*=as-written,standard,separable"], where=["macs < 100k"])


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "x.yaml").write_text(SPEC, encoding="utf-8")
    return "x.yaml"


class Stopping(Executor):
    """Counts here, the last chunk first, and is interrupted after so many; ``seen`` are the points that it counted."""

    def __init__(self, after: int, seen: list[int]) -> None:
        self.after, self.seen = after, seen

    def map(self, job: Job, chunks: Iterable[Chunk]) -> Iterator[Line]:
        for place, chunk in enumerate(reversed([*chunks])):
            if place == self.after:
                raise KeyboardInterrupt
            self.seen += [one.number for one in chunk]
            yield counted(job, chunk)


def test_an_interrupted_run_goes_on_and_no_point_is_counted_twice(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSTLENS_CACHE", "other")
    whole = to_json(explore(spec, WISH, tools=Tools(), executor=Here()))
    monkeypatch.setenv("COSTLENS_CACHE", "cache")
    seen: list[int] = []
    for after in (0, 1, 3, 2):
        with pytest.raises(KeyboardInterrupt):
            explore(spec, WISH, tools=Tools(), executor=Stopping(after, seen))
        (journal,) = Path("cache").rglob("*.jsonl")
        with journal.open("ab") as stream:
            stream.write(b'[[1,"half written')  # as a kill may leave it
    assert to_json(explore(spec, WISH, tools=Tools(), executor=Stopping(99, seen))) == whole
    assert sorted(seen) == [*range(8 * 37 * 3)]
    assert to_json(explore(spec, WISH, tools=Tools(), executor=Stopping(0, seen))) == whole


@pytest.mark.parametrize(
    ("word", "change", "wish", "told"),
    [
        ("x.yaml", "# changed\n", WISH, "another text of the spec"),
        ("x.yaml", "", replace(WISH, set=["width=2:9", "n=4:41"]), "other points"),
        ("x.yaml", "# changed\n", replace(WISH, kinds=[]), "another text of the spec and other points"),
        ("x.yaml?filters=4", "", WISH, "another text of the spec"),
        ("x.yaml", "", replace(WISH, where=["macs < 5k"], front=["params", "n:max"]), ""),
    ],
    ids=["text", "points", "both", "settings", "none"],
)
def test_a_changed_spec_or_space_is_told_from_an_interrupted_one(
    spec: str, word: str, change: str, wish: Wish, told: str
) -> None:
    with pytest.raises(KeyboardInterrupt):
        explore(spec, WISH, tools=Tools(), executor=Stopping(1, []))
    Path(spec).write_text(f"{SPEC}{change}", encoding="utf-8")
    said: list[str] = []
    seen: list[int] = []
    found = explore(word, wish, tools=Tools(note=said.append), executor=Stopping(99, seen))
    before = 0 if told else 74
    assert len(seen) == len(found.points) - before
    stopped = f"x.yaml: an earlier run stopped at 74 of 888 points, of {told}; this one begins anew"
    assert said == [stopped if told else "74 of 888 points were counted before; going on from there"]


def test_a_point_that_cannot_be_keeps_its_reason_and_equal_networks_are_told(spec: str) -> None:
    found = explore(spec, WISH, tools=Tools(), executor=Here())
    odd = [point for point in found.points if int(point.values[0]) % 2]
    assert {point.totals for point in odd} == {None}
    assert odd[0].reason == (
        'x.yaml:4: layers[0].conv: filters: "width / 2" = 1.5 is not whole; write int(width / 2) or round8(width / 2)'
    )
    for number, point in enumerate(found.points, 1):
        same = point.totals and point.values[2] == "standard"
        assert point.same_as == (number - 1 if same else None)
        assert point.holds is (None if point.totals is None else (point.totals.macs or 0) < 100_000)
        if point.front:
            assert point.totals
            assert point.holds
    assert found.front


def test_a_pool_says_what_one_process_says_though_one_dies(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = to_json(explore(spec, WISH, tools=Tools(), executor=Here()))
    monkeypatch.setenv("COSTLENS_CACHE", "other")
    begun: list[int] = []
    popen = subprocess.Popen

    def started(*given: object, **options: object) -> object:
        process = popen(*given, **options)  # type: ignore[call-overload]
        begun.append(process.pid)
        if len(begun) == 1:
            os.kill(process.pid, signal.SIGKILL)
        return process

    monkeypatch.setattr(subprocess, "Popen", started)
    assert to_json(explore(spec, WISH, tools=Tools(), executor=Pool(2))) == whole
    assert len(begun) == 3


def test_a_pool_whose_processes_all_die_says_so(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("costlens.tasks.exploration.pool._WORKER", ("-c", "pass"))
    with pytest.raises(BenchError, match=r"ended 3 times; is memory short\?"):
        explore(spec, WISH, tools=Tools(), executor=Pool(1))


def test_a_killed_command_goes_on(spec: str) -> None:
    words = [sys.executable, "-m", "costlens", "explore", spec, "--set", "width=2:9", "--set", "n=4:403"]
    process = subprocess.Popen([*words, "--workers", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not any(path.stat().st_size > 2000 for path in Path("cache").rglob("*.jsonl")):
        pass
    process.kill()
    process.wait()
    done = subprocess.run([*words, "--format", "json"], capture_output=True, text=True, check=True)
    assert "of 3,200 points were counted before; going on from there" in done.stderr
    assert len(json.loads(done.stdout)["points"]) == 3200


def test_what_is_written_can_be_explored_again(spec: str, tmp_path: Path) -> None:
    found = explore(spec, WISH, tools=Tools(), executor=Here())
    (tmp_path / "points.csv").write_text(csv_format.render(page(found)), encoding="utf-8")
    again = explore(spec, Wish(points=tmp_path / "points.csv", where=WISH.where), tools=Tools(), executor=Here())
    assert again == found


def test_parquet_holds_what_csv_holds(spec: str) -> None:
    from pyarrow.parquet import read_table

    found = page(explore(spec, WISH, tools=Tools(), executor=Here()))
    rows = [*csv.DictReader(StringIO(csv_format.render(found)))]
    table = read_table(BytesIO(parquet(found.table())))
    assert [row["macs"] for row in rows] == ["" if each is None else str(each) for each in table["macs"].to_pylist()]
    assert table.column_names == [*rows[0]]


def prints(text: str) -> tuple[float, float]:
    """Return the least value that is printed so, and that from which the next is: some are rounded, some cut off."""
    digits, unit = float(text[:-1]), {"M": 1e6}[text[-1]]
    step = 10.0 ** -len(text[:-1].partition(".")[2])
    return (digits - step / 2) * unit, (digits + step) * unit


def test_one_command_gives_the_published_widths_and_resolutions_of_mobilenet(run: Run) -> None:
    """Tables 6 and 7 of the paper, as they are printed."""
    published = YAML(typ="safe").load(ROOT / "reports/published/mobilenet.yaml")["tables"]
    tables = [table for table in published if table["title"].startswith(("Table 6:", "Table 7:"))]
    space = ("--set", "alpha=0.25:1:0.25", "--set", "resolution=128:224:32", "--workers", "1")
    points = json.loads(run("explore", "mobilenet_v1", *space, "--format", "json").stdout)["points"]
    by_values = {tuple(map(float, point["values"])): point["totals"] for point in points}
    figures = [figure for table in tables for figure in table["figures"]]
    assert len(figures) == 8
    for figure in figures:
        settings = {"alpha": 1.0, "resolution": 224, **figure.get("settings", {})}
        totals = by_values[settings["alpha"], settings["resolution"]]
        for name, text in figure["published"].items():
            low, high = prints(text)
            assert low <= totals[name] < high, (figure["label"], name)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish(), "nothing varies; add --set NAME=VALUES"),
        (Wish(set=["wdth=1,2"]), 'unknown knob (did you mean "width"?)'),
        (Wish(set=["width=a,2"]), "--set width=a: expected a number"),
        (Wish(kinds=["c=separable"]), "--kind c: no convolution, and no block that holds one, has this name"),
        (Wish(set=["width=2"], front=["mac"]), 'unknown figure (did you mean "macs"?)'),
        (Wish(set=["width=2"], points=Path("a.csv")), "--from lists the points; leave out --set"),
        (Wish(points=Path("a.csv")), "a.csv: cannot be read: No such file or directory"),
        (Wish(set=["width=2,4"], sample=1, sampler="sobl"), 'expected sobol or lhs (did you mean "sobol"?)'),
    ],
)
def test_what_is_refused_before_anything_is_counted(spec: str, wish: Wish, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        explore(spec, wish, tools=Tools(), executor=Here())
    assert message in str(raised.value)


def test_the_command_shows_the_front_and_writes_all(spec: str, run: Run) -> None:
    done = run("explore", spec, "--set", "width=2:6", "--set", "n=8,16", "--where", "macs < 1M", "-o", "out")
    assert done.returncode == 0
    assert "1 of 6 different networks at 10 points is on the front of macs and params" in " ".join(done.stdout.split())
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "explore.html", "explore.json", "explore.md", "front.svg", "points.csv", "points.parquet",
    ]  # fmt: skip


def test_written_specs_are_the_networks_of_their_points(spec: str, run: Run) -> None:
    Path("x.yaml").write_text(SPEC.replace("layers:", "kinds: {b: separable}\nlayers:"), encoding="utf-8")
    space = ("--set", "width=4,6", "--set", "n=8,9", "--kind", "a=as-written,grouped", "--kind", "b=standard,separable")
    asked = ("explore", spec, *space, "--format", "json")
    done = run(*asked, "--write", "front", "--points", ",".join(map(str, range(1, 17))))
    assert done.returncode == 0, done.stderr
    points = json.loads(done.stdout)["points"]
    assert len(points) == len([*Path("front").iterdir()]) == 16
    for number, point in enumerate(points, 1):
        assert asdict(without_arena(count(load(f"front/x_{number}.yaml").graph).totals)) == point["totals"]
    front = [number for number, point in enumerate(points, 1) if point["front"]]
    assert run(*asked, "--write", "other").returncode == 0
    assert sorted(path.name for path in Path("other").iterdir()) == sorted(f"x_{number}.yaml" for number in front)
    Path("front/x_3.yaml").write_text("mine")
    done = run(*asked, "--write", "front", "--points", "2,3")
    assert (
        "front/x_3.yaml: is there, and is not what would be written; choose another folder with --write" in done.stderr
    )
    assert Path("front/x_3.yaml").read_text() == "mine"


def test_the_included_blocks_of_a_written_spec_lie_beside_it(tmp_path: Path, run: Run) -> None:
    space = ("--set", "alpha=0.25", "--set", "resolution=96", "--kind", "stage[1-3]=standard,as-written")
    assert run("explore", "mobilenet_v1", *space, "--write", str(tmp_path / "out")).returncode == 0
    (made,) = (tmp_path / "out").glob("mobilenet_v1_*.yaml")
    number = int(made.stem.rpartition("_")[2])
    found = cl.explore(
        "mobilenet_v1", knobs={"alpha": 0.25, "resolution": 96}, kind={"stage[1-3]": "standard,as-written"}
    )
    assert without_arena(count(load(made).graph).totals) == found.points[number - 1].totals


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--points", "1"), "--points 1: says what --write writes; add --write FOLDER"),
        (("--write", "out", "--points", "a"), "expected numbers of points with commas between"),
        (("--write", "out", "--points", "9"), "--points 9: expected a number from 1 to 2"),
        (("--write", "out", "--points", "1"), "--points 1: is no network: x.yaml:4: layers[0].conv: filters:"),
        (("--write", "x.yaml"), "x.yaml: cannot be written: File exists; choose another folder with --write"),
    ],
)
def test_what_cannot_be_written(spec: str, run: Run, options: tuple[str, ...], message: str) -> None:
    done = run("explore", spec, "--set", "width=3,4", *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--set", "width=1:1000000", "--set", "n=1:1000000"), "100,000"),
        (
            ("--set", "width=1:10000", "--set", "n=1:10000", "--set", "filters=1:10000"),
            "1,000,000,000,000 points: more",
        ),
        (("--set", "depth=1,2"), "--set depth=1: unknown knob"),
        (("--set", "width=2,4", "--where", "macs <"), "--where 'macs <': not an expression"),
    ],
)
def test_bad_input_is_told_and_what_was_there_is_left(
    spec: str, run: Run, options: tuple[str, ...], message: str
) -> None:
    assert run("explore", spec, "--set", "width=2,4", "-o", "out").returncode == 0
    before = {path: path.read_bytes() for path in (*Path("out").iterdir(), *Path("cache").rglob("*.jsonl"))}
    done = run("explore", spec, *options, "-o", "out")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert before == {path: path.read_bytes() for path in (*Path("out").iterdir(), *Path("cache").rglob("*.jsonl"))}


def limited(size: int, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose files may be of so many bytes, as where the disk is full."""
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}));"
        "from costlens.__main__ import main; sys.argv = ['costlens', *sys.argv[1:]]; sys.exit(main())"
    )
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)


def test_a_full_disk_under_the_journal_is_told_and_the_run_goes_on_later(spec: str) -> None:
    asked = ("explore", spec, "--set", "width=2:9", "--set", "n=4:103", "--format", "json", "--workers", "1")
    done = limited(20_000, *asked)
    assert done.returncode == 2
    assert "cannot be written: File too large; free disk space, or set COSTLENS_CACHE to another folder" in done.stderr
    assert "Traceback" not in done.stderr
    again = limited(2**30, *asked)
    assert again.returncode == 0
    assert "of 800 points were counted before; going on from there" in again.stderr
    assert len(json.loads(again.stdout)["points"]) == 800


def test_a_full_disk_under_what_is_written_leaves_what_was_there(spec: str) -> None:
    asked = ("explore", spec, "--set", "width=2:9", "--set", "n=4:103", "-o", "out", "--write", "specs")
    assert limited(2**30, *asked).returncode == 0
    before = {path: path.read_bytes() for path in (*Path("out").iterdir(), *Path("specs").iterdir())}
    done = limited(2**16, *asked)
    assert done.returncode == 2
    assert "cannot be written: File too large; choose another" in done.stderr
    assert before == {path: path.read_bytes() for path in (*Path("out").iterdir(), *Path("specs").iterdir())}
