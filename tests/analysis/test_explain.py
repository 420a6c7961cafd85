"""``costlens explain``: the arithmetic made visible, in text and Markdown, and what it cannot show."""

from fractions import Fraction
from itertools import product
from math import prod
from pathlib import Path

import pytest

from costlens.analysis.explain import convolution, network_layer
from costlens.network.count import count
from costlens.network.graph import Graph
from costlens.network.layers.conv import Conv
from costlens.network.variants import convolution_kind, kind_names, rewrite
from costlens.results.explanation import ConvolutionExplanation, Form
from tests.cases.counted import load
from tests.cases.networks import graph, layer, mixed, norm_relu, site
from tests.fakes.command_line import Run
from tests.places import ROOT

YAMNET = str(ROOT / "specs" / "yamnet.yaml")
EXAMPLE = ("explain", "conv", "--input", "8x8x3", "--kernel", "5x5", "--filters", "256")
FOLDER = ROOT / "reports" / "explain"


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def section(text: str, kind: str) -> list[str]:
    """Return the lines of one kind without what only makes them look like a table, the gaps as one space."""
    found = [" ".join(line.split()) for line in text.splitlines() if line.strip() and "─" not in line]
    start = max(i for i, line in enumerate(found) if line == kind)
    end = next((i for i in range(start + 1, len(found)) if found[i] in kind_names()), len(found))
    return [line for line in found[start:end] if line != "part kernels positions MACs"]


def form(explained: ConvolutionExplanation, kind: str) -> Form:
    (found,) = (form for form in explained.forms if form.kind == kind)
    return found


def test_the_worked_example(run: Run) -> None:
    done = run(*EXAMPLE)
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert lines(done.stdout)[:2] == [
        "5×5 convolution, 3 → 256 channels, on 8×8×3",
        "stride 1, padding same (zeros 2 before and 2 after), no bias; writes 8×8×256",
    ]
    assert section(done.stdout, "standard") == ["standard", "standard 5×5 5·5·3·256 = 19,200 8·8 1,228,800"]
    assert section(done.stdout, "separable") == [
        "separable",
        "depthwise 5×5 5·5·3 = 75 8·8 4,800",
        "pointwise 1×1 3·256 = 768 8·8 49,152",
        "sum 75 + 768 = 843 53,952",
        "22.78 times fewer MACs than standard: 53,952 ÷ 1,228,800 = 0.0439",
        "by the formula 1/N + 1/(K_h·K_w) = 1/256 + 1/(5·5) = 0.0439, the same",
    ]
    assert section(done.stdout, "factorized") == [
        "factorized",
        "1×5 1·5·3·256 = 3,840 8·8 245,760",
        "5×1 5·1·256·256 = 327,680 8·8 20,971,520",
        "sum 3,840 + 327,680 = 331,520 21,217,280",
        "17.27 times more MACs than standard: 21,217,280 ÷ 1,228,800 = 17.27",
        "by the formula 1/K_h + N/(K_w·M) = 1/5 + 256/(5·3) = 17.27, the same",
    ]
    assert section(done.stdout, "grouped") == ["grouped", "no such form: channels not divisible by 4"]


def test_what_lies_between_a_form_and_its_formula(run: Run) -> None:
    done = run("explain", "conv", "--input", "8x6x4", "--kernel", "3", "--filters", "16", "--stride", "2", "--bias")
    assert section(done.stdout, "factorized") == [
        "factorized",
        "1×3 1·3·4·16 = 192 8·3 4,608",
        "3×1 3·1·16·16 = 768 4·3 9,216",
        "sum 192 + 768 = 960 13,824",
        "with 32 biases 992 parameters",
        "2 times more MACs than standard: 13,824 ÷ 6,912 = 2",
        "by the formula 1/K_h + N/(K_w·M) = 1/3 + 16/(3·4) = 1.667 where H_in = D_h; here",
        "2,304 MACs more, with more rows in than out: the 1×K_w half runs on all H_in",
        "input rows: K_w·M·N·H_in·D_w",
    ]


