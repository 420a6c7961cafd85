"""The arena of a file in TensorFlow Lite Micro, as its interpreter tells it, and in LiteRT."""

from pathlib import Path

import pytest

from costlens.arithmetic import arena
from costlens.bench.litert_arena import litert_arena
from costlens.bench.micro import allocated
from costlens.errors import BenchError, RuntimeUnavailable
from costlens.readers.tflite import arena_tensors
from costlens.runtimes import _micro
from tests.cases.tflite_files import Op, T, net, w, x

pytestmark = [
    pytest.mark.process, pytest.mark.onnx,
    pytest.mark.skipif(not _micro.is_installed(), reason="TensorFlow Lite Micro has wheels for one platform only"),
]  # fmt: skip
DENSE = [x(1, 40), w("w", 64, 40), w("v", 8, 64), T("a", (1, 64)), T("b", (1, 64)), T("y", (1, 8))]


@pytest.fixture
def dense(tmp_path: Path) -> Path:
    return net(tmp_path / "net.tflite", DENSE, Op("FULLY_CONNECTED", ["x", "w"], ["a"]), Op("TANH", ["a"], ["b"]),
               Op("FULLY_CONNECTED", ["b", "v"], ["y"]))  # fmt: skip


def test_what_is_planned_is_what_is_allocated(dense: Path) -> None:
    planned, found = arena.plan(arena_tensors(dense)), allocated(dense)
    assert planned.bytes == found.activations == 4 * (64 + 64)
    assert found.persistent > 0
    assert {kind.name for kind in found.kinds} >= {"Persistent buffer data", "NodeAndRegistration struct"}
    assert all(kind.used >= kind.requested for kind in found.kinds)
    assert found.total == found.activations + found.persistent
    assert found.version == _micro.version()
    assert litert_arena(dense) >= planned.peak - 4 * 64  # TANH may write over what it reads


def test_an_interpreter_says_why_it_cannot_run_a_file(tmp_path: Path) -> None:
    path = net(tmp_path / "net.tflite", [x(1, 4), T("y", (1, 4))], Op("GELU", ["x"], ["y"]))
    with pytest.raises(BenchError, match=r"TensorFlow Lite Micro cannot run it: .*Didn't find op for builtin .*'GELU'"):
        allocated(path)


def test_a_package_that_is_missing_is_named_with_what_installs_it(dense: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_micro, "is_installed", lambda: False)
    with pytest.raises(RuntimeUnavailable, match=r'needs tflite-micro, .* pip install "costlens-nn\[micro\]"'):
        allocated(dense)


def test_the_compiled_library_has_the_operators_that_were_found_by_trying() -> None:
    from costlens.spec.target import operators_of

    assert operators_of("tflite-micro") <= set(_micro.operators())
