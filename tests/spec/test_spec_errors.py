"""Specs that are wrong: each with its message, in time, and never with another exception than a SpecError."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from costlens.errors import Problem, SpecError, UsageError
from costlens.spec import language
from costlens.spec.binding import MAX_LAYERS
from costlens.spec.loading import load, loads
from costlens.spec.model import Spec
from costlens.spec.starter import starter
from tests.cases import spec_texts
from tests.cases.spec_texts import HEAD
from tests.places import MALFORMED, ROOT

DATA = MALFORMED
FAMILY = HEAD.replace("pad: same", "pad: same, se: false, stages: [[8, 1], [16, 2]], rows: [{f: 8}, {f: 4}]")
LAYERS = HEAD + "layers:\n"
BELOW = {"documents": "", "layers": LAYERS, "shared": LAYERS, "blocks": HEAD, "families": FAMILY}
WORDS = {
    "{activations}": language.ACTIVATIONS.words(),
    "{joins}": language.JOINS.words(),
    "{norms}": language.NORMS.words(),
}
"""What messages list, by the mark that stands for it in the tables."""
TEXTS = (*spec_texts.ALL, starter("starter"), *(path.read_text() for path in sorted((ROOT / "specs").glob("*.yaml"))))


def cases() -> list[tuple[str, str, list[str]]]:
    """Read the tables: ``=== title``, the text, then a line ``=> line:column: path: message`` for each problem."""
    found = []

    def written(line: str) -> str:
        for mark, words in WORDS.items():
            line = line.replace(mark, ", ".join(words))
        return line.strip()

    for name, head in BELOW.items():
        for part in (DATA / f"{name}.txt").read_text().split("\n=== ")[1:]:
            title, _, rest = part.partition("\n")
            text, *expected = re.split(r"^=> ", rest, flags=re.MULTILINE)
            found.append((f"{name}: {title}", head + text, [written(line) for line in expected]))
    return found


CASES = cases()


def mistakes(text: str) -> list[Problem]:
    """Return what is wrong with a spec."""
    with pytest.raises(SpecError) as caught:
        loads(text, file="spec.yaml")
    return list(caught.value.problems)


def problems(text: str) -> list[str]:
    """Return what is wrong with a spec, as it is said."""
    return [str(problem) for problem in mistakes(text)]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_malformed_spec(text: str, expected: list[str]) -> None:
    """Positions lie in the text, in order, and at the unknown word."""
    found = mistakes(text)
    assert [str(problem) for problem in found] == [f"spec.yaml:{line}" for line in expected]
    assert [(p.line, p.column) for p in found] == sorted((p.line, p.column) for p in found)
    lines = [*text.split("\n"), ""]
    for problem in found:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        unknown = re.fullmatch(r"(\w+): (unknown|written twice).*", problem.message)
        if unknown:
            assert lines[problem.line - 1][problem.column - 1 :].startswith(unknown[1])


def test_the_tables_are_long_enough_and_every_title_stands_once() -> None:
    titles = [title for title, _, _ in CASES]
    assert len(set(titles)) == len(titles) >= 150


KNOB = "expected a finite number, a word, true or false, or a list of these"
SETTINGS = [
    ({"alhpa": 1}, 'knobs: --set alhpa=1: unknown knob (did you mean "alpha"?)'),
    ({"zzz": 1}, "knobs: --set zzz=1: unknown knob; known: alpha, pad"),
    ({"alpha": "wide"}, "knobs: --set alpha=wide: expected a number; the spec gives 0.75"),
    ({"alpha": ".inf"}, f"knobs: --set alpha=.inf: {KNOB}"),
    ({"alpha": True}, "knobs: --set alpha=True: expected a number; the spec gives 0.75"),
    ({"alpha": "true"}, "knobs: --set alpha=true: expected a number; the spec gives 0.75"),
    ({"alpha": ""}, f"knobs: --set alpha=: {KNOB}"),
    ({"alpha": [1]}, "knobs: --set alpha=[1]: expected a number; the spec gives 0.75"),
    ({"alpha": "[1"}, f"knobs: --set alpha=[1: {KNOB}"),
    ({"alpha": object}, f"knobs: --set alpha=<class 'object'>: {KNOB}"),
    ({"pad": "[same]"}, "knobs: --set pad=[same]: expected a word; the spec gives same"),
    ({"pad": "{a: 1}"}, f"knobs: --set pad={{a: 1}}: {KNOB}"),
]


@pytest.mark.parametrize(("values", "expected"), SETTINGS)
def test_wrong_setting(values: dict[str, object], expected: str) -> None:
    with pytest.raises(SpecError) as caught:
        loads(HEAD + "layers: [relu]\n", settings=values)
    assert [str(problem) for problem in caught.value.problems] == [f"<text>:2:1: {expected}"]


def test_a_setting_where_there_are_no_knobs() -> None:
    with pytest.raises(SpecError, match=r"<text>:1:1: knobs: --set a=1: unknown knob; the spec has no knobs"):
        loads("{name: t, input: [3], layers: [relu]}", settings={"a": 1})


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "yamnet.yaml").write_text("{name: t, input: [3], layers: [relu]}")
    for path, message in (
        (tmp_path / "yammet.yaml", rf'no such file \(did you mean "{tmp_path}/yamnet.yaml"\?\)'),
        (tmp_path / "no" / "x.yaml", "no such file"),
        (tmp_path, "cannot be read: is a directory; name a spec file"),
        (tmp_path / "a\0b", "cannot be read: embedded null byte"),
        (tmp_path / "yamnet.yaml" / "x", "cannot be read: not a directory"),
    ):
        with pytest.raises(UsageError, match=message):
            load(path)


def test_files_that_hold_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    for content, message in (
        (b"name: t\ntitle: caf\xe9\n", "2:11: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        (b"\xff\xfen\x00a\x00", "1:1: byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"", "1:1: the file is empty; a spec starts with name:, input: and layers:"),
        (b"# " + b"x" * 2**20, "1:1: larger than 1,048,576 bytes; use repeat and blocks"),
    ):
        path.write_bytes(content)
        with pytest.raises(SpecError) as caught:
            load(path)
        assert str(caught.value) == f"{path}:{message}"


def test_the_command_says_what_is_wrong_and_ends_with_two(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("name: t\ninput: [3]\nlayers: [relou, {dense: 0}]\n")
    done = subprocess.run(
        [sys.executable, "-m", "costlens", "count", str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f'{path}:3:10: layers[0]: relou: unknown layer or block (did you mean "relu"?)\n'
        f"{path}:3:25: layers[1].dense: units: expected a whole number from 1, received 0\n"
    )


def nested(opening: str, times: int, closing: str, inmost: str = "relu") -> str:
    """Write statements within statements."""
    return f"{HEAD}layers:\n  - {opening * times}{inmost}{closing * times}\n"


def doubling(levels: int, params: str, one: str, other: str) -> str:
    """Write blocks that each call the next one twice."""
    calls = [f"  b{i}: {{{params}layers: [b{i + 1}{one}, b{i + 1}{other}]}}" for i in range(levels)]
    calls = [line.replace("[b", "[{b").replace(", b", "}, {b").replace("]}", "}]}") if one else line for line in calls]
    body = "{conv: {filters: n, kernel: 1}}" if one else "relu"
    start = "{b0: {n: 1}}" if one else "b0"
    return f"{HEAD}blocks:\n" + "\n".join(calls) + f"\n  b{levels}: {{{params}layers: [{body}]}}\nlayers: [{start}]\n"


LONG = "a" * 1_040_000
PATHOLOGICAL = {
    "an anchor bomb": (
        HEAD
        + "title: &a0 [x, x]\n"
        + "".join(f"k{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)),
        "expands to more than 200,000 values through aliases",
    ),
    "an anchor bomb of layers": (
        HEAD
        + "layers:\n  - &r0 {residual: {body: [relu, relu]}}\n"
        + "".join(f"  - &r{i} {{residual: {{body: [*r{i - 1}, *r{i - 1}]}}}}\n" for i in range(1, 25)),
        "expands to more than 200,000 values through aliases",
    ),
    "a recursive alias": (HEAD + "layers: &a [{residual: {body: *a}}]\n", "*a contains itself"),
    "deep lists": (HEAD + "layers: " + "[" * 100_000, "nested deeper than 160 levels"),
    "deep mappings": (HEAD + "layers: " + "{a: " * 100_000, "nested deeper than 160 levels"),
    "deep blocks of lines": (HEAD + "".join(" " * i + "a:\n" for i in range(1400)), "nested deeper than 160 levels"),
    "deep repeats": (nested("{repeat: {times: 2, layers: [", 20, "]}}"), "expands to more than 100,000 layers"),
    "deep residuals": (nested("{residual: {body: [", 52, "]}}"), "nested deeper than 50 levels"),
    "a chain of blocks": (
        HEAD
        + "blocks:\n"
        + "".join(f"  b{i}: {{layers: [b{i + 1}]}}\n" for i in range(900))
        + "  b900: {layers: [relu]}\nlayers: [b0]\n",
        "nested deeper than 50 levels",
    ),
    "a billion times": (HEAD + "layers: [{repeat: {times: 1000000000, layers: [relu]}}]\n", "more than 100,000 layers"),
    "a billion times by an expression": (
        HEAD + "layers: [{repeat: {times: 10**9, layers: [relu]}}]\n",
        "more than 100,000 layers",
    ),
    "a billion times nothing": (
        HEAD + "blocks: {b: {layers: [{repeat: {times: 0, layers: [relu]}}]}}\n"
        "layers: [{repeat: {times: 10**9, layers: [b]}}]\n",
        "more than 100,000 layers",
    ),
    "a billion by many activations": (
        HEAD + "layers: [{repeat: {times: 99999, layers: [{dense: {units: 1, activation: ["
        f"{'relu, ' * 999}]}}}}]}}}}]\n",
        "more than 100,000 layers",
    ),
    "blocks that double": (doubling(45, "", "", ""), "expands to more than 100,000 layers"),
    "blocks that double, each call another": (
        doubling(40, "params: {n: required}, ", ": {n: n + 1}", ": {n: n * 3}"),
        "in more than 10,000 different ways",
    ),
    "recursive blocks": (
        HEAD + "blocks: {a: {layers: [b]}, b: {layers: [a]}}\nlayers: [a]\n",
        "the block calls itself",
    ),
    "a counted billion": (
        HEAD + "layers: [{repeat: {times: 10**9, index: i, layers: [{dense: i + 1}]}}]\n",
        "more than 100,000 layers",
    ),
    "a billion turns of what is never there": (
        HEAD + "layers: [{repeat: {times: 10**9, index: i, layers: [{relu: {when: i < 0}}]}}]\n",
        "more than 100,000 layers",
    ),
    "a billion turns of nothing": (
        HEAD + "layers: [{repeat: {times: 10**9, index: i, layers: [{repeat: {times: 0, layers: [relu]}}]}}]\n",
        "more than 100,000 layers",
    ),
    "many turns of nothing, many times": (
        HEAD + f"layers: [{{repeat: {{times: 99999, layers: [{'{repeat: {times: 0, layers: [relu]}}, ' * 3000}]}}}}]\n",
        "more than 100,000 layers",
    ),
    "counters that double": (
        HEAD + "layers: [" + "".join(f"{{repeat: {{times: 2, index: i{k}, layers: [" for k in range(45)) + "relu"
        f"{']}}' * 45}]\n",
        "more than 100,000 layers",
    ),
    "a call for each turn": (
        HEAD + "blocks: {b: {params: {n: required}, layers: [{dense: n + 1}, relu]}}\n"
        "layers: [{repeat: {times: 50000, index: i, layers: [{b: {n: i}}]}}]\n",
        "in more than 10,000 different ways",
    ),
    "a long list for each turn": (
        HEAD + "blocks: {b: {params: {l: required}, layers: [relu, relu]}}\n"
        f"layers: [{{repeat: {{times: 9000, index: i, layers: [{{b: {{l: [{'i, ' * 250}]}}}}]}}}}]\n",
        "more than 200,000 values of lists",
    ),
    "lists in lists": (
        HEAD.replace("pad: same", "a: &a [1, 2, 3, 4, 5, 6, 7, 8], b: &b [*a, *a, *a, *a, *a, *a, *a, *a]")
        + "layers: [{repeat: {for: {x: [*b, *b, *b, *b]}, layers: [relu]}}]\n",
        "holds more than 256 values",
    ),
    "lists of layers of lists of layers": (
        HEAD.replace("pad: same", f"l: [{'input, ' * 250}]")
        + f"layers: [{{repeat: {{times: 9999, layers: [{{concat: {{from: [{'l, ' * 250}]}}}}]}}}}]\n",
        "read more than 1,000,000 tensors",
    ),
    "a word of a billion letters": (
        HEAD + "layers: [{relu: {when: \"'a' * 10**9 == 'b'\"}}]\n",
        "'a' is not a number",
    ),
    "a list of a billion": (HEAD + "layers: [{relu: {when: 'len([1] * 10**9) > 1'}}]\n", "a list is not a number"),
    "a tower of powers": (HEAD + "layers: [{dense: 9**9**9**9}]\n", "a power above 64"),
    "a long expression": (HEAD + f"layers: [{{dense: '{'(' * 5000}'}}]\n", "longer than 200 characters"),
    "a deep expression": (HEAD + f"layers: [{{dense: '{'-' * 199}0'}}]\n", "expected a whole number from 1"),
    "a key of 1 MB": (HEAD + f"{LONG}: 1\n", "not valid YAML"),
    "a quoted key of 1 MB": (HEAD + f'"{LONG}": 1\n', "not valid YAML"),
    "an explicit key of 1 MB": (HEAD + f"layers: [relu]\n? {LONG}\n: 1\n", "unknown field"),
    "a layer of 1 MB": (HEAD + f"layers: [{LONG}]\n", "unknown layer or block"),
    "a number of 1 MB": (HEAD + f"layers: [{{dense: {'9' * 1_040_000}}}]\n", "longer than 200 characters"),
    "a name of 1 MB": (HEAD + f"layers: [{{relu: {{name: {LONG}}}}}]\n", "at most 100 letters"),
    "a reference of 1 MB": (HEAD + f"layers: [{{relu: {{from: {LONG}}}}}]\n", "unknown name"),
    "too many lines": (HEAD + "layers:\n" + "- relu\n" * 140_000, "more than 50,000 lines"),
    "too many values": (HEAD + "layers: [" + "1, " * 300_000 + "]", "more than 25,000 values"),
    "too many problems": (HEAD + "layers:\n" + "- relou\n" * 5_000, "unknown layer or block"),
    "a kernel of many values": (
        HEAD + f"layers: [{{conv: {{filters: 3, kernel: [{'1, ' * 5000}]}}}}]\n",
        "holds 5,000 values",
    ),
}


@pytest.mark.many
@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_a_clear_error_soon(name: str) -> None:
    """In a second or two of the processor's time; without its limit each would take minutes, or never end."""
    text, message = PATHOLOGICAL[name]
    start = time.process_time()
    found = problems(text)
    taken = time.process_time() - start
    assert any(message in problem for problem in found), found[:3]
    assert len(found) <= 200
    assert max(map(len, found)) < 1500
    assert taken < 30


