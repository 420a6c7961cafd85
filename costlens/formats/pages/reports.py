"""Reports beside each other: the index of a folder, and one line a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costlens.formats.pages import count
from costlens.formats.pages.report import time_of
from costlens.results.columns import COUNT, MS, NAMES, RATIO, Column
from costlens.results.counts import AS_WRITTEN, ModelCount
from costlens.results.latency import Latency
from costlens.results.page import Block, Heading, Mark, Page, Records, Say, Table
from costlens.results.report import Report


@dataclass(frozen=True, slots=True)
class _Indexed:
    """A variant of a report in a folder of that name."""

    folder: str
    model: ModelCount
    time: Latency | None


_INDEX: tuple[Column[_Indexed], ...] = (
    Column("network", "network", value=lambda row: Mark(row.folder, "", f"{row.folder}/report.md")),
    Column("variant", "variant", NAMES, lambda row: count.names(row.model)),
    Column("params", "parameters", COUNT, "model.totals.params"),
    Column("macs", "MACs", COUNT, "model.totals.macs"),
    Column("macs_to_standard", "÷ standard", RATIO, "model.macs_to_standard"),
    Column("median_ms", "median time", MS, "time.median_ms"),
)


def index(reports: Mapping[str, Report]) -> Page:
    """Return the index of a folder of reports: one line a network, then what every variant costs and how long it takes.

    Where there are no variants, as of model files, the second is all.
    """
    rows = [
        _Indexed(folder, model, time_of(report, model)[0])
        for folder, report in reports.items()
        for model in report.counts
    ]
    of_kinds = _of_kinds(reports)
    kinds: list[Block] = [Say(_KINDS), Table(of_kinds, [*reports]), Heading("Every variant")]
    blocks: list[Block] = [
        *(kinds if len(of_kinds) > _NAMING else []),
        Table(_INDEX, rows),
        Say("Time is the median on the machine its report names; compare it within one report only."),
    ]
    return Page("Reports", blocks, level=1, records=Records.of(Table(_INDEX, rows)))


_NAMING = 4
_KINDS = (
    "The columns of kinds are the MACs if every convolution were of that kind, relative to the network with standard "
    "convolutions: 0.157× is 6.4 times fewer. Blank means that the network has no such variant."
)


def _of_kinds(reports: Mapping[str, Report]) -> Sequence[Column[str]]:
    """Return the columns of a line a network: its cost as written, and the MACs of every kind ÷ the standard kind's."""
    named = {
        folder: {name: model for model in report.counts for name in (model.variant, *model.also) if name}
        for folder, report in reports.items()
    }
    kinds = dict.fromkeys(name for models in named.values() for name in sorted(models))

    def written(folder: str) -> ModelCount:
        return named[folder].get(AS_WRITTEN, reports[folder].counts[0])

    def kind(name: str) -> Column[str]:
        return Column(name, name, RATIO, lambda folder: getattr(named[folder].get(name), "macs_to_standard", None))

    def written_as(folder: str) -> str:
        model = written(folder)
        return ", ".join(name for name in (model.variant, *model.also) if name and name != AS_WRITTEN)

    return (
        Column("network", "network", value=lambda folder: Mark(folder, "", f"{folder}/report.md")),
        Column("params", "parameters", COUNT, lambda folder: written(folder).totals.params),
        Column("macs", "MACs", COUNT, lambda folder: written(folder).totals.macs),
        Column("kind", "written as", value=lambda folder: written_as(folder) or "mixed"),
        *(kind(name) for name in kinds if name not in (AS_WRITTEN, "standard")),
    )
