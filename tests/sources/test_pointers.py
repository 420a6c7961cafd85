"""A file that Git LFS keeps elsewhere is named as such, whatever its kind, on disk and in a commit."""

from pathlib import Path

import pytest

from costlens.errors import UsageError
from costlens.sources._source import Asked
from costlens.sources.find import models
from tests.fakes.git_repository import commit, git

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9\nsize 12345\n"


@pytest.mark.parametrize("name", ["net.onnx", "net.tflite", "net.keras"])
@pytest.mark.parametrize("revision", ["", "HEAD:"])
def test_a_pointer_is_not_the_file(name: str, revision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "--template=", "--quiet")
    commit(tmp_path, {name: POINTER})
    remedy = "check HEAD out, and name the file" if revision else "get it with: git lfs pull"
    with pytest.raises(UsageError, match=rf"{name}: is a Git LFS pointer, not the file; {remedy}"):
        models([f"{revision}{name}"], Asked())