def test_over_time(run: Run) -> None:
    done = run("explain", "conv", "--input", "101x40", "--kernel", "9", "--filters", "64", "--padding", "valid")
    assert lines(done.stdout)[0] == "9-tap convolution, 40 → 64 channels, on 101×40"
    assert section(done.stdout, "standard")[1] == "standard 9 9·40·64 = 23,040 93 2,142,720"
    assert section(done.stdout, "factorized")[1] == "no such form: one-dimensional kernel"


def test_padding_per_axis_as_a_spec_writes_it(run: Run) -> None:
    shared = ("explain", "conv", "--input", "8x6x4", "--kernel", "3", "--filters", "16", "--padding")
    assert "writes 6×6×16" in " ".join(run(*shared, "valid,same").stdout.split())
    assert run(*shared, "valid,same").stdout == run(*shared, "[valid, same]").stdout
    assert "writes 8×4×16" in " ".join(run(*shared, "[[2, 0], 0]").stdout.split())
    assert "writes 10×8×16" in " ".join(run(*shared, "2").stdout.split())


CONVOLUTIONS = [
    (Conv(filters=filters, kernel=kernel, stride=stride, padding=padding), (height, width, channels))
    for filters, kernel, stride, padding, (height, width), channels in product(
        (4, 12), (3, (5, 3)), (1, 2, (1, 2)), ("same", "valid", (3, 0)), ((9, 8), (5, 12)), (1, 8)
    )
]


def test_the_formula_and_what_is_beside_it_make_the_cost() -> None:
    for conv, shape in CONVOLUTIONS:
        explained = convolution(conv, shape)
        assert explained.standard_macs == conv.cost(shape).macs
        for each in explained.forms:
            if each.refusal:
                assert each.macs == 0
                continue
            by_formula = sum(Fraction(prod(term.above), prod(term.below)) for term in each.terms)
            assert by_formula * explained.standard_macs + each.beside == each.macs
            assert float(by_formula) == pytest.approx(each.predicted)
            assert each.beside_reason or each.beside <= 0, (conv, shape, each)
            assert each.parts[-1].output == explained.output


def test_a_site_costs_what_the_network_with_it_costs() -> None:
    net = graph(
        (12, 10, 4),
        site("stem", filters=8, kernel=3, fixed=True, tail=norm_relu()),
        site("wide", filters=8, kernel=[3, 5], stride=2, padding=["valid", 2], tail=norm_relu(scale=False)),
        ("pool", layer("global_avg_pool")),
        ("out", layer("dense", units=3)),
    )
    explained = network_layer(net, count(net), "wide")
    assert explained.site is not None
    shown = {each.kind: each for each in explained.site.alternatives}
    for kind in kind_names():
        totals = count(rewrite(net, kind)).totals
        assert (shown[kind].network_params, shown[kind].network_macs) == (totals.params, totals.macs), kind


def test_savings_of_all_sites_add_up_to_the_variant() -> None:
    net = load(YAMNET).graph
    written, standard = count(net).totals.macs, count(rewrite(net, "standard")).totals.macs
    gained = 0
    for name in (f"stage{i}" for i in range(1, 14)):
        found = network_layer(net, count(net), name).site
        assert found is not None
        (as_standard,) = (each for each in found.alternatives if each.kind == "standard")
        gained += as_standard.network_macs - written
    assert written + gained == standard == 595_518_464


def test_rows_say_what_the_count_says() -> None:
    net: Graph = mixed()
    counted = {row.name: row for row in count(net).rows}
    for name, row in counted.items():
        explained = network_layer(net, count(net), name)
        (shown,) = explained.rows
        assert shown.row == row
        assert [read.shape for read in shown.reads] == list(row.inputs)
        assert shown.writes.shape == row.output
        moved = 4 * sum(prod(tensor.shape) for tensor in (*shown.reads, shown.writes))
        assert moved == sum(tensor.bytes for tensor in (*shown.reads, shown.writes))
        assert moved + row.weight_bytes == row.traffic_bytes
    assert network_layer(net, count(net), "sum").rows[0].reads[0].name == "half.pointwise"


