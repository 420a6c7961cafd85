"""The folder of reports: each written whole, with an index of all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from costlens.errors import UsageError
from costlens.formats import text_format
from costlens.results.report import Report, report_from_json
from costlens.storage.files import write_whole

INDEX = "README.md"
INDEX_MARK = "<!-- written by costlens report -->"


def folder_name(report: Report, settings: Mapping[str, object]) -> str:
    """Return the folder of a report: the spec's name, and the knobs where some were set."""
    set_ = "-".join(f"{name}={value}" for name, value in sorted(settings.items()))
    return re.sub(r"[^A-Za-z0-9._=-]", "_", f"{report.name}-{set_}" if set_ else report.name)


def write(report: Report, output: Path, settings: Mapping[str, object]) -> Path:
    """Write ``report.json`` and ``report.md`` in the report's folder, renew the index and return the folder."""
    folder = output / folder_name(report, settings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("json", "markdown"):
            chosen = text_format(name)
            write_whole(folder / f"report{chosen.suffix}", chosen.render(report))
        write_index(output)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}; choose another folder with -o") from error
    return folder


def prepare(output: Path, names: Sequence[str]) -> None:
    """Make the folder of reports before the work for them is done; UsageError where that or two names would fail."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UsageError(f"{twice[0]}: two specs of this name would write one report; rename one, or run them apart")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{output}: cannot be made: {error.strerror}; choose another folder with -o") from error


def read(folder: Path) -> dict[str, Report]:
    """Read the reports of a folder by the name of theirs; one that another version wrote is left out."""
    reports = {}
    for path in sorted(folder.glob("*/report.json")):
        with suppress(UsageError, UnicodeDecodeError):
            reports[path.parent.name] = report_from_json(path.read_text(encoding="utf-8"))
    return reports


def report_at(path: Path) -> Report:
    """Read one ``report.json``; UsageError where it is none, or another version's."""
    try:
        return report_from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; name a report.json, or the folder that holds one") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except UsageError as error:
        raise UsageError(f"{path}: {str(error).removeprefix('report.json: ')}") from None


def write_index(folder: Path) -> None:
    """Write the index of a folder's reports, unless a README that is none of ours stands there."""
    target = folder / INDEX
    if target.exists() and not target.read_text(encoding="utf-8").startswith(INDEX_MARK):
        return
    from costlens.formats.markdown import index

    write_whole(target, f"{INDEX_MARK}\n{index(read(folder))}")
