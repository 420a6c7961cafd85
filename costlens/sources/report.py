"""The folder of reports: each written whole, with an index of all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from costlens.errors import UsageError
from costlens.formats import text_format
from costlens.results.report import Report, report_from_json
from costlens.storage.files import keep, require_room, write_whole

INDEX = "README.md"
STEM = "report"
INDEX_MARK = "<!-- written by costlens report -->"


def folder_name(name: str, settings: Mapping[str, object]) -> str:
    """Return the folder of a report: the spec's name and its knobs, escaped as in a URL where a name may not hold them.

    Different settings have different folders.

    >>> folder_name("net", {"note": "a/b", "alpha": 0.5})
    'net-alpha=0.5-note=a%2Fb'
    """
    knobs = (f"{knob}={quote(str(value), safe='')}" for knob, value in sorted(settings.items()))
    return "-".join((quote(name, safe=""), *knobs))


def write(report: Report, output: Path, settings: Mapping[str, object]) -> Path:
    """Write ``report.json`` and ``report.md`` in the report's folder, renew the index and return the folder.

    Both are written or neither. UsageError where that fails; it says where the report is kept instead.
    """
    folder = output / folder_name(report.name, settings)
    formats = (text_format("json"), text_format("markdown"))
    texts = {folder / f"{STEM}{chosen.suffix}": chosen.render(report) for chosen in formats}
    keep(texts, output, lambda: _write_index(output))
    return folder


def prepare(output: Path, names: Sequence[str], settings: Mapping[str, object]) -> None:
    """Try to write a file where each report will be; UsageError where that fails, or where two specs share a name."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UsageError(f"{twice[0]}: two specs of this name would write one report; rename one, or run them apart")
    for name in names:
        require_room(output / folder_name(name, settings) / f"{STEM}.json")


def read(folder: Path) -> dict[str, Report]:
    """Return the reports of a folder by the names of their subfolders; what is not a report is left out."""
    reports = {}
    for path in sorted(folder.glob(f"*/{STEM}.json")):
        with suppress(OSError, UsageError, UnicodeDecodeError):
            if path.is_file():  # a pipe would be waited for
                reports[path.parent.name] = report_from_json(path.read_text(encoding="utf-8"))
    return reports


def report_at(path: Path) -> Report:
    """Read one ``report.json``; UsageError where it is something else, or another version's."""
    try:
        return report_from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; name a report.json, or the folder that holds one") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except UsageError as error:
        raise UsageError(f"{path}: {str(error).removeprefix('report.json: ')}") from None


def _write_index(folder: Path) -> None:
    """Write the index of a folder's reports, unless something else of that name is there."""
    from costlens.formats.markdown import index

    target = folder / INDEX
    if not os.path.lexists(target) or (target.is_file() and target.read_bytes().startswith(INDEX_MARK.encode())):
        write_whole(target, f"{INDEX_MARK}\n{index(read(folder))}")