def test_a_layer_in_its_network(run: Run) -> None:
    done = run("explain", YAMNET, "--layer", "stage3")
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80
    shown = lines(done.stdout)
    assert shown[0] == "stage3 of YAMNet, one patch of 0.96 s, as-written"
    assert shown[2:13] == [
        "stage3.depthwise",
        "reads    stage2.pointwise 24×16×128, 192.0 KiB",
        "does     depthwise kernel: 3, bias: false",
        "window   3×3, stride 1, zeros 1 before and 1 after",
        "then     batch_norm scale: false, epsilon: 0.0001",
        "then     relu",
        "writes   stage3.depthwise 24×16×128, 192.0 KiB",
        "kernels  3·3·128 = 1,152, × 24·16",
        "costs    442,368 MACs (0.6% of the network's), 1,536 parameters (0.0%),",
        "         1,032,192 FLOPs",
        "moves    5.0 KiB weights + 384.0 KiB in and out = 389.0 KiB: 2.59 FLOP/byte",
    ]
    assert "stage3 in every kind: 3×3, 128 → 128, here separable" in shown
    words = [line.split() for line in shown]
    assert ["standard", "147,840", "56,623,104", "1", "3,880,905", "119,054,336"] in words
    assert ["separable", "18,304", "6,733,824", "0.119", "3,751,369", "69,165,056"] in words
    assert " ".join(shown[-2:]) == "Step by step: costlens explain conv --input 24x16x128 --kernel 3x3 --filters 128."


def test_one_row_of_a_convolution_or_one_of_its_nodes(run: Run) -> None:
    row = run("explain", YAMNET, "--layer", "stage3.pointwise").stdout
    assert "stage3.depthwise 24×16×128" in row
    assert "depthwise kernel: 3" not in row
    assert lines(row)[1:] == lines(run("explain", YAMNET, "--layer", "stage3.pointwise.norm").stdout)[1:]


def test_variants_and_knobs_of_the_network(run: Run) -> None:
    done = run("explain", YAMNET, "--layer", "stage3", "--variant", "standard", "--set", "classes=10")
    assert "here standard" in done.stdout
    assert "conv kernel: 3, filters: 128, bias: false" in done.stdout
    assert "594,995,200" in done.stdout  # 595,518,464 with 521 classes, and 511·1024 fewer


def test_a_fixed_convolution_and_layers_of_no_kind(run: Run) -> None:
    assert "It is fixed in the spec" in run("explain", YAMNET, "--layer", "stem").stdout
    assert "Only convolutions have other kinds" in run("explain", YAMNET, "--layer", "pool").stdout
    dense = run("explain", YAMNET, "--layer", "classifier").stdout
    assert "kernels  1024·521 = 533,504" in lines(dense)


def test_without_a_layer_the_costliest_are_listed(run: Run) -> None:
    done = run("explain", YAMNET)
    shown = lines(done.stdout)
    first = next(line.split() for line in shown if "stage3.pointwise" in line)
    assert first == ["stage3.pointwise", "conv", "16,768", "6,291,456", "9.1%"]
    assert " ".join(shown[-2:]).endswith(f"ask for one: costlens explain {YAMNET} --layer stage3.pointwise")
    assert "and 19 more" in done.stdout


def test_the_command_of_a_layer_explains_the_same_convolution(run: Run) -> None:
    shown = run("explain", YAMNET, "--layer", "stage2", "--format", "markdown").stdout
    words = shown.split("Step by step: `costlens ")[1].split("`")[0].split()
    assert " ".join(words) == "explain conv --input 48x32x64 --kernel 3x3 --filters 128 --stride 2"
    (row,) = (line for line in shown.splitlines() if line.startswith("| **separable** "))
    macs = row.split("|")[3].strip()
    assert section(run(*words).stdout, "separable")[3].split()[-1] == macs


def test_the_committed_example_is_current(run: Run, tmp_path: Path) -> None:
    picture = tmp_path / "separable_example.svg"
    done = run(*EXAMPLE, "--format", "markdown", "--picture", str(picture))
    stale = "stale: reports/explain/README.md says by which command it is written"
    assert done.stdout.encode() == (FOLDER / "README.md").read_bytes(), stale
    assert picture.read_bytes() == (FOLDER / picture.name).read_bytes(), stale


