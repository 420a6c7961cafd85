"""``costlens docs``: the documentation, a page at a time."""

from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Argument, echo
from costlens.discovery import shipped_folder
from costlens.errors import UsageError, did_you_mean


def _pages() -> dict[str, Path]:
    """Return the pages by subject."""
    return {page.stem: page for page in sorted(shipped_folder("docs").glob("*.md"))}


def _title(page: Path) -> str:
    with page.open(encoding="utf-8") as lines:
        return next(lines, "").lstrip("# ").strip()


def command(
    subject: Annotated[
        str | None, Argument(help="What the page is about; a list of all without one.", words=tuple(_pages()))
    ] = None,
) -> None:
    """Print a page of the documentation.

    Example: costlens docs counting
    """
    pages = _pages()
    if subject is None:
        width = max(map(len, pages), default=0)
        for name, page in pages.items():
            echo(f"{name:<{width}}  {_title(page)}")
        return
    if subject not in pages:
        guess = did_you_mean(subject, [*pages]) or f"; there are {', '.join(pages)}"
        raise UsageError(f"{subject}: no such page{guess}")
    from rich.markdown import Markdown

    from costlens.commands._options import console

    console().print(Markdown(pages[subject].read_text(encoding="utf-8")))
