"""The Markdown of one pull-request comment, kept in a file: each command owns a section and replaces only its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from costlens.arithmetic.units import plural
from costlens.errors import UsageError
from costlens.formats import markdown
from costlens.results.page import Page
from costlens.storage.files import write_whole

MARKER = "<!-- costlens -->"
"""How the file begins: by it the comment that is to be updated is found."""
LIMIT = 65_536
"""GitHub's, in characters."""
SECTION_LIMIT = 30_000
"""Of one section, so that those of check and of diff fit together."""
_SECTION = re.compile(r"^<!-- costlens:([a-z]+) -->\n(.*?)\n<!-- /costlens:\1 -->$", re.DOTALL | re.MULTILINE)


def include(path: Path, section: str, page: Page) -> None:
    """Put a page as a section into the file, in place of the section of its name; the others stay as they are.

    Folded details are left out, the last first, where they do not fit, and the section says so. The same sections make
    the same file, whichever was written first. UsageError where the file is something else than such a comment, or
    cannot be written.
    """
    sections = _read(path)
    others = sum(len(_framed(name, text)) for name, text in sections.items() if name != section)
    room = min(SECTION_LIMIT, LIMIT - others - len(MARKER) - 1) - len(_framed(section, ""))
    sections[section] = _fitting(markdown.parts(page), room)
    text = f"{MARKER}\n" + "".join(_framed(name, text) for name, text in sorted(sections.items()))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"--comment {path}: cannot be written: {reason}; choose another file") from error


def _read(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"--comment {path}: cannot be read: {reason}; choose another file") from None
    if text.strip() and not text.startswith(MARKER):
        raise UsageError(f"--comment {path}: is no comment of costlens, and is kept; choose another file")
    return dict(_SECTION.findall(text))


def _framed(section: str, text: str) -> str:
    """Put markers round a section; the blank line ends what is folded before it."""
    return f"<!-- costlens:{section} -->\n{text}\n<!-- /costlens:{section} -->\n"


def _fitting(parts: Sequence[tuple[bool, str]], room: int) -> str:
    """Return the parts of a page with as many of its details as there is room for."""
    details = [place for place, (detail, _) in enumerate(parts) if detail]
    for kept in range(len(details), -1, -1):
        gone, missing = set(details[kept:]), len(details) - kept
        shown = [part for place, (_, part) in enumerate(parts) if place not in gone]
        note = [f"*{plural(missing, 'detail')} left out: a comment holds {LIMIT:,} characters.*"] if missing else []
        text = "\n\n".join([*shown, *note]) + "\n"
        if len(text) <= room:
            return text
    end = f"*Cut: a comment holds {LIMIT:,} characters.*"
    lines = "\n\n".join(shown)[: max(0, room - len(end) - 3)].rpartition("\n")[0]
    return f"{lines}\n\n{end}\n"
