"""``costlens tables``: the papers' tables beside what the specs count; imports no framework."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from costlens.commands._cli import Argument, Option
from costlens.commands._output import TERMINAL, JudgingFormat, end, refused, write
from costlens.errors import ExpectationError, UsageError
from costlens.storage.files import write_whole
from costlens.tasks import _report_folder as report_folder
from costlens.tasks import tables

if TYPE_CHECKING:
    from costlens.results.published import PublishedDocument

FOLDER = Path("reports/published")


def command(
    paths: Annotated[
        list[Path] | None,
        Argument(help="Tables (YAML), or folders of them, whose index is written too.", show_default=str(FOLDER)),
    ] = None,
    check: Annotated[bool, Option("--check", help="Write nothing; exit 3 where a page is stale.")] = False,
    format: JudgingFormat = TERMINAL,  # noqa: A002  # the option's name
) -> None:
    """Compare published figures with the specs' counts and write the pages beside their YAML files.

    Exit 3 where a figure does not agree, or agrees though it is marked wrong.

    Example: costlens tables --check
    """
    from costlens.formats.pages import published
    from costlens.results.page import together

    stale: list[str] = []
    found: list[PublishedDocument] = []
    for path in paths or [FOLDER]:
        documents = [tables.tables(file) for file in _files(path)]
        texts = {Path(each.file).with_suffix(".md"): published.text(each) for each in documents}
        if path.is_dir():
            texts[path / report_folder.INDEX] = published.index_text(documents)
        for page, text in texts.items():
            if _stands(page, text, published.MARK):
                continue
            stale.append(f"{page}: stale; run costlens tables {path}")
            if not check:
                with refused(str(page)):
                    write_whole(page, text)
        found += documents
    write(together([published.page(document) for document in found], "Published tables"), format)
    end([*(failure for each in found for failure in each.failures), *map(ExpectationError, stale if check else ())])


def _files(path: Path) -> list[Path]:
    if not path.is_dir() and path.suffix != ".yaml":
        what = "expected" if path.exists() else "no such file or folder; expected"
        raise UsageError(f"{path}: {what} the YAML file of a table, or a folder of them")
    found = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not found:
        raise UsageError(f"{path}: no table (*.yaml) in this folder; name a folder that holds some")
    return found


def _stands(page: Path, text: str, mark: str) -> bool:
    """Say whether a page is there as it should be; UsageError where what is there was written by someone else."""
    try:
        there = page.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError):
        there = ""
    if not there.startswith(mark):
        raise UsageError(f"{page}: was not written by costlens tables; move it, or name the table otherwise")
    return there == text
