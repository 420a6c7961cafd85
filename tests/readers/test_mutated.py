"""Random mistakes in ONNX files end in a count or in a message: no traceback, no abort, no limit passed, none wrong."""

from pathlib import Path
from random import Random

from tests.draw.mutated_models import drawn, seeds
from tests.fakes.judged_models import FAULTS, judged, judges

FILES = 500


def test_mutated_files_are_counted_or_refused(tmp_path: Path) -> None:
    count, run = judges()
    path, words, bad = tmp_path / "m.onnx", set(), []
    for number in range(FILES):
        name, content = drawn(Random(number), seeds())
        path.write_bytes(content)
        verdict = judged(path, count, run)
        words.add(verdict.word)
        bad += [(number, name, verdict)] if verdict.word in FAULTS else []
    count.close()
    run.close()
    assert bad == []
    assert words >= {"refused", "as run", "complete", "partial"}