@pytest.mark.many
def test_the_limit_on_layers_is_exact() -> None:
    body = (
        "layers: [{{repeat: {{times: {0}, layers: [relu]}}}}, {{conv: {{filters: 1, kernel: 99, padding: valid}}}}]\n"
    )
    assert "expands to more than 100,000 layers" in problems(HEAD + body.format(MAX_LAYERS))[0]
    assert "kernel 99 is larger than its padded input 32" in problems(HEAD + body.format(MAX_LAYERS - 1))[0]


def test_statements_may_nest_up_to_the_limit() -> None:
    graph = loads(nested("{residual: {body: [", 49, "]}}")).graph
    assert graph.outputs == ("residual1.add",)
    assert len(graph.nodes) == 50


WORDS = (
    "0", "-1", "1e9", ".inf", ".nan", "~", "true", "[]", "{}", "*a", "&a ", "<<", "!!str ", "!x ", "---\n", "\t",
    "|\n", ">\n", "'", '"', "%", "? ", "999999999999", "1.5", "none", "required", "2**70", "//0", "input", "repeat",
    "residual", "branches", "from", "name", "times", "conv", "norm", "fixed", "layers", "- ", ": ", ", ", "\n", "  ",
    "#", "\ufeff",
)  # fmt: skip
TOKENS = re.compile(r"\s+|\w+|.", re.DOTALL)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Draw a spec with some of its bytes or tokens changed."""
    text = draw(st.sampled_from(TEXTS))
    if draw(st.booleans()):
        raw = bytearray(text.encode())
        for _ in range(draw(st.integers(1, 4))):
            at = draw(st.integers(0, len(raw) - 1))
            raw[at : at + draw(st.integers(0, 12))] = draw(st.binary(max_size=4))
        return raw.decode("utf-8", draw(st.sampled_from(["replace", "ignore"])))
    tokens = TOKENS.findall(text)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(tokens) - 1))
        source = draw(st.integers(0, len(tokens) - 1))
        copied = tokens[source : source + draw(st.integers(1, 12))]
        new = draw(st.sampled_from([[], copied, [draw(st.sampled_from(WORDS))]]))
        tokens[at : at + draw(st.integers(0, 6))] = new
        tokens = tokens or [""]
    return "".join(tokens)


@settings(derandomize=True, max_examples=100)
@given(mutated())
@example("\x00")
@example("name: \ud800")
@example("%TAG ! tag:x,2000:\n---\nname: t\n")
@example("name: !<tag:yaml.org,2002:str> t\n")
def test_a_mutated_spec_is_a_spec_or_a_spec_error(text: str) -> None:
    spec_or_spec_error(text)


@settings(derandomize=True, max_examples=1000)
@given(mutated())
def test_a_thousand_mutated_specs(text: str) -> None:
    spec_or_spec_error(text)


def spec_or_spec_error(text: str) -> None:
    found: Spec | SpecError
    try:
        found = loads(text, file=str(ROOT / "specs" / "spec.yaml"))  # where what it includes is
    except SpecError as error:
        found = error
    if isinstance(found, SpecError):
        assert found.problems
        assert all(problem.message and problem.line >= 1 and problem.column >= 1 for problem in found.problems)


def test_an_error_of_any_kind_while_reading_a_spec_names_the_spec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "a.yaml"
    spec.write_text("name: a\ninput: [3]\nlayers: [relu]\n", encoding="utf-8")
    monkeypatch.setattr("costlens.spec.family.compose", lambda *_, **__: None + 1)  # type: ignore[operator]
    with pytest.raises(UsageError, match=r"a\.yaml: cannot be read for an internal error, please report: TypeError: "):
        load(spec)
