"""A report: its counts, and its times where they were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from costlens.errors import UsageError, did_you_mean
from costlens.results.counts import AS_WRITTEN, ModelCount
from costlens.sources._source import ALL, Asked, Model, Source
from costlens.sources._word import Word

if TYPE_CHECKING:
    from costlens.results.report import Report

STEM = "report"
_REPORT_BYTES = 2**28
_TIMES_ALONE = '"costlens.latency/'


def read(folder: Path) -> dict[str, Report]:
    """Return the reports in a folder by the names of their subfolders; other files are left out."""
    reports = {}
    for path in sorted(folder.glob(f"*/{STEM}.json")):
        with suppress(OSError, UsageError):
            if path.is_file():  # a pipe would be waited for
                reports[path.parent.name] = report_at(path)
    return reports


def report_at(path: Path) -> Report:
    """Read one ``report.json``; UsageError where it is not one, or is of another version."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; name a report.json, or the folder that holds one") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return _parsed(text, str(path))


def _parsed(text: str, name: str) -> Report:
    from costlens.results.report import Report  # the types of measurements, which a count does not need

    if _TIMES_ALONE in text[:200]:
        raise UsageError(f"{name}: holds times alone; keep a run that can be compared with costlens bench -o run.json")
    try:
        return Report.from_json(text, what="report.json")
    except UsageError as error:
        raise UsageError(f"{name}: {str(error).removeprefix('report.json: ')}") from None


class ReportSource(Source):
    """A report that was written earlier."""

    what = "a report (report.json)"
    suffixes = (".json",)
    rank = 1
    has_variants = True
    lacks: ClassVar[Mapping[str, str]] = {
        "graph": "a report holds no graph to build; name its spec",
        "file": "a report holds no file to run; name its spec",
    }

    def inside(self, folder: Path) -> list[Path]:
        """Return a folder's own report, else those of the folders in it."""
        own = folder / f"{STEM}.json"
        return [own] if own.is_file() else sorted(folder.glob(f"*/{STEM}.json"))

    def models(self, word: Word, asked: Asked, *, variants: tuple[str, ...]) -> list[Model]:
        """Return a report's variants, as they were counted; UsageError where it holds none, or lacks one."""
        report = _report(word)
        files = {file.variant: file.bytes for file in report.files}
        wrong = {ledger.variant for ledger in report.ledgers if not ledger.ok}
        return [
            Model(
                label=count.variant,
                word=word,
                origin="report",
                count=count,
                knobs=report.knobs,
                file_bytes=files.get(count.variant),
                stored=report.latency,
                disagreement="its report says that its verification FAILED" if count.variant in wrong else "",
                link=report.source,
            )
            for count in _chosen(report, word.name, variants, named=bool(asked.variants))
        ]


def _report(word: Word) -> Report:
    if word.tree is None:
        return report_at(word.path)
    try:
        text = word.tree.read(word.path.as_posix(), _REPORT_BYTES).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{word.name}: is not a report: it is not UTF-8") from None
    return _parsed(text, word.name)


def _chosen(report: Report, name: str, variants: Sequence[str], *, named: bool) -> list[ModelCount]:
    if not report.counts:
        raise UsageError(f"{name}: holds no counts; write the report again")
    by_name = {word: count for count in report.counts for word in (count.variant, *count.also)}
    if ALL in variants:
        return list(report.counts)
    if not named:
        return [by_name.get(AS_WRITTEN, report.counts[0])]
    for word in variants:
        if word not in by_name:
            hint = did_you_mean(word, by_name)
            raise UsageError(f"{name}: holds no variant {word}{hint}; it holds {', '.join(by_name)}")
    return list({by_name[word].variant: by_name[word] for word in variants}.values())
