"""The Markdown of a pull-request comment in a file: each command owns one section, and replaces only that one."""

import re
from collections.abc import Sequence
from pathlib import Path

from costlens.arithmetic.units import plural
from costlens.errors import UsageError
from costlens.formats import markdown
from costlens.results.page import Page
from costlens.storage.files import reason, require_room, write_whole
from costlens.storage.lock import alone

MARKER = "<!-- costlens -->"
"""The first line of the file, by which the comment to update is found."""
LIMIT = 65_536
"""The longest comment that GitHub takes, in characters."""
SECTION_LIMIT = 30_000
"""The longest section, so that those of check and of diff fit together."""
_SECTION = re.compile(r"^<!-- costlens:([a-z]+) -->\n(.*?)\n<!-- /costlens:\1 -->$", re.DOTALL | re.MULTILINE)


def include(path: Path, section: str, page: Page) -> None:
    """Put a page as a section into the file, in place of the section of its name; the others stay as they are.

    Where the page does not fit, its last folded details are left out and a line gives their number. The same sections
    make the same file in any order, also where several processes write at once. UsageError where the file is not such a
    comment, or cannot be written.
    """
    try:
        with alone(path.parent):
            write_whole(path, _with(_read(path), section, page))
    except OSError as error:
        why = reason(error).lower()
        raise UsageError(f"--comment {path}: cannot be written: {why}; choose another file") from error


def require(path: Path) -> None:
    """Try to write the file before the work for it is done; UsageError where that fails, or where it is no comment."""
    _read(path)
    require_room(path, "--comment")


def _with(sections: dict[str, str], section: str, page: Page) -> str:
    others = {name: text for name, text in sections.items() if name != section}
    taken = len(MARKER) + 1 + sum(len(_framed(name, text)) for name, text in others.items())
    room = min(SECTION_LIMIT, LIMIT - taken) - len(_framed(section, ""))
    whole = {**others, section: _fitting(markdown.parts(page), room)}
    return f"{MARKER}\n" + "".join(_framed(name, text) for name, text in sorted(whole.items()))


def _read(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error).lower() if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"--comment {path}: cannot be read: {why}; choose another file") from None
    if text.strip() and not text.startswith(MARKER):
        raise UsageError(f"--comment {path}: is not a comment of costlens, so it is left alone; choose another file")
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
