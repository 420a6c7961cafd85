"""The folder of reports: each written whole, with an index of all."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from costlens.errors import UsageError
from costlens.formats import csv, format_named, markdown
from costlens.formats.pages.report import page
from costlens.formats.pages.reports import index
from costlens.formats.pictures import report as picture
from costlens.results.report import Report
from costlens.sources.report import STEM, read
from costlens.storage.files import keep, require_room, write_whole

FORMATS = ("html", "markdown", "json")
LAYERS, PICTURE = "layers.csv", f"{STEM}.svg"
INDEX = "README.md"
INDEX_MARK = "<!-- written by costlens report -->"


def folder_name(name: str, settings: Mapping[str, object]) -> str:
    """Return the folder of a report: the spec's name and its knobs, escaped as in a URL where a name may not hold them.

    Different settings have different folders.

    >>> folder_name("net", {"note": "a/b", "alpha": 0.5})
    'net-alpha=0.5-note=a%2Fb'
    """
    knobs = (f"{knob}={quote(str(value), safe='')}" for knob, value in sorted(settings.items()))
    return "-".join((quote(name, safe=""), *knobs))


def texts(report: Report) -> dict[str, str]:
    """Return the files of a report by name; RuntimeUnavailable without what draws or writes one of them."""
    drawn = picture.svg(report)
    whole = page(report, picture=PICTURE if drawn else "", layers=LAYERS)
    written = {f"{STEM}{chosen.suffix}": chosen.render(whole) for chosen in map(format_named, FORMATS)}
    return {**written, LAYERS: csv.render(whole), **({PICTURE: drawn} if drawn else {})}


def write(report: Report, output: Path, settings: Mapping[str, object]) -> Path:
    """Write the files of ``report`` in its folder, renew the index and return the folder.

    All are written or none. UsageError where that fails; it says where the report is kept instead.
    """
    folder = output / folder_name(report.name, settings)
    files = {folder / name: text for name, text in texts(report).items()}
    keep(files, output, lambda: _write_index(output))
    return folder


def prepare(output: Path, folders: Sequence[str]) -> None:
    """Try to write a file in the folder of each report; UsageError where that fails, or where two share a folder."""
    twice = [name for name, count in Counter(folders).items() if count > 1]
    if twice:
        remedy = "rename one of the specs, set a knob of one (a.yaml?knob=value), or run them apart"
        raise UsageError(f"{twice[0]}: two reports would be written there; {remedy}")
    for name in folders:
        require_room(output / name / f"{STEM}.json")


def _write_index(folder: Path) -> None:
    """Write the index of a folder's reports, unless something else of that name is there."""
    target = folder / INDEX
    if not os.path.lexists(target) or (target.is_file() and target.read_bytes().startswith(INDEX_MARK.encode())):
        write_whole(target, f"{INDEX_MARK}\n{markdown.render(index(read(folder)))}")
