"""A package that is not installed is an error with its remedy and exit code 5, whichever command needs it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT, SPECS

WITHOUT = """
import sys
sys.modules[{package!r}] = None
from costlens.__main__ import main
sys.argv = ["costlens", *{arguments!r}]
main()
"""
SPEC = str(SPECS / "separable_example.yaml")
NEEDED = [
    ("rich", ("count", SPEC), ""),
    ("google.protobuf", ("compare", "net.onnx", SPEC), ""),
    ("google.protobuf", ("bench", "net.onnx", "--quick"), ""),
    ("google.protobuf", ("profile", "net.onnx"), ""),
    ("numpy", ("bench", "net.onnx", "--quick"), "onnx"),
    ("onnxruntime", ("machine", "--measure"), "onnx"),
    ("tensorflow", ("export", SPEC, "-o", "net2.onnx"), "keras"),
    ("tensorflow", ("verify", SPEC), "keras"),
    ("tensorflow", ("count", "net.keras"), "keras"),
    ("keras", ("report", SPEC, "--no-bench"), "keras"),
    ("tf2onnx", ("bench", SPEC, "--quick"), "keras"),
    ("jinja2", ("count", SPEC, "--format", "html"), ""),
    ("graphlay", ("count", SPEC, "--format", "html"), ""),
    ("matplotlib", ("plot", SPEC, "--chart", "memory", "-o", "memory.png"), "plot"),
    ("scipy", ("advise", SPEC, "--budget", "macs=-1%"), "advise"),
    ("ai_edge_litert", ("bench", SPEC, "--runtime", "litert"), "litert"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from onnx import TensorProto, helper, save

    shape = [1, 4]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "net", values[:1], values[1:])
    folder = tmp_path_factory.mktemp("without")
    opset = [helper.make_opsetid("", 18)]
    save(helper.make_model(graph, opset_imports=opset, ir_version=8), folder / "net.onnx")
    (folder / "net.keras").touch()
    return folder


@pytest.mark.parametrize(
    ("package", "arguments", "extra"), NEEDED, ids=[f"{package}-{words[0]}" for package, words, _ in NEEDED]
)
def test_a_missing_package_is_named_with_its_remedy(
    package: str, arguments: tuple[str, ...], extra: str, place: Path
) -> None:
    code = WITHOUT.format(package=package, arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=False,
        env={"PATH": "", "HOME": str(place), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    assert package.rpartition(".")[2].replace("_", "-") in done.stderr
    line = f'pip install "costlens-nn[{extra}]"' if extra else "pip install costlens-nn\n"
    assert f"install it with: {line}" in f"{done.stderr}\n"
    assert "mistake" not in done.stderr


def test_rows_need_pandas_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import costlens

    counted = costlens.load(SPEC).count()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(costlens.CostlensError, match=r"pandas is not installed; install it with: .*nn\[pandas\]"):
        counted.to_pandas()