CONV = ("explain", "conv", "--input", "8x8x3", "--filters", "4", "--kernel")
MISTAKES = [
    (("explain",), ("MODEL|conv",)),
    (("explain", "conv"), ("--input, --kernel, --filters missing", "8x8x3")),
    (("explain", "conv", "--kernel", "3"), ("--input, --filters missing",)),
    (("explain", "conv", "--input", "8x8", "--kernel", "5x5", "--filters", "4"), ("5x5", "8x8 has 1", "HxWxC")),
    (("explain", "conv", "--input", "8x8x3x1", "--kernel", "5", "--filters", "4"), ("8x8x3x1", "HxWxC or TxC")),
    (("explain", "conv", "--input", "8x0x3", "--kernel", "5", "--filters", "4"), ("8x0x3", "at least 1")),
    (("explain", "conv", "--input", "8x8xq", "--kernel", "5", "--filters", "4"), ("8x8xq", "joined by x")),
    ((*CONV, "0"), ("--kernel 0", "at least 1")),
    ((*CONV, "-3"), ("-3",)),
    ((*CONV, "3x3x3"), ("3x3x3", "3 spatial axes", "has 2")),
    ((*CONV, "9", "--padding", "valid"), ("kernel 9 is larger than its padded input 8", "padding: same")),
    ((*CONV, "3", "--padding", "vaild"), ("--padding vaild", "same, valid")),
    ((*CONV, "3", "--padding", "["), ("--padding [", "same, valid")),
    ((*CONV, "3", "--stride", "0"), ("--stride 0", "at least 1")),
    ((*CONV, "3", "--groups", "2"), ("groups (=2)", "input channels (=3)")),
    ((*CONV, "3", "--groups", "0"), ("--groups",)),
    ((*CONV, "3", "--format", "markdwon"), ("csv", 'did you mean "markdown"')),
    ((*CONV, "3", "--picture", "x.png"), ("x.png", ".svg or .html")),
    ((*CONV, "3", "--picture", "/proc/nowhere/x.svg"), ("/proc/nowhere", "cannot be written")),
    (("explain", "conv", "--layer", "x"), ("--layer", "only for a spec")),
    ((*CONV, "3", "--variant", "standard", "--set", "a=1"), ("--variant, --set", "only for a spec")),
    (("explain", "cnov"), ("cnov", 'did you mean "conv"')),
    (("explain", "nothing.yaml"), ("nothing.yaml", "no such file")),
    (("explain", YAMNET, "--kernel", "3"), ("--kernel", "only for explain conv")),
    (("explain", YAMNET, "--layer", "stag3"), ("yamnet has no layer", 'did you mean "stage3"')),
    (("explain", YAMNET, "--layer", "qqq"), ("qqq", "without --layer they are listed")),
    (("explain", YAMNET, "--variant", "all"), ("--variant all", "one variant")),
    (("explain", YAMNET, "--variant", "seperable"), ('did you mean "separable"',)),
    (("explain", YAMNET, "--picture", "x.svg"), ("name a --layer",)),
    (("explain", YAMNET, "--layer", "pool", "--picture", "x.svg"), ("pool", "one form only")),
    (("explain", str(ROOT / "specs" / "resnet50.yaml"), "--layer", "stage2"), ("a block of", "name one: stage2.")),
    (("explain", str(ROOT / "specs" / "yamnet_full.yaml"), "--layer", "front_end"), ("section of 5", "one: stft,")),
]


@pytest.mark.parametrize(("arguments", "words"), MISTAKES)
def test_a_mistake_is_named(run: Run, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = run(*arguments)
    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    assert "Traceback" not in said
    assert all(word in said for word in words), said


@pytest.mark.parametrize("name", kind_names())
def test_every_kind_s_terms_are_its_formula_s(name: str) -> None:
    """A formula, read with the numbers its letters stand for, term by term."""
    conv, shape = Conv(filters=16, kernel=(3, 5)), (8, 8, 12)
    letters = {"K_h": 3, "K_w": 5, "M": 12, "N": 16, "g": 4}
    kind = convolution_kind(name)
    rule = kind.formula.partition(", where ")[0].replace("·", "*")
    read = [eval(term, {"__builtins__": {}}, letters) for term in rule.split(" + ")]
    assert [term.value for term in kind.terms(conv, shape)] == pytest.approx(read)
    assert form(convolution(conv, shape), name).predicted == pytest.approx(sum(read))
