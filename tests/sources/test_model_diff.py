"""``costlens diff`` over model files: which differ between two states of a repository, and what of Git LFS."""

import hashlib
from pathlib import Path

import pytest

from costlens.results.diff import Diff, SpecDiff
from tests.cases.onnx_cases import node, save, weight
from tests.cases.tflite_files import Op, T, net, w, x
from tests.fakes.command_line import Run
from tests.fakes.git_repository import commit, git


def onnx(path: Path, filters: int) -> bytes:
    path.parent.mkdir(exist_ok=True)
    nodes = [node("Conv", ["x", "w"], ["y"], name="stem", pads=[1] * 4)]
    return save(path, nodes, {"x": [1, 3, 8, 8]}, [weight("w", filters, 3, 3, 3)]).read_bytes()


def tflite(path: Path, filters: int) -> bytes:
    path.parent.mkdir(exist_ok=True)
    tensors = [x(1, 8, 8, 3), w("w", filters, 3, 3, 3), w("b", filters), T("y", (1, 6, 6, filters))]
    options = {"padding": 1, "strideW": 1, "strideH": 1}
    return net(path, tensors, Op("CONV_2D", ["x", "w", "b"], ["y"], options)).read_bytes()


def pointer(content: bytes) -> str:
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(content).hexdigest()}\nsize 1\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a repository of two model files, one that is moved, and one that Git LFS keeps elsewhere."""
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    git(root, "init", "--template=", "--quiet", "--initial-branch=main")
    onnx(root / "nets" / "a.onnx", 4)
    onnx(root / "nets" / "old.onnx", 5)
    tflite(root / "nets" / "b.tflite", 4)
    held = onnx(root / "nets" / "held.onnx", 6)
    commit(root, {"nets/held.onnx": pointer(held), "nets/.hidden.onnx": "", "nets/notes.txt": "none"})
    (root / "nets" / "held.onnx").write_bytes(held)
    return root


def told(run: Run, *words: str) -> dict[str, SpecDiff]:
    done = run("diff", "--base", "main", *words, "--format", "json")
    assert done.returncode == 0, done.stderr
    return {one.path: one for one in Diff.from_json(done.stdout).specs}


def delta(one: SpecDiff, figure: str) -> int | None:
    total = one.total(figure)
    assert total is not None
    return total.delta


def test_files_that_differ_are_compared_layer_by_layer(place: Path, run: Run) -> None:
    assert told(run, "nets") == {}  # a pointer is the file that it names
    onnx(place / "nets" / "a.onnx", 6)
    tflite(place / "nets" / "b.tflite", 5)
    (place / "nets" / "old.onnx").rename(place / "nets" / "new.onnx")
    found = told(run, "nets")
    assert [*found] == ["nets/a.onnx", "nets/b.tflite", "nets/new.onnx"]
    changed, other, moved = found.values()
    assert (delta(changed, "macs"), delta(changed, "deployed_params")) == (2 * 27 * 64, 2 * 27)
    assert (changed.params_of, changed.changes[0].params.delta, changed.changes[0].params_share) == (
        "deployed_params", 2 * 27, 1.0,
    )  # fmt: skip
    assert (delta(other, "macs"), delta(other, "deployed_params")) == (27 * 36, 27 + 1)
    assert (moved.was, moved.standing) == ("nets/old.onnx", "same_cost")
    shown = " ".join(run("diff", "--base", "main", "nets", "--why").stdout.split())
    assert "3 models differ from main: 2 changed, 1 of the same cost; 1 is the same." in shown
    assert "Parameters are those that are deployed: a model file has BatchNorm folded already." in shown
    assert "unsure" not in shown
    assert [*told(run, "nets/*.tflite")] == ["nets/b.tflite"]
    assert [*told(run, "nets/a.onnx")] == ["nets/a.onnx"]


def test_a_pointer_that_names_another_file_is_named(place: Path, run: Run) -> None:
    onnx(place / "nets" / "held.onnx", 7)
    (one,) = told(run, "nets").values()
    assert one.standing == "base_broken"
    assert one.base_problem == (
        "main:nets/held.onnx: is a Git LFS pointer, not the file; check main out, and name the file"
    )
    (place / "nets" / "held.onnx").write_text(pointer(b"another"))
    done = run("diff", "--base", "main", "nets")
    assert done.returncode == 2
    assert "nets/held.onnx: is a Git LFS pointer, not the file; get it with: git lfs pull" in done.stderr


def test_new_and_gone_files_are_told(place: Path, run: Run) -> None:
    onnx(place / "nets" / "more.onnx", 9)
    (place / "nets" / "b.tflite").unlink()
    found = told(run, ".")
    assert {path: one.standing for path, one in found.items()} == {
        "nets/b.tflite": "deleted", "nets/more.onnx": "added",
    }  # fmt: skip
    done = run("diff", "--base", "main", "nothing")
    assert (done.returncode, "nothing: no spec (*.yaml) and no model file there" in done.stderr) == (2, True)


def test_a_project_s_sizes_are_of_both_sides(place: Path, run: Run) -> None:
    def free(filters: int) -> None:
        nodes = [node("Conv", ["x", "w"], ["y"], name="stem", pads=[1] * 4)]
        save(place / "nets" / "a.onnx", nodes, {"x": [1, 3, "H", 8]}, [weight("w", filters, 3, 3, 3)])

    free(4)
    commit(place, {}, "free")
    free(6)
    (one,) = (one for path, one in told(run, "nets").items() if path == "nets/a.onnx")
    assert delta(one, "macs") is None
    assert one.base_uncounted == ("MACs = 864·H; give the axes sizes: ?NAME=SIZE",)
    (place / "pyproject.toml").write_text('[tool.costlens.sizes]\n"nets/a.onnx" = {H = 10}\n')
    (one,) = (one for path, one in told(run, "nets").items() if path == "nets/a.onnx")
    assert delta(one, "macs") == 2 * 27 * 80
