"""The Markdown of a pull-request comment in a file: each command owns one section, and replaces only that one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from costlens.arithmetic.units import plural
from costlens.errors import UsageError
from costlens.storage.files import reason, write_whole
from costlens.storage.lock import alone

MARKER = "<!-- costlens -->"
"""The first line of the file, by which the comment to update is found."""
LIMIT = 65_536
"""The longest comment that GitHub takes, in characters."""
SECTION_LIMIT = 30_000
"""The longest section, so that those of check and of diff fit together."""
_SECTION = re.compile(r"^<!-- costlens:([a-z]+) -->\n(.*?)\n<!-- /costlens:\1 -->$", re.DOTALL | re.MULTILINE)


def include(path: Path, section: str, totals: str, details: Sequence[str] = ()) -> None:
    """Put a section of Markdown into the file, in place of the one of its name; the others stay as they are.

    ``details`` are blocks after ``totals``. Where they do not fit, the last are left out and a line gives their number.
    The same sections make the same file in any order, also where several processes write at once. UsageError where
    the file is not such a comment, or cannot be written.
    """
    try:
        with alone(path.parent):
            write_whole(path, _with(_read(path), section, totals, details))
    except OSError as error:
        why = reason(error).lower()
        raise UsageError(f"--comment {path}: cannot be written: {why}; choose another file") from error


def _with(sections: dict[str, str], section: str, totals: str, details: Sequence[str]) -> str:
    others = {name: text for name, text in sections.items() if name != section}
    taken = len(MARKER) + 1 + sum(len(_framed(name, text)) for name, text in others.items())
    room = min(SECTION_LIMIT, LIMIT - taken) - len(_framed(section, ""))
    whole = {**others, section: _fitting(totals, details, room)}
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


def _fitting(totals: str, details: Sequence[str], room: int) -> str:
    """Return totals and as many details as there is room for."""
    blocks = [totals.strip("\n"), *(block.strip("\n") for block in details)]
    whole = "\n\n".join(blocks) + "\n"
    if len(whole) <= room:
        return whole
    for kept in range(len(details) - 1, -1, -1):
        said = f"*{plural(len(details) - kept, 'detail')} left out: a comment holds {LIMIT:,} characters.*"
        text = "\n\n".join([*blocks[: kept + 1], said]) + "\n"
        if len(text) <= room:
            return text
    said = f"*Cut: a comment holds {LIMIT:,} characters.*"
    lines = blocks[0][: max(0, room - len(said) - 3)].rpartition("\n")[0]
    return f"{lines}\n\n{said}\n"
